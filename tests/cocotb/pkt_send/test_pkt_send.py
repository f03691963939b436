# SPDX-License-Identifier: Apache-2.0
"""pkt_send: of each packet that is asked for its rows, from metadata to end, two an entry, with its record; one entry without rows when
none are sent."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter
from spec import CONSTS

VARIANTS = [{"Threads": 4, "TW": 2, "RW": 20}]
BEAT, META_MAX = CONSTS["BEAT_BYTES"], CONSTS["META_HOST"]
SENT = (2, 3, 4)


def lay(rng):
    """Where a packet lies: front of its metadata, start, end."""
    start = rng.choice([256, rng.randrange(40, 1500)])
    meta = rng.choice([0, 0, 4 * rng.randrange(1, 12)])
    if rng.chance(8):                   # a tick
        return start, start, start
    return max(start - meta, 0), start, min(start + rng.choice([14, 64, rng.randrange(14, 500)]), 2047)


def rows_of(p, report):
    """Numbers of the rows that are sent, [None] when there are none."""
    front, start, end = p["place"]
    if start == end or (not report and p["ret"] not in SENT):
        return [None]
    first = start // BEAT - (1 if front != start else 0)
    if front == start and start % BEAT and end - start // BEAT * BEAT <= 2 * BEAT:
        return [first, first + 1 & 31]
    count = -(-(end - start) // BEAT) + (1 if start % BEAT else 0) + (1 if front != start else 0)
    return [first + i & 31 for i in range(count)]


@cocotb.test()
async def sends(dut):
    tb = Bench(dut)
    threads = parameter(dut, "Threads")
    await tb.reset(start=0, target_we=0, done=0, request=0, pop=0)
    kinds = cover.cross("sent, report, metadata, within a row", [0, 1], [0, 1], [0, 1], [0, 1])
    pairs = cover.cross("an entry of two rows, first, last", [0, 1], [0, 1])
    waits, targets = cover.flags("waits for room"), cover.flags("has a target")
    packets, queue, entries = {}, [], []      # by thread; threads asked for; entries to come out, of one row or two
    # The next row; entries that were begun; whole ones.
    row, seen_report, due, begun, shown = 0, 0, None, 0, 0
    for n in range(clocks(6000)):
        if n % 300 == 0:
            slow, busy = tb.rng.choice([1, 2, 8]), tb.rng.choice([1, 4])
        inputs = {"start": 0, "target_we": 0, "done": 0, "request": 0}
        report = int(tb.rng.chance(3))
        free = [t for t in range(threads) if t not in packets]
        if free and tb.rng.chance(busy):
            thread = tb.rng.choice(free)
            packets[thread] = {"place": lay(tb.rng), "target": 0, "state": "runs", "ret": tb.rng.choice([0, 1, 2, 3, 4, 5]),
                               "record": tb.rng.getrandbits(20)}
            inputs.update(start=1, start_thread=thread)
        runs = [t for t, p in packets.items() if p["state"] == "runs" and t != inputs.get("start_thread")]
        if runs and tb.rng.chance(3):
            thread = tb.rng.choice(runs)
            packets[thread]["target"] = tb.rng.getrandbits(32)
            inputs.update(target_we=1, target_thread=thread, target=packets[thread]["target"])
            runs.remove(thread)
        if runs and tb.rng.chance(2):
            thread = tb.rng.choice(runs)
            packets[thread]["state"] = "ended"
            inputs.update(done=1, done_thread=thread, done_ret=packets[thread]["ret"], done_record=packets[thread]["record"])
        ended = [t for t, p in packets.items() if p["state"] == "ended" and t != inputs.get("done_thread")]
        asks = tb.rng.choice(ended) if ended and tb.rng.chance(2) else None
        if asks is not None:
            packets[asks]["state"] = "asked"
            inputs.update(request=1, request_thread=asks)
        pop = int(shown > 0 and tb.rng.chance(slow))
        head = queue[0] if queue else None
        if head is not None:
            inputs.update(zip(("front", "start_at", "end"), packets[head]["place"]))
        if due is not None:
            inputs["read_data"] = due[1]["data"]
        tb.set_all(report=report, pop=pop, **inputs)
        await tb.settle()
        tb.check("asked", sum(1 << t for t in queue))
        # The out fifo's head.
        tb.check("valid", int(shown > 0))
        if shown:
            p, e = entries[0]
            for name in ("first", "last", "report", "rows", "two", "len", "turn", "meta_len", "ret", "target", "record"):
                tb.check(name, e[name], f"of {p}")
            if e["rows"]:
                got = tb.get("data") & mask(512 * (1 + e["two"]))
                assert got == e["data"], f"clock {tb.clocks}: {got:#x}, not {e['data']:#x}, of {p}"
                if e["two"]:
                    pairs.hit((e["first"], e["last"]))
        made = None
        if head is not None:
            room = begun <= CONSTS["OUT_FIFO"] - 2
            tb.check("wait", int(not room))
            waits.hit(not room)
            p = packets[head]
            if row == 0 and room:
                seen_report = report
            if room:
                front, start, end = p["place"]
                rows = rows_of(p, seen_report)
                sent = rows[0] is not None
                tb.check("read_thread", head)
                if sent:
                    tb.check("read_row", rows[row])
                made = (p, {"first": int(row <= 1), "two": row % 2, "last": int(row == len(rows) - 1), "rows": int(sent), "len": end - start,
                            "report": seen_report if sent else 0, "turn": start % BEAT if sent else 0,
                            "meta_len": min(start - front, META_MAX) if sent else 0, "ret": p["ret"] if end > start else 1, "target": p["target"],
                            "record": p["record"], "data": tb.rng.getrandbits(512)})
                if row == 0:
                    kinds.hit((int(p["ret"] in SENT), seen_report, int(front != start), int(start % BEAT != 0)))
                    targets.hit(p["target"] != 0)
        else:
            tb.check("wait", 0)
        await tb.edge()
        await tb.settle()
        if pop:
            entries.pop(0)
            shown -= 1
            begun -= 1
        if due is not None:
            shown += due[1]["two"] or due[1]["last"]
            begun += not due[1]["two"]
        due = made
        if made:
            if row % 2:
                made[1]["low"] = entries.pop()[1]["data"]
            entries.append((made[0], dict(made[1], data=made[1]["data"] << 512 | made[1]["low"]) if row % 2 else made[1]))
            row += 1
            if made[1]["last"]:
                row = 0
                del packets[queue.pop(0)]
        if asks is not None:
            queue.append(asks)

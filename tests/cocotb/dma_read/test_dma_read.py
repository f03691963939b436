# SPDX-License-Identifier: Apache-2.0
"""dma_read: one request a clock, receive lines before transmit lines before frames; answers in order are known for what they were asked for."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Queues": 4, "Ports": 2}, {"Queues": 1, "Ports": 1}, {"Queues": 4, "Ports": 4, "Pending": 4}]
FIELDS = ["start", "bytes", "eop", "abort", "done", "promised", "csum"]


def request(rng, queues, ports):
    """A burst of a frame's rows, or a note."""
    start, size = rng.randrange(64), rng.choice([1, 64, rng.randrange(1, 1537)])
    note = rng.chance(4)
    return {"kind": "note" if note else "rows", "line": rng.getrandbits(58), "rows": 0 if note else (start + size + 63) // 64,
            "queue": rng.randrange(queues), "port": rng.randrange(ports), "start": start, "bytes": size, "eop": rng.randrange(2),
            "abort": rng.randrange(2) if note else 0, "done": rng.randrange(2), "promised": rng.randrange(25), "csum": rng.getrandbits(23)}


@cocotb.test()
async def reads(dut):
    tb = Bench(dut)
    queues, ports, most = parameter(dut, "Queues"), parameter(dut, "Ports"), parameter(dut, "Pending")
    answers = cover.cross("answer, bus error", ["rx", "tx", "rows"], [False, True])
    notes = cover.point("note", ["abort", "skip"])
    levels = cover.point("under way", ["nothing", "some", "as much as can be"])
    waits = cover.point("waits for another's request", ["tx", "rows"])
    await tb.reset(rx_req_valid=0, tx_req_valid=0, req_valid=0, r_valid=0)
    rx = tx = frame = ar = None
    tags, bus, left = [], [], None         # left: bytes of the burst at the head that are to come
    for n in range(clocks(4000)):
        if n % 300 == 0:
            load, slow, answer = tb.rng.choice([1, 3, 10]), tb.rng.choice([1, 3]), tb.rng.choice([1, 2, 40])
        rx = rx or ({"kind": "rx", "line": tb.rng.getrandbits(58), "queue": tb.rng.randrange(queues)} if tb.rng.chance(3 * load) else None)
        tx = tx or ({"kind": "tx", "line": tb.rng.getrandbits(58), "queue": tb.rng.randrange(queues)} if tb.rng.chance(3 * load) else None)
        frame = frame or (request(tb.rng, queues, ports) if tb.rng.chance(load) else None)
        values = {"rx_req_valid": int(rx is not None), "tx_req_valid": int(tx is not None), "req_valid": int(frame is not None)}
        for prefix, one in (("rx_req", rx), ("tx_req", tx)):
            if one:
                values.update({f"{prefix}_line": one["line"], f"{prefix}_queue": one["queue"]})
        if frame:
            values.update({f"req_{field}": frame[field] for field in ["line", "rows", "queue", "port", *FIELDS]})
        head = tags[0] if tags else None
        comes = bool(bus) and tb.rng.chance(answer)
        resp = tb.rng.choice([2, 3]) if tb.rng.chance(12) else 0
        data, ar_ready, pack_ready = tb.rng.getrandbits(512), tb.rng.chance(slow), not tb.rng.chance(4)
        last, rest = False, 0
        if head and head["kind"] == "rows":
            now = head["bytes"] if left is None else left
            here = 64 - (head["start"] if left is None else 0)
            last, rest = now <= here, max(0, now - here)
        tb.set_all(r_valid=int(comes), r_data=data, r_resp=resp, ar_ready=int(ar_ready), pack_ready=int(pack_ready), pack_last=int(last),
                   pack_rest=rest, **values)
        await tb.settle()
        levels.hit("nothing" if not tags else "as much as can be" if len(tags) == most else "some")
        tb.check("idle", int(not tags))
        for queue in range(queues):
            busy = any(t["queue"] == queue and t["kind"] in ("rows", "note") for t in tags)
            assert tb.get("tx_busy") >> queue & 1 == busy, f"clock {tb.clocks}: tx_busy of queue {queue} is not {busy}"
        tb.check("ar_valid", int(ar is not None))
        if ar:
            tb.check("ar_addr", ar["line"] << 6)
            tb.check("ar_len", ar.get("rows", 1) - 1)
        free = (ar is None or ar_ready) and len(tags) != most
        tb.check("rx_req_ready", int(free))
        tb.check("tx_req_ready", int(free and rx is None))
        tb.check("req_ready", int(free and rx is None and tx is None))
        # What the head of the tags makes of an answer.
        kind = head["kind"] if head else None
        tb.check("r_ready", int(kind in ("rx", "tx") or (kind == "rows" and pack_ready)))
        tb.check("rx_line_valid", int(kind == "rx" and comes))
        tb.check("tx_line_valid", int(kind == "tx" and comes))
        tb.check("pack_valid", int((kind == "rows" and comes) or (kind == "note" and head["abort"])))
        row = kind == "rows" and comes and pack_ready
        pop = (kind in ("rx", "tx") and comes) or (row and last) or (kind == "note" and pack_ready)
        tb.check("done", int(pop and kind in ("rows", "note") and head["done"]))
        tb.check("tx_error", int(row and resp != 0))
        if head:
            tb.check("queue", head["queue"])
        if comes:
            tb.check("row", data)
            tb.check("line_error", int(resp != 0))
        if kind in ("rows", "note"):
            tb.check("port", head["port"])
            tb.check("promised", head["promised"])
            tb.check("csum", head["csum"])
            tb.check("pack_abort", int(kind == "note"))
        if kind == "rows" and comes:
            tb.check("pack_first", int(left is None))
            tb.check("pack_start", head["start"])
            tb.check("pack_bytes", now)
            tb.check("pack_eop", head["eop"])
            tb.check("pack_error", int(resp != 0))
        await tb.edge()
        await tb.settle()
        if comes and kind and (row or kind in ("rx", "tx")):
            answers.hit((kind, resp != 0))
            bus[0] -= 1
            if bus[0] == 0:
                bus.pop(0)
        if row:
            left = None if last else rest
        if pop:
            tags.pop(0)
            if kind == "note":
                notes.hit("abort" if head["abort"] else "skip")
        if ar and ar_ready:
            bus.append(ar.get("rows", 1))
            ar = None
        if free and (rx or tx or frame):
            one = rx or tx or frame
            if rx and tx:
                waits.hit("tx")
            if frame and one is not frame:
                waits.hit("rows")
            tags.append(one)
            if one["kind"] != "note":
                ar = one
            rx, tx, frame = (None, tx, frame) if one is rx else (rx, None, frame) if one is tx else (rx, tx, None)

# SPDX-License-Identifier: Apache-2.0
"""dma_write (but for what a data path reset cuts off, which dma-lockstep drives): a packet's rows, then its completion, at the right addresses, whole; TX_HEAD words in between; drops for the right reason."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter

VARIANTS = [{"Queues": 4}, {"Queues": 1}]
PAGE = 4096


class Packet:
    """What the fabric shows with all rows of a packet."""

    def __init__(self, rng, queues):
        self.len = rng.choice([1, 64, 65, 1536, rng.randrange(1, 200), rng.randrange(1, 1537)])
        self.rows = [rng.getrandbits(512) for _ in range((self.len + 63) // 64)]
        self.queue = rng.randrange(queues) if not rng.chance(20) else rng.choice([queues, 255])
        self.side = {"port": rng.getrandbits(8), "csum": rng.getrandbits(8), "hash": rng.getrandbits(32), "time": rng.getrandbits(64),
                     "number": rng.getrandbits(32), "meta_len": rng.randrange(33), "meta": rng.getrandbits(256)}

    def completion(self, error, phase, index, cookie):
        s = self.side
        head = s["hash"] << 32 | s["csum"] << 24 | s["port"] << 16 | (0 if error else self.len)
        tail = int(error) << 57 | phase << 56 | s["meta_len"] << 48 | index << 32 | cookie
        return s["meta"] << 256 | s["number"] << 192 | tail << 128 | s["time"] << 64 | head


def bursts_of(packet, addr):
    """(address, rows of data and bytes that count), cut at pages."""
    out, rows = [], [(row, min(64, packet.len - 64 * i)) for i, row in enumerate(packet.rows)]
    while rows:
        fit = (PAGE - addr % PAGE) // 64
        out.append((addr, rows[:fit]))
        addr, rows = addr + 64 * fit, rows[fit:]
    return out


@cocotb.test()
async def writes(dut):
    tb = Bench(dut)
    queues = parameter(dut, "Queues")
    fates = cover.point("packet", ["written", "too small a buffer", "off", "empty", "no room for a completion"])
    pages = cover.flags("crosses a page")
    answers = cover.cross("answer, error", ["data", "completion", "head"], [False, True])
    await tb.reset(stop=0, cut=0, h_valid=0, wb=0, b_valid=0)
    packet, at, fate = None, 0, None           # at: rows taken; fate once it is decided
    expected, got_aw, got_w, unanswered = [], [], [], []
    wb, state, rests = 0, None, 0
    heads_turn = False                         # a packet was taken last
    for n in range(clocks(6000)):
        if n % 300 == 0:
            slow, answer = tb.rng.choice([1, 2, 5]), tb.rng.choice([1, 3, 30])
        if packet is None and tb.rng.chance(2):
            packet, at, fate = Packet(tb.rng, queues), 0, None
        if state is None or tb.rng.chance(20):
            state = {name: tb.rng.getrandbits(queues) | tb.rng.getrandbits(queues) for name in ("on", "have", "cq_room", "lossless")}
            state["empty"] = tb.rng.getrandbits(queues) & ~state["have"]
        if not wb and tb.rng.chance(10):
            wb = 1 << tb.rng.randrange(queues)
        desc = {"addr": tb.rng.getrandbits(50) << 12 | 64 * tb.rng.choice([0, 63, 60, tb.rng.randrange(64)]), "len": tb.rng.choice([2048, 1536, 100]),
                "cookie": tb.rng.getrandbits(32)}
        desc["addr"] += 8 if tb.rng.chance(30) else 0
        cq_base, cq_place, phase, index = tb.rng.getrandbits(50), tb.rng.getrandbits(12), tb.rng.randrange(2), tb.rng.getrandbits(16)
        wb_addr, wb_head = tb.rng.getrandbits(60), tb.rng.getrandbits(16)
        show = packet is not None and not tb.rng.chance(5)
        b_valid, resp = bool(unanswered) and tb.rng.chance(answer), 2 if tb.rng.chance(10) else 0
        values = {"stop": 0, "cut": 0, "wb": wb, "wb_addr": wb_addr, "wb_head": wb_head, "h_valid": int(show), "aw_ready": int(tb.rng.chance(slow)),
                  "w_ready": int(tb.rng.chance(slow)), "b_valid": int(b_valid), "b_resp": resp, "cq_base": cq_base, "cq_place": cq_place,
                  "phase": phase, "desc_index": index, "desc": desc["addr"] | desc["len"] << 64 | desc["cookie"] << 96, **state}
        if packet:
            values.update({"h_row": packet.rows[at], "h_last": int(at + 1 == len(packet.rows)), "h_len": packet.len, "h_queue": packet.queue},
                          **{f"h_{name}": value for name, value in packet.side.items()})
        tb.set_all(**values)
        await tb.settle()
        # Bursts that the host has not answered; without any, and without a packet whose rows go, all is at rest.
        open_queues = {number for _, number in unanswered}
        assert all(tb.get("busy") >> number & 1 for number in open_queues), f"clock {tb.clocks}: not busy with a burst under way"
        if not unanswered and not expected and not got_aw and fate is None:
            tb.check("busy", 0)
            tb.check("idle", 1)
            rests += 1
        drops = [name for name in ("off", "empty", "cq", "small") if tb.get("drop_" + name)]
        q = packet.queue if packet else 0
        is_on = q < queues and state["on"] >> q & 1
        if tb.get("take"):
            assert show and fate is None and is_on and state["have"] >> q & 1 and state["cq_room"] >> q & 1, f"clock {tb.clocks}: taken without the means"
            assert not (heads_turn and wb), f"clock {tb.clocks}: a packet goes before a TX_HEAD whose turn it is"
            heads_turn = True
            fits = desc["addr"] % 64 == 0 and desc["len"] >= packet.len
            assert drops == ([] if fits else ["small"]), f"clock {tb.clocks}: dropped for {drops}"
            fate = "written" if fits else "too small a buffer"
            if fits:
                parts = bursts_of(packet, desc["addr"])
                pages.hit(len(parts) > 1)
                expected += [("data", q, *part) for part in parts]
            row = packet.completion(not fits, phase, index, desc["cookie"])
            expected.append(("completion", q, (cq_base + cq_place) << 6, [(row, 64)]))
            fates.hit(fate)
        elif drops:
            why = drops[0]
            assert show and fate is None and len(drops) == 1
            lossless = q < queues and state["lossless"] >> q & 1
            empty, full = state["empty"] >> q & 1, not state["cq_room"] >> q & 1
            assert why == ("off" if not is_on else "empty" if empty else "cq") and (not is_on or (not lossless and (empty or full))), \
                f"clock {tb.clocks}: dropped for {why}"
            fate = {"off": "off", "empty": "empty", "cq": "no room for a completion"}[why]
            fates.hit(fate)
        if tb.get("wb_done"):
            number = tb.get("wb_queue")
            assert wb >> number & 1
            able = show and fate is None and is_on and state["have"] >> q & 1 and state["cq_room"] >> q & 1
            assert heads_turn or not able, f"clock {tb.clocks}: a TX_HEAD goes before a packet whose turn it is"
            heads_turn = False
            expected.append(("head", number, wb_addr >> 4 << 6, (wb_addr & 15, wb_head)))
        if tb.get("aw_valid") and values["aw_ready"]:
            got_aw.append((tb.get("aw_addr"), tb.get("aw_len") + 1))
        if tb.get("w_valid") and values["w_ready"]:
            got_w.append((tb.get("w_data"), tb.get("w_strb"), tb.get("w_last")))
        if b_valid:
            kind, number = unanswered.pop(0)
            answers.hit((kind, resp != 0))
            tb.check("event", 1 << number if kind != "data" and not resp else 0)
            tb.check("rx_error", 1 << number if kind != "head" and resp else 0)
            tb.check("tx_error", 1 << number if kind == "head" and resp else 0)
        # A burst that came whole is the next one expected.
        while got_aw and len(got_w) >= got_aw[0][1]:
            addr, count = got_aw.pop(0)
            rows, got_w = got_w[:count], got_w[count:]
            kind, number, want_addr, want = expected.pop(0)
            assert addr == want_addr and [last for _, _, last in rows] == [0] * (count - 1) + [1], f"clock {tb.clocks}: {kind} at {addr:#x}, {count} rows"
            if kind == "head":
                place, head = want
                assert rows[0][1] == 15 << 4 * place and rows[0][0] >> 32 * place & mask(32) == head, f"clock {tb.clocks}: wrong TX_HEAD"
            else:
                assert len(want) == count, f"clock {tb.clocks}: {count} rows of {kind}, not {len(want)}"
                for (data, strobes, _), (row, size) in zip(rows, want):
                    assert strobes == mask(size) and data & mask(8 * size) == row & mask(8 * size), f"clock {tb.clocks}: wrong {kind}"
            unanswered.append((kind, number))
        taken = show and tb.get("h_ready")
        wb = wb & ~(1 << tb.get("wb_queue")) if tb.get("wb_done") else wb
        await tb.edge()
        if taken:
            assert fate is not None, f"clock {tb.clocks}: a row goes before its packet's fate is known"
            at += 1
            packet = None if at == len(packet.rows) else packet
    assert rests > 20, "the module was hardly ever at rest"

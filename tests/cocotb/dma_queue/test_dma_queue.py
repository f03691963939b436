# SPDX-License-Identifier: Apache-2.0
"""dma_queue: registers, indices, doorbells, errors and interrupt of a host queue, as hw/spec/host.md has them."""
import cover
from bench import Bench, clocks, cocotb, mask
from spec import CONSTS

Q = {name[2:]: number for name, number in CONSTS.items() if name.startswith("Q_") and not name.startswith(("Q_CTRL_", "Q_STATUS_"))}
PULSES = ["rx_take", "cq_put", "tx_done", "wb_done", "event", "drop", "rx_error", "tx_error", "tx_bad"]
M16 = mask(16)


class Queue:
    """One clock at a time: what is written, what the engines do."""

    def __init__(self):
        self.reg = dict.fromkeys(Q, 0)
        self.reg.update(RX_SIZE=2, CQ_SIZE=2, TX_SIZE=2)
        self.rx = self.tx = self.lossless = self.wb = self.irq = False
        self.error = self.events = self.age = 0

    def tail_fits(self, side, value):
        use = value - self.reg[side + "_HEAD"] & M16
        return self.reg[side + "_TAIL"] - self.reg[side + "_HEAD"] & M16 <= use <= 1 << self.reg[side + "_SIZE"]

    def bad_doorbell(self, word, value):
        if word == Q["RX_TAIL"]:
            return not (self.rx and self.tail_fits("RX", value))
        if word == Q["TX_TAIL"]:
            return not (self.tx and self.tail_fits("TX", value))
        unread = self.reg["CQ_TAIL"] - self.reg["CQ_HEAD"] & M16
        return word == Q["CQ_HEAD"] and not (self.rx and (value - self.reg["CQ_HEAD"] & M16) <= unread)

    def step(self, we, word, data, stop, clear, did):
        reg, rx, tx = self.reg, self.rx, self.tx
        value, wb_addr, was_events, was_age = data & M16, reg["TX_WB_LO"] | reg["TX_WB_HI"], self.events, self.age
        bad = we and self.bad_doorbell(word, value)
        name = next((n for n, number in Q.items() if number == word), None) if we else None
        # Interrupt
        if clear:
            self.irq, self.events, self.age = False, int(did["event"]), 0
        else:
            enough = reg["IRQ_COUNT"] or 1
            old = reg["IRQ_TIME"] and was_events and was_age >= reg["IRQ_TIME"]
            self.irq = bool(self.irq or was_events >= enough or old)
            self.events = min(M16, was_events + int(did["event"]))
            self.age = 0 if not was_events else min(mask(32), was_age + 1)
        # Registers
        if name == "CTRL":
            self.rx, self.tx, self.lossless, self.error = bool(data & 1), bool(data & 2), bool(data & 4), 0
        elif name in ("IRQ_COUNT", "IRQ_TIME"):
            reg[name] = value if name == "IRQ_COUNT" else data
        elif name and (name[:2] in ("RX", "CQ") and not rx or name[:2] == "TX" and not tx):
            if name.endswith("_SIZE"):
                reg[name] = min(15, max(2, data))
            elif name.endswith(("BASE_LO", "WB_LO")):
                reg[name] = data & ~(63 if name.endswith("BASE_LO") else 3)
            elif name.endswith("_HI"):
                reg[name] = data
        elif name in ("RX_TAIL", "TX_TAIL", "CQ_HEAD") and not bad:
            reg[name] = value
        if stop or did["rx_error"]:
            self.rx = False
        if stop or did["tx_error"]:
            self.tx = False
        self.error |= int(bad) | did["rx_error"] << 1 | did["tx_error"] << 2 | did["tx_bad"] << 3
        # Indices
        reg["RX_HEAD"] = reg["RX_HEAD"] + did["rx_take"] & M16
        reg["CQ_TAIL"] = reg["CQ_TAIL"] + did["cq_put"] & M16
        reg["TX_HEAD"] = reg["TX_HEAD"] + did["tx_done"] & M16
        reg["DROPS"] += did["drop"]
        self.wb = wb_addr != 0 if did["tx_done"] else self.wb and not did["wb_done"]
        if not rx:
            reg.update(RX_TAIL=0, RX_HEAD=0, CQ_HEAD=0, CQ_TAIL=0)
        if not tx:
            reg.update(TX_TAIL=0, TX_HEAD=0)
            self.wb = False
        return bad

    def read(self, word, rx_busy, tx_busy):
        name = next((n for n, number in Q.items() if number == word), None)
        if name == "CTRL":
            return self.rx | self.tx << 1 | self.lossless << 2
        if name == "STATUS":
            return rx_busy | tx_busy << 1 | self.error << 8
        return self.reg[name] if name else 0


def doorbell(rng, queue, name):
    """A new index: right, too much, back, or anything."""
    kind = rng.choice(["right", "right", "right", "too much", "back", "any"])
    side = name[:2]
    tail, head = queue.reg[side + "_TAIL"], queue.reg[side + "_HEAD"]
    if name == "CQ_HEAD":
        index = {"right": head + rng.randrange((tail - head & M16) + 1), "too much": tail + 1, "back": head - 1}
    else:
        size = 1 << queue.reg[side + "_SIZE"]
        index = {"right": tail + rng.randrange(size - (tail - head & M16) + 1), "too much": head + size + 1, "back": tail - 1}
    return kind, index.get(kind, rng.getrandbits(16)) & M16 | rng.getrandbits(16) << 16


@cocotb.test()
async def follows_the_page(dut):
    tb = Bench(dut)
    doorbells = cover.cross("doorbell, index, ring on", ["RX_TAIL", "TX_TAIL", "CQ_HEAD"], ["right", "too much", "back", "any"], [False, True])
    writes = cover.cross("written while its ring is", ["RX_SIZE", "CQ_BASE_LO", "TX_BASE_HI", "TX_WB_LO"], ["off", "on"])
    interrupts = cover.point("interrupt", ["by count", "by age", "cleared while an event comes"])
    full = cover.point("completion ring", ["full", "room"])
    await tb.reset(we=0, stop=0, irq_clear=0, **dict.fromkeys(PULSES, 0))
    queue = Queue()
    for n in range(clocks(8000)):
        reg = queue.reg
        if n % 400 == 0:                      # rings low on indices and rings that wrap, short ages
            hurry = tb.rng.choice([1, 3, 10])
        word, data, kind, name = tb.rng.randrange(32), tb.rng.word(32), None, None
        we = tb.rng.chance(2)
        if tb.rng.chance(2):
            name = tb.rng.choice(["RX_TAIL", "TX_TAIL", "CQ_HEAD"])
            word = Q[name]
            kind, data = doorbell(tb.rng, queue, name)
        elif word == Q["CTRL"]:
            data |= 3 if not tb.rng.chance(8) else 0
        elif word in (Q["RX_SIZE"], Q["CQ_SIZE"], Q["TX_SIZE"]):
            data = tb.rng.choice([0, 2, 3, 15, 16, mask(32), tb.rng.randrange(5)])
        elif word in (Q["IRQ_COUNT"], Q["IRQ_TIME"]):
            data = tb.rng.choice([0, 1, 2, 30])
        room = (reg["CQ_TAIL"] - reg["CQ_HEAD"] & M16) != 1 << reg["CQ_SIZE"]
        did = {p: int(tb.rng.chance({"rx_error": 200, "tx_error": 200}.get(p, 2 * hurry))) for p in PULSES}
        did["rx_take"] &= queue.rx and reg["RX_HEAD"] != reg["RX_TAIL"]
        did["cq_put"] &= room
        did["tx_done"] &= reg["TX_HEAD"] != reg["TX_TAIL"]
        clear, stop = tb.rng.chance(20), tb.rng.chance(500)
        rx_busy, tx_busy = tb.rng.randrange(2), tb.rng.randrange(2)
        tb.set_all(we=int(we), word=word, wdata=data, stop=int(stop), irq_clear=int(clear), rx_busy=rx_busy, tx_busy=tx_busy, **did)
        await tb.settle()
        tb.check("rdata", queue.read(word, rx_busy, tx_busy), f"word {word}")
        for port, want in (("rx_on", queue.rx), ("tx_on", queue.tx), ("lossless", queue.lossless), ("irq", queue.irq), ("wb", queue.wb),
                           ("cq_room", room), ("phase", not reg["CQ_TAIL"] >> reg["CQ_SIZE"] & 1)):
            tb.check(port, int(want))
        for side in ("rx", "cq", "tx"):
            tb.check(f"{side}_log", reg[f"{side.upper()}_SIZE"])
            tb.check(f"{side}_base", (reg[f"{side.upper()}_BASE_HI"] << 32 | reg[f"{side.upper()}_BASE_LO"]) >> 6)
        for index in ("rx_tail", "tx_tail", "tx_head", "cq_tail"):
            tb.check(index, reg[index.upper()])
        tb.check("wb_addr", (reg["TX_WB_HI"] << 32 | reg["TX_WB_LO"]) >> 2)
        was, events = queue.irq, queue.events
        on = queue.tx if word in range(Q["TX_BASE_LO"], Q["TX_WB_HI"] + 1) else queue.rx
        full.hit("room" if room else "full")
        bad = queue.step(we, word, data, stop, clear, did)
        tb.check("bad_doorbell", int(bad))
        await tb.edge()
        await tb.settle()
        if we and kind:
            doorbells.hit((name, kind, on))
        for register in ("RX_SIZE", "CQ_BASE_LO", "TX_BASE_HI", "TX_WB_LO"):
            if we and word == Q[register]:
                writes.hit((register, "on" if on else "off"))
        if queue.irq and not was:
            interrupts.hit("by count" if events >= (reg["IRQ_COUNT"] or 1) else "by age")
        elif clear and did["event"]:
            interrupts.hit("cleared while an event comes")

# SPDX-License-Identifier: Apache-2.0
"""fp_div: the four divisions, their special cases, the order of arrival and the clock of each answer."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter
from spec import INSNS, divide

VARIANTS = [{"Threads": 16, "TW": 4}, {"Threads": 2, "TW": 1}]
OPS = ["DIVU", "MODU", "DIVS", "MODS"]
BY = ["zero", "one", "minus one", "other"]


def divisor(rng, kind, bits):
    return {"zero": 0, "one": 1, "minus one": mask(bits), "other": rng.word(bits)}[kind]


@cocotb.test()
async def divides(dut):
    tb = Bench(dut)
    threads = parameter(dut, "Threads")
    await tb.reset(put=0)
    waiting, free_at, running = [], 0, None   # queue; the unit takes the next from this clock on
    busy = set()
    cases = cover.cross("op, w, divisor", OPS, [0, 1], BY)
    lowest = cover.cross("lowest number, op, by -1", [0, 1], OPS)
    depth = cover.point("queued", range(threads - 1))
    now = 0
    for _ in range(clocks(40000 if threads > 2 else 10000)):
        # what happens in this clock, before its edge
        if running is None and waiting and now >= free_at:
            running = waiting.pop(0)
            running["at"] = now + (34 if running["w"] else 66)
        put = {}
        if len(busy) < threads and tb.rng.chance(30 if threads > 2 and now // 3000 % 2 else 3):
            op, w, kind = tb.rng.choice(OPS), tb.rng.randrange(2), tb.rng.choice(BY)
            bits = 32 if w else 64
            a = 1 << (bits - 1) if tb.rng.chance(4) else tb.rng.word(bits)
            b = divisor(tb.rng, kind, bits)
            thread = tb.rng.choice([t for t in range(threads) if t not in busy])
            put = {"thread": thread, "want": divide(op, a, b, w), "w": w, "about": f"{op} w={w} {a:#x} {b:#x}"}
            cases.hit((op, w, kind))
            if a == 1 << (bits - 1) and kind == "minus one":
                lowest.hit((w, op))
            # operands of a 32-bit division come with their upper half 0
            tb.set(put_thread=thread, put_op=INSNS[op].opcode, put_w=w, put_a=a, put_b=b)
            depth.hit(len(waiting))
        tb.set(put=int(bool(put)))
        await tb.settle()
        done = running is not None and running["at"] == now
        tb.check("x_valid", int(done))
        if done:
            tb.check("x_thread", running["thread"])
            tb.check("x_value", running["want"], running["about"])
            busy.remove(running["thread"])
            running, free_at = None, now + 1
        await tb.edge()
        if put:
            waiting.append(put)
            busy.add(put["thread"])
        now += 1

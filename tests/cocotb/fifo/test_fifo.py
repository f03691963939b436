# SPDX-License-Identifier: Apache-2.0
"""fifo: first in, first out; an entry of an empty queue is at the head one clock after it came."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Width": 16, "Depth": 32}, {"Width": 1, "Depth": 2}, {"Width": 70, "Depth": 8}]


@cocotb.test()
async def in_order(dut):
    tb = Bench(dut)
    width, depth = parameter(dut, "Width"), parameter(dut, "Depth")
    await tb.reset(push=0, pop=0)
    entries = []
    levels = cover.point("queued", ["none", "one", "some", "all"])
    both = cover.point("push, pop, level", [(push, pop, level) for push in (False, True) for pop in (False, True)
                                              for level in ("one", "all") if not (push and level == "all")])
    fill = 2
    for n in range(clocks(2500)):
        if n % 100 == 0:
            fill = tb.rng.choice([1, 2, 6])
        level = "none" if not entries else "all" if len(entries) == depth else "one" if len(entries) == 1 else "some"
        pop = bool(entries) and tb.rng.chance(3 if fill == 1 else 2)
        push = len(entries) < depth and tb.rng.chance(fill)
        data = tb.rng.getrandbits(width)
        tb.check("count", len(entries))
        tb.check("valid", int(bool(entries)))
        if entries:
            tb.check("head", entries[0])
        await tb.step(push=int(push), pop=int(pop), data=data)
        if depth == 8:
            levels.hit(level)
        if level in ("one", "all"):
            both.hit((push, pop, level))
        if pop:
            entries.pop(0)
        if push:
            entries.append(data)

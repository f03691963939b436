# SPDX-License-Identifier: Apache-2.0
"""csr_old: a context that is not idle when an ENTRY is written is old until it is idle."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter

VARIANTS = [{"Contexts": 32}, {"Contexts": 2}]


@cocotb.test()
async def remembers(dut):
    tb = Bench(dut)
    contexts = parameter(dut, "Contexts")
    seen = cover.point("any", ["none is old", "one", "some"])
    await tb.reset(mark=0)
    old, idle, was = 0, mask(contexts), 0
    for _ in range(clocks(3000)):
        mark = tb.rng.chance(20)
        for _ in range(tb.rng.randrange(3)):
            idle ^= 1 << tb.rng.randrange(contexts)
        await tb.step(mark=int(mark), idle=idle)
        was, old = old, (mask(contexts) if mark else old) & ~idle
        tb.check("any", int(was != 0))
        if contexts > 2:
            seen.hit(["none is old", "one", "some"][min(2, bin(was).count("1"))])

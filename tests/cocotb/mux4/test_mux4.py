# SPDX-License-Identifier: Apache-2.0
"""mux4: one of four words."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter

VARIANTS = [{"Width": 1}, {"Width": 64}]


@cocotb.test()
async def chooses(dut):
    tb = Bench(dut, clock=False)
    width = parameter(dut, "Width")
    chosen = cover.point("word", range(4))
    for _ in range(clocks(300)):
        sel, words = tb.rng.randrange(4), tb.rng.getrandbits(4 * width)
        tb.set(sel=sel, **{"in": words})
        await tb.settle()
        tb.check("out", words >> sel * width & mask(width))
        chosen.hit(sel)

# SPDX-License-Identifier: Apache-2.0
"""mux: one of Count words; 0 for a number that names none."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter

VARIANTS = [{"Width": 8, "Count": 5}, {"Width": 70, "Count": 2}, {"Width": 3, "Count": 1}]


@cocotb.test()
async def chooses(dut):
    tb = Bench(dut, clock=False)
    width, count = parameter(dut, "Width"), parameter(dut, "Count")
    chosen = cover.flags("names a word")
    for _ in range(clocks(300)):
        sel, words = tb.rng.getrandbits(tb.widths["sel"]), tb.rng.getrandbits(count * width)
        tb.set(sel=sel, **{"in": words})
        await tb.settle()
        tb.check("out", words >> sel * width & mask(width) if sel < count else 0)
        chosen.hit(sel < count)

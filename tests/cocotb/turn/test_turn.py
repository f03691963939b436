# SPDX-License-Identifier: Apache-2.0
"""turn: a ring of bits, turned right by none to three steps."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter

VARIANTS = [{"Width": 64, "Step": 1}, {"Width": 64, "Step": 16}, {"Width": 512, "Step": 8}]


@cocotb.test()
async def turns(dut):
    tb = Bench(dut, clock=False)
    width, step = parameter(dut, "Width"), parameter(dut, "Step")
    steps = cover.point("steps", range(4))
    for _ in range(clocks(300)):
        by, ring = tb.rng.randrange(4), tb.rng.getrandbits(width)
        tb.set(by=by, **{"in": ring})
        await tb.settle()
        tb.check("out", (ring >> by * step | ring << width - by * step) & mask(width))
        steps.hit(by)

# SPDX-License-Identifier: Apache-2.0
"""delay: a value some clocks later."""
from bench import Bench, Pipe, clocks, cocotb, parameter

VARIANTS = [{"Width": 1, "Stages": 1}, {"Width": 13, "Stages": 2}, {"Width": 64, "Stages": 5}, {"Width": 200, "Stages": 2}]


@cocotb.test()
async def delays(dut):
    tb = Bench(dut)
    pipe = Pipe(parameter(dut, "Stages") - 1)
    for _ in range(clocks(300)):
        value = tb.rng.getrandbits(parameter(dut, "Width"))
        await tb.step(d=value)
        want = pipe.step(value)
        if want is not None:
            tb.check("q", want)

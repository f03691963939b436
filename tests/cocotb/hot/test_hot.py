# SPDX-License-Identifier: Apache-2.0
"""hot: a set of one number, or of none."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Count": 16}, {"Count": 5}, {"Count": 128}]


@cocotb.test()
async def sets(dut):
    tb = Bench(dut, clock=False)
    count = parameter(dut, "Count")
    members = cover.cross("valid, number below 5", [False, True], range(5))
    for n in range(clocks(400)):
        valid, number = tb.rng.randrange(2), n % count
        tb.set(valid=valid, number=number)
        await tb.settle()
        tb.check("hot", valid << number)
        if number < 5:
            members.hit((bool(valid), number))

# SPDX-License-Identifier: Apache-2.0
"""fp_mul: low half of a product, four clocks after the operands, one a clock."""
from bench import Bench, Pipe, clocks, cocotb, mask


@cocotb.test()
async def multiplies(dut):
    tb = Bench(dut)
    pipe = Pipe(3)
    for _ in range(clocks(4000)):
        a, b = tb.rng.word(), tb.rng.word()
        await tb.step(e1_a=a, e1_b=b)
        want = pipe.step((a, b))
        if want:
            tb.check("m3_product", want[0] * want[1] & mask(64), f"{want[0]:#x} * {want[1]:#x}")


@cocotb.test()
async def every_bit_pair(dut):
    """One bit times one bit: every partial product is there, in its place."""
    tb = Bench(dut)
    pipe = Pipe(3)
    for i in range(64):
        for j in range(64 - i):
            await tb.step(e1_a=1 << i, e1_b=1 << j)
            want = pipe.step(i + j)
            if want is not None:
                tb.check("m3_product", 1 << want)

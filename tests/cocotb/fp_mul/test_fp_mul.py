# SPDX-License-Identifier: Apache-2.0
"""fp_mul: low half of a product, four clocks after the operands, one a clock; of 32 bits, or 0 when nobody asked for it."""
import cover
from bench import Bench, Pipe, clocks, cocotb, mask


@cocotb.test()
async def multiplies(dut):
    tb = Bench(dut)
    kinds = cover.cross("product, of 32 bits", [0, 1], [0, 1])
    pipe, to_m2 = Pipe(3), Pipe(3)
    for _ in range(clocks(4000)):
        a, b, is_mul, w = tb.rng.word(), tb.rng.word(), int(not tb.rng.chance(4)), tb.rng.randrange(2)
        m2 = to_m2.step((is_mul, w)) or (1, 0)
        await tb.step(e1_a=a, e1_b=b, m2_none=1 - m2[0], m2_w=m2[1])
        want = pipe.step((a, b, is_mul, w))
        if want:
            a, b, is_mul, w = want
            tb.check("m3_product", is_mul * a * b & mask(32 if w else 64), f"{a:#x} * {b:#x}")
            kinds.hit((is_mul, w))


@cocotb.test()
async def every_bit_pair(dut):
    """One bit times one bit: every partial product is there, in its place."""
    tb = Bench(dut)
    pipe = Pipe(3)
    for i in range(64):
        for j in range(64 - i):
            await tb.step(e1_a=1 << i, e1_b=1 << j, m2_none=0, m2_w=0)
            want = pipe.step(i + j)
            if want is not None:
                tb.check("m3_product", 1 << want)

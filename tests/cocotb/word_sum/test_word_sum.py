# SPDX-License-Identifier: Apache-2.0
"""word_sum: the sum of a row's words, two clocks later."""
from bench import Bench, Pipe, clocks, cocotb


@cocotb.test()
async def sums(dut):
    tb = Bench(dut)
    pipe = Pipe(1)
    for _ in range(clocks(300)):
        words = [tb.rng.word(16) for _ in range(32)] if tb.rng.chance(2) else [0xffff] * 32
        await tb.step(words=sum(w << 16 * i for i, w in enumerate(words)))
        want = pipe.step(sum(words))
        if want is not None:
            tb.check("sum", want)

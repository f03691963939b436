# SPDX-License-Identifier: Apache-2.0
"""map_fill: each word of the run is written once, in lines only outside the chip and only where a whole line is left."""
import cover
from bench import Bench, clocks, cocotb

OUTSIDE, LINE = 1 << 28, 8


@cocotb.test()
async def fills(dut):
    tb = Bench(dut)
    await tb.reset(start=0, taken=0)
    steps = cover.cross("outside, line", [False, True], [False, True])
    steps.bins.pop("(False, True)")
    for n in range(clocks(120)):
        outside = tb.rng.chance(2)
        first = tb.rng.randrange(64) + (OUTSIDE if outside else 0)
        count = tb.rng.choice([0, 1, 7, 8, 9, tb.rng.randrange(60)])
        await tb.step(start=1, word=first, count=count, taken=0)
        left, word, slow = count, first, tb.rng.choice([1, 3])
        while True:
            tb.check("left", left, f"run {n}")
            tb.check("req", int(left != 0))
            if not left:
                break
            line = outside and word % LINE == 0 and left >= LINE
            tb.check("word", word)
            tb.check("line", int(line), f"word {word:#x}, {left} left")
            taken = int(tb.rng.chance(slow))
            await tb.step(start=0, taken=taken)
            if taken:
                steps.hit((outside, line))
                word, left = (word + LINE, left - LINE) if line else (word + 1, left - 1)

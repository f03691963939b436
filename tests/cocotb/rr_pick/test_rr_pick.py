# SPDX-License-Identifier: Apache-2.0
"""rr_pick: the first requester after the last winner, cyclically; the winner counts when it is taken."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Count": count} for count in (1, 2, 5, 16)]


@cocotb.test()
async def picks(dut):
    tb = Bench(dut)
    count = parameter(dut, "Count")
    await tb.reset(take=0)
    last = count - 1
    steps = cover.point("steps to the winner of", [(c, s) for c in (1, 2, 5, 16) for s in range(1, c + 1)])
    for n in range(clocks(1500)):
        want, take = tb.rng.getrandbits(count) if n // 50 % 2 else 1 << tb.rng.randrange(count), tb.rng.randrange(2)
        tb.set(want=want, take=take)
        await tb.settle()
        tb.check("any", int(want != 0))
        if want:
            step = next(s for s in range(1, count + 1) if want >> (last + s) % count & 1)
            tb.check("index", (last + step) % count, f"{want:#x} after {last}")
            steps.hit((count, step))
            if take:
                last = (last + step) % count
        await tb.edge()
        await tb.settle()

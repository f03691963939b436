# SPDX-License-Identifier: Apache-2.0
"""fp_rnd: xorshift32; reset, a host's write and a bundle's step."""
import cover
from bench import Bench, clocks, cocotb, mask
from spec import CONSTS


def xorshift32(state):
    state ^= state << 13 & mask(32)
    state ^= state >> 17
    return state ^ (state << 5 & mask(32))


@cocotb.test()
async def steps(dut):
    tb = Bench(dut)
    await tb.reset(we=0, step=0)
    state = CONSTS["RND_SEED"]
    events = cover.cross("write, step", range(2), range(2))
    for _ in range(clocks(2000)):
        write, step, value = int(tb.rng.chance(8)), tb.rng.randrange(2), tb.rng.word(32)
        tb.check("state", state)
        tb.check("next", xorshift32(state))
        await tb.step(we=write, step=step, state=value)
        events.hit((write, step))
        state = value if write else xorshift32(state) if step else state

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
    spread = tb.rng.choice([CONSTS["RND_SPREAD"], 7 * CONSTS["RND_SPREAD"] & mask(32)])
    await tb.reset(we=0, step=0, spread=spread)
    state = CONSTS["RND_SEED"] ^ spread
    zero = cover.flags("written as the state 0")
    events = cover.cross("write, step", range(2), range(2))
    for _ in range(clocks(2000)):
        write, step, value = int(tb.rng.chance(8)), tb.rng.randrange(2), tb.rng.choice([tb.rng.word(32), spread])
        tb.check("state", state)
        tb.check("next", xorshift32(state))
        await tb.step(we=write, step=step, state=value, spread=spread)
        events.hit((write, step))
        zero.hit(bool(write and value == spread))
        # 0 is not a state
        state = (value ^ spread or CONSTS["RND_SEED"]) if write else xorshift32(state) if step else state

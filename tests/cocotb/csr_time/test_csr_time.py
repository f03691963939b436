# SPDX-License-Identifier: Apache-2.0
"""csr_time: nanoseconds with fraction; a set time holds from the next cycle."""
import cover
from bench import Bench, clocks, cocotb, mask


@cocotb.test()
async def counts(dut):
    tb = Bench(dut)
    await tb.reset(set=0)
    time, inc = 0, 0x04000000
    events = cover.point("event", ["set", "carry into the upper half", "wrap"])
    for n in range(clocks(1500)):
        if n % 50 == 0:
            inc = tb.rng.choice([0x04000000, 0x06400000, 1, mask(32), tb.rng.getrandbits(32)])
        setting, value = tb.rng.chance(40), tb.rng.choice([mask(32) - 3, mask(64), tb.rng.getrandbits(64)])
        tb.check("time", time >> 24)
        await tb.step(inc=inc, set=int(setting), set_time=value)
        before = time
        time = value << 24 if setting else time + inc & mask(88)
        if setting:
            events.hit("set")
        elif time < before:
            events.hit("wrap")
        elif time >> 56 != before >> 56:
            events.hit("carry into the upper half")

# SPDX-License-Identifier: Apache-2.0
"""map_join: eight bytes at an offset of two words."""
import cover
from bench import Bench, clocks, cocotb, mask


@cocotb.test()
async def joins(dut):
    tb = Bench(dut, clock=False)
    offsets = cover.point("offset", range(8))
    for n in range(clocks(400)):
        low, high, off = tb.rng.getrandbits(64), tb.rng.getrandbits(64), n % 8
        tb.set(low=low, high=high, off=off)
        await tb.settle()
        tb.check("value", (high << 64 | low) >> 8 * off & mask(64), f"offset {off}")
        offsets.hit(off)

# SPDX-License-Identifier: Apache-2.0
"""map_bytes: low bytes of a value, swapped or not, extended."""
import cover
from bench import Bench, byte_swap, clocks, cocotb, mask, signed


@cocotb.test()
async def extends(dut):
    tb = Bench(dut, clock=False)
    seen = cover.cross("width, swap, sign, negative", range(4), [0, 1], [0, 1], [False, True])
    for _ in range(clocks(1500)):
        width, swap, sign, value = tb.rng.randrange(4), tb.rng.randrange(2), tb.rng.randrange(2), tb.rng.getrandbits(64)
        size = 1 << width
        low = byte_swap(value, size) if swap else value & mask(8 * size)
        tb.set(value=value, width=width, swap=swap, sign=sign)
        await tb.settle()
        tb.check("value", signed(low, 8 * size) & mask(64) if sign else low)
        seen.hit((width, swap, sign, bool(low >> (8 * size - 1))))

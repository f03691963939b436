# SPDX-License-Identifier: Apache-2.0
"""map_value: the bytes of an access out of one word, or out of two of which the first is handed back turned; swapped or not, extended."""
import cover
from bench import Bench, byte_swap, clocks, cocotb, mask, signed


@cocotb.test()
async def loads(dut):
    tb = Bench(dut, clock=False)
    places = cover.cross("width, offset, swap", range(4), range(8), [0, 1])
    signs = cover.cross("width, sign, negative", range(4), [0, 1], [False, True])
    for _ in range(clocks(2000)):
        width, off, swap, sign = tb.rng.randrange(4), tb.rng.randrange(8), tb.rng.randrange(2), tb.rng.randrange(2)
        size, low, high = 1 << width, tb.rng.getrandbits(64), tb.rng.getrandbits(64)
        two = off + size > 8
        raw = (high << 64 | low) >> 8 * off & mask(8 * size)
        want = byte_swap(raw, size) if swap else raw
        tb.set(word=low, second=0, first=tb.rng.getrandbits(64), off=off, width=width, swap=swap, sign=sign)
        await tb.settle()
        if two:
            tb.set(word=high, second=1, first=tb.get("turned"), off=off, width=width, swap=swap, sign=sign)
            await tb.settle()
        tb.check("value", signed(want, 8 * size) & mask(64) if sign else want, f"{size} bytes at {off}, swap={swap}")
        places.hit((width, off, swap))
        signs.hit((width, sign, bool(want >> (8 * size - 1))))

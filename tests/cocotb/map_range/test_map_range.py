# SPDX-License-Identifier: Apache-2.0
"""map_range: operands inside, at the ends of and outside their region. The proof in hw/formal has every case; this has the words."""
import cover
from bench import Bench, clocks, cocotb, mask
from spec import CONSTS

HEAD, STACK = CONSTS["HEADROOM"], CONSTS["STACK_BYTES"]


@cocotb.test()
async def ranges(dut):
    tb = Bench(dut, clock=False)
    seen = cover.cross("tag, good", ["packet", "stack", "map"], [False, True])
    for _ in range(clocks(3000)):
        tag, size, length = tb.rng.choice(["packet", "stack", "map"]), tb.rng.choice([1, 4, 8, 64, 200]), tb.rng.randrange(1, 1793)
        front = tb.rng.choice([HEAD, tb.rng.randrange(CONSTS["HEAD_MIN"], CONSTS["PKT_BUFFER"] - length + 1)])
        values, map_ok = 8 * tb.rng.randrange(1, 1000), not tb.rng.chance(8)
        limit = values + 8 * tb.rng.randrange(40)
        first, end = {"packet": (front, front + length), "stack": (0, STACK), "map": (values, limit)}[tag]
        start = max(0, tb.rng.choice([first, first - 1, end - size, end - size + 1, end, tb.rng.randrange(first, end + 1)]))
        if tb.rng.chance(10):
            start += 1 << tb.rng.randrange(16, 32)
        wrong = 1 << tb.rng.randrange(32, 60) if tb.rng.chance(10) else 0
        number = tb.rng.randrange(64)
        ptr = CONSTS[{"packet": "TAG_PKT", "stack": "TAG_STACK", "map": "TAG_MAP"}[tag]] << 60 | start | wrong
        if tag == "map":
            ptr |= number << 48
            wrong &= ~(0xff << 48)
        tb.set(ptr=ptr, size=size, front=front, end=front + length, map_ok=map_ok, values=values, limit=limit)
        await tb.settle()
        good = not wrong and first <= start and start + size <= end and (tag != "map" or map_ok)
        tb.check("ok", int(good), f"{ptr:#x} size {size} length {length} map {values}..{limit}")
        seen.hit((tag, good))
    tb.set(ptr=3 << 60 | 0xfffffff8, size=mask(32), map_ok=1, values=0, limit=mask(32))
    await tb.settle()
    tb.check("ok", 0, "an end that does not fit 32 bits")

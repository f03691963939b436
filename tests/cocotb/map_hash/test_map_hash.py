# SPDX-License-Identifier: Apache-2.0
"""map_hash: step 3 of machine.md, value and number of cycles."""
import cover
from bench import Bench, clocks, cocotb, mask


def key_hash(seed, words):
    h = seed
    for word in words:
        for half in (word & mask(32), word >> 32):
            h ^= half
            h = h + (h << 12) & mask(32)
            h = (h << 15 | h >> 17) & mask(32)
    h = h + 0x7ed55d16 + (h << 12) & mask(32)
    h = h ^ 0xc761c23c ^ h >> 19
    h = h + 0x165667b1 + (h << 5) & mask(32)
    h = (h + 0xd3a2646c ^ h << 9) & mask(32)
    h = h + 0xfd7046c5 + (h << 3) & mask(32)
    return h ^ 0xb55a4f09 ^ h >> 16


@cocotb.test()
async def hashes(dut):
    tb = Bench(dut)
    await tb.reset(start=0)
    sizes = cover.point("words", range(1, 17))
    for n in range(clocks(200)):
        words, seed = [tb.rng.word() for _ in range(n % 16 + 1)], tb.rng.word(32)
        start, busy = 1, 0
        while True:
            tb.set_all(start=start, seed=seed, words=len(words))
            await tb.settle()
            if not start:
                index = tb.get("index")
                tb.set(word=words[index] if index < len(words) else tb.rng.getrandbits(64))
                await tb.settle()
            done = tb.get("done")
            await tb.edge()
            await tb.settle()
            busy += 1
            if done and not start:
                break
            assert busy <= 2 * len(words) + 6, "takes too long"
            start = 0
        assert busy == 2 * len(words) + 6, f"{len(words)} words take {busy} cycles"
        tb.check("hash", key_hash(seed, words), f"{len(words)} words")
        sizes.hit(len(words))

# SPDX-License-Identifier: Apache-2.0
"""map_key: words come back by number; the hash is that of maps.md, also when the last word comes after the start."""
import cover
from bench import Bench, clocks, cocotb
from maps import key_hash

SIZES = [*range(1, 17), 17, 31, 32, 33, 63, 64]


@cocotb.test()
async def keeps_and_hashes(dut):
    tb = Bench(dut)
    await tb.reset(put=0, start=0, hashing=0)
    late = cover.cross("words, the last one comes late", SIZES, [0, 1, 2])
    late.bins.pop("(1, 1)")
    late.bins.pop("(1, 2)")
    for n in range(clocks(150)):
        words, seed = [tb.rng.word() for _ in range(SIZES[n % len(SIZES)])], tb.rng.word(32)
        after = min(n // len(SIZES) % 3, 2 * len(words) - 2)       # of one word the hash looks at it at once
        for i, word in enumerate(words[:-1] if after else words):
            while tb.rng.chance(3):
                await tb.step(put=0, start=0, hashing=0)
            await tb.step(put=1, put_index=i, put_word=word, start=0, hashing=0)
        for clock in range(2 * len(words) + 6):
            put = {"put": 1, "put_index": len(words) - 1, "put_word": words[-1]} if after and clock == after else {"put": 0}
            tb.set_all(start=int(clock == 0), hashing=1, seed=seed, words=len(words), **put)
            await tb.settle()
            tb.check("done", int(clock == 2 * len(words) + 5), f"clock {clock} of {len(words)} words")
            await tb.edge()
            await tb.settle()
        tb.check("hash", key_hash(seed, words), f"{len(words)} words")
        for i in tb.rng.sample(range(len(words)), min(3, len(words))):
            tb.set_all(put=0, start=0, hashing=0, index=i)
            await tb.settle()
            tb.check("word", words[i], f"word {i}")
        late.hit((len(words), after))

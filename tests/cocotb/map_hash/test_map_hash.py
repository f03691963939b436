# SPDX-License-Identifier: Apache-2.0
"""map_hash: step 3 of machine.md, value and number of cycles."""
import cover
from bench import Bench, clocks, cocotb
from maps import key_hash

SIZES = [*range(1, 17), 17, 31, 32, 33, 63, 64]


@cocotb.test()
async def hashes(dut):
    tb = Bench(dut)
    await tb.reset(start=0)
    sizes = cover.point("words", SIZES)
    for n in range(clocks(200)):
        words, seed = [tb.rng.word() for _ in range(SIZES[n % len(SIZES)])], tb.rng.word(32)
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

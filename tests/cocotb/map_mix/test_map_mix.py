# SPDX-License-Identifier: Apache-2.0
"""map_mix: a key every clock, its hash six clocks later."""
import cover
from bench import Bench, Pipe, clocks, cocotb
from maps import key_hash


@cocotb.test()
async def hashes(dut):
    tb = Bench(dut)
    sizes, pipe = cover.point("words", [1, 2, 3]), Pipe(6)
    for _ in range(clocks(600)):
        words, seed = [tb.rng.word() for _ in range(tb.rng.randrange(1, 4))], tb.rng.word(32)
        await tb.step(seed=seed, words=len(words), **{f"word{i}": word for i, word in enumerate(words)})
        pipe.step(key_hash(seed, words))
        sizes.hit(len(words))
        if pipe.queue[0] is not None:
            tb.check("hash", pipe.queue[0])

# SPDX-License-Identifier: Apache-2.0
"""map_state: four words of each map, written one by one."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Maps": 8}, {"Maps": 64}]
WORDS = ["free", "next", "spare", "hand"]


@cocotb.test()
async def words(dut):
    tb = Bench(dut)
    maps = parameter(dut, "Maps")
    state, written = {}, cover.cross("free, next, spare, hand written", *[[0, 1]] * 4)
    for n in range(clocks(800)):
        number = n if n < maps else tb.rng.randrange(maps)
        inputs = {"map": number}
        for word in WORDS:
            inputs[word + "_we"], inputs[word] = 1 if n < maps else tb.rng.randrange(2), tb.rng.getrandbits(32)
        if n >= maps:
            written.hit(tuple(inputs[word + "_we"] for word in WORDS))
            tb.set(map=number)
            await tb.settle()
            for word in WORDS:
                tb.check(word, state[number, word])
        await tb.step(**inputs)
        for word in WORDS:
            if inputs[word + "_we"]:
                state[number, word] = inputs[word]

# SPDX-License-Identifier: Apache-2.0
"""map_gather: keys of 1 to 24 bytes at any address, with grants that come at once or late, the next key behind the last."""
import cover
from bench import Bench, clocks, cocotb, mask
from spec import CONSTS

LATER = 2      # clocks from a grant to its word


@cocotb.test()
async def gathers(dut):
    tb = Bench(dut)
    await tb.reset(start=0, lm_gnt=0)
    sizes = cover.cross("bytes, offset in a word", range(1, 25), range(8))
    waits = cover.point("grant", ["at once", "waits"])
    follows = cover.flags("starts while words of the last key are under way")
    memory = {tag: [tb.rng.getrandbits(64) for _ in range(256)] for tag in (CONSTS["TAG_PKT"], CONSTS["TAG_STACK"])}
    asked, due, words = None, [], [None] * LATER       # key that asks; those whose words come; words under way
    slow, places = 1, []
    for n in range(clocks(3000)):
        if n % 300 == 0:
            slow = tb.rng.choice([1, 1, 3])
        tb.check("free", int(asked is None))
        tb.check("lm_req", int(asked is not None))
        inputs = {"start": 0, "lm_gnt": 0}
        grant = None
        if asked:
            tb.check("lm_tag", asked["tag"])
            tb.check("lm_thread", asked["thread"])
            tb.check("lm_word", asked["next"])
            if tb.rng.chance(slow):
                inputs["lm_gnt"], grant = 1, memory[asked["tag"]][asked["next"]]
                asked["next"] += 1
            waits.hit("at once" if grant is not None else "waits")
        started = None
        if asked is None and tb.rng.chance(2):
            if not places:
                places = [(size, offset) for size in range(1, 25) for offset in range(8)]
                tb.rng.shuffle(places)
            (size, offset), word = places.pop(), tb.rng.randrange(200)
            started = {"tag": tb.rng.choice(list(memory)), "thread": tb.rng.randrange(16), "map": tb.rng.getrandbits(8), "size": size,
                       "at": 8 * word + offset, "next": word, "last": (8 * word + offset + size - 1) // 8}
            inputs.update(start=1, ptr=started["tag"] << 60 | started["at"], size=size, map=started["map"], thread=started["thread"])
            sizes.hit((size, offset))
            follows.hit(bool(due))
        arrives = words.pop(0)
        words.append((grant, asked["next"] > asked["last"]) if grant is not None else None)
        if arrives:
            inputs["lm_data"] = arrives[0]
        tb.set_all(**inputs)
        await tb.settle()
        ends = arrives is not None and arrives[1]
        tb.check("valid", int(ends))
        if ends:
            key = due.pop(0)
            text = b"".join(w.to_bytes(8, "little") for w in memory[key["tag"]])[key["at"]:key["at"] + key["size"]]
            assert tb.get("key") & mask(8 * key["size"]) == int.from_bytes(text, "little"), f"clock {tb.clocks}: key of {key}"
            tb.check("map", key["map"])
            tb.check("thread", key["thread"])
        await tb.edge()
        await tb.settle()
        if started:
            asked = started
            due.append(started)
        elif asked and asked["next"] > asked["last"]:
            asked = None

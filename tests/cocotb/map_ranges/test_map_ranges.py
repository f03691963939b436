# SPDX-License-Identifier: Apache-2.0
"""map_ranges: a map is there for the programs that SEED names, with the range that was written last, from its TYPE's clearing on."""
import cover
from bench import Bench, clocks, cocotb, parameter
from spec import CONSTS

VARIANTS = [{"Maps": 64}, {"Maps": 4}]
WORDS = {"type": CONSTS["DESC_TYPE"], "seed": CONSTS["DESC_SEED"], "values": CONSTS["DESC_VALUES"], "limit": CONSTS["DESC_LIMIT"]}
IN_USE = 0x1fff      # {key size 5, programs 8}


@cocotb.test()
async def follows_the_host(dut):
    tb = Bench(dut)
    maps = parameter(dut, "Maps")
    seen = cover.cross("there, in range", [False, True], [False, True])
    seen.bins.pop("(True, False)")
    cleared = cover.flags("cleared")
    use, values, limit = [0] * maps, [0] * maps, [0] * maps
    for number in range(maps):
        for name in WORDS:
            await tb.step(clear=1, we=1, we_map=number, we_word=WORDS[name], we_data=0)
    for _ in range(clocks(3000)):
        number, prog, clear = tb.rng.choice([tb.rng.randrange(maps), tb.rng.randrange(256)]), tb.rng.randrange(8), tb.rng.chance(20)
        what, to, data = tb.rng.choice([*WORDS, "other"]), tb.rng.randrange(maps), tb.rng.getrandbits(32)
        if what == "type":
            data &= ~IN_USE
        we, word = int(not tb.rng.chance(4)), WORDS.get(what, 15)
        tb.set_all(map=number, prog=prog, clear=int(clear), we=we, we_map=to, we_word=word, we_data=data)
        await tb.settle()
        there = not clear and number < maps and bool(use[number] >> prog & 1)
        tb.check("ok", int(there), f"map {number} of program {prog}")
        if number < maps:
            tb.check("key_size", use[number] >> 8 & 31)
            tb.check("values", values[number])
            tb.check("limit", limit[number])
        seen.hit((there, number < maps))
        cleared.hit(clear)
        await tb.edge()
        if we and what in ("type", "seed"):
            use[to] = data & IN_USE
        elif we and what == "values":
            values[to] = data
        elif we and what == "limit":
            limit[to] = data

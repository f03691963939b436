# SPDX-License-Identifier: Apache-2.0
"""map_desc: descriptors as the host wrote them; none from the write of its first word to that of its last, none for a program
that may not use the map."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Maps": 8}, {"Maps": 64}]
WORDS = ["word0", "value_size", "values", "limit", "buckets", "mask", "stride", "seed", "end", "plane"]


def may_use(word0, prog, host):
    """Bits 15:8 name the programs; none stands for all."""
    owners = word0 >> 8 & 0xff
    return host or not owners or owners >> prog & 1


@cocotb.test()
async def descriptors(dut):
    tb = Bench(dut)
    maps = parameter(dut, "Maps")
    await tb.reset(we=0)
    word, used = {}, {m: False for m in range(maps)}
    for number in range(maps):
        tb.set(map=number)
        await tb.settle()
        tb.check("type", 0, "after reset")
    asked = cover.cross("port, map", ["ka", "kb"], ["none", "not in use", "not its own", "in use"])
    writes = cover.point("word written", range(len(WORDS)))
    for n in range(clocks(2500)):
        first = n < len(WORDS) * maps
        number, index = divmod(n, len(WORDS)) if first else (tb.rng.randrange(maps), tb.rng.randrange(len(WORDS)))
        value = tb.rng.getrandbits(32) & ~(0xff00 if tb.rng.chance(3) else 0)
        if index == 0 and tb.rng.chance(3):
            value &= ~0xff
        we = first or tb.rng.chance(3)
        ports = {p: tb.rng.randrange(maps) if tb.rng.chance(2) else tb.rng.randrange(256) for p in ("ka", "kb")}
        prog, host = tb.rng.randrange(8), int(tb.rng.chance(4))
        tb.set_all(we=int(we), map=number, prog=prog, host=host, word=index, wdata=value, **{p + "_map": m for p, m in ports.items()})
        await tb.settle()
        if not first:
            for port, m in ports.items():
                there = m < maps and used[m] and word[m, 0] & 0xff != 0
                good = there and may_use(word[m, 0], prog, host)
                tb.check(port + "_ok", int(good), f"map {m}")
                if good:
                    tb.check(port + "_values", word[m, 2])
                    tb.check(port + "_limit", word[m, 3])
                asked.hit((port, "none" if m >= maps else "in use" if good else "not its own" if there else "not in use"))
            tb.check("type", word[number, 0] & 0xff if used[number] and may_use(word[number, 0], prog, host) else 0)
            tb.check("typed", int(word[number, 0] & 0xff != 0))
            tb.check("key_size", word[number, 0] >> 16)
            for i, name in enumerate(WORDS):
                tb.check(name, word[number, i])
        await tb.edge()
        if we:
            writes.hit(index)
            word[number, index] = value
            if WORDS[index] == "limit":
                word[number, WORDS.index("end")] = value
            used[number] = index == 7 or (used[number] and index != 0)

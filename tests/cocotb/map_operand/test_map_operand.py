# SPDX-License-Identifier: Apache-2.0
"""map_operand: operand words at any byte address out of memory words handed in with gaps and taken with gaps."""
import cover
from bench import Bench, clocks, cocotb, mask

MEMORY = 0x1000


@cocotb.test()
async def operands(dut):
    tb = Bench(dut)
    await tb.reset(start=0, raw=0, pop=0)
    cases = cover.cross("offset, size modulo 8", range(8), range(8))
    for n in range(clocks(300)):
        size = 8 * tb.rng.choice([0, 0, 1, 1, 2, 5, 15, 63, 70]) + n // 8 % 8 or 8
        off, tag = n % 8, tb.rng.randrange(1, 4)
        first = MEMORY + 8 * tb.rng.randrange(64) + off
        data = bytes(tb.rng.getrandbits(8) for _ in range(size + 16))
        padded = bytes(tb.rng.getrandbits(8) for _ in range(off)) + data   # from first & ~7 on
        await tb.step(start=1, ptr=tag << 60 | first, size=size, raw=0, pop=0)
        cases.hit((off, size % 8))
        raw_words, taken, given = (off + size + 7) // 8, 0, 0
        wanted = (size + 7) // 8
        for _ in range(2000):
            tb.set_all(start=0, raw=0, pop=0)
            await tb.settle()
            tb.check("tag", tag)
            tb.check("done", int(taken == wanted))
            if taken == wanted:
                break
            # complete: all memory words that hold bytes of it are in
            needed = min(raw_words, (off + 8 * taken + 7) // 8 + 1) if off else taken + 1
            ready = given >= needed
            tb.check("ready", int(ready), f"{size} bytes at {off}: {given} in, {taken} taken")
            tb.check("last", int(taken == wanted - 1))
            pop = ready and tb.rng.chance(2)
            if ready:
                want = int.from_bytes(data[:size][8 * taken:8 * taken + 8], "little")
                tb.check("word", want, f"{size} bytes at {off}, word {taken}")
                tb.check("index", taken % 64)
            # a memory word is read only when the word before has been taken as far as it can
            more = given < raw_words and not ready and tb.rng.chance(2)
            inputs = {"start": 0, "raw": int(more), "pop": int(pop)}
            if more:
                tb.check("raw_word", (first >> 3) + given & mask(29))
                tb.check("raw_last", int(given == raw_words - 1))
                inputs["raw_data"] = int.from_bytes(padded[8 * given:8 * given + 8].ljust(8, b"\x5a"), "little")
                tb.check("ready_raw", int(given + 1 >= needed))
                given += 1
            tb.set(**inputs)
            await tb.settle()
            await tb.edge()
            taken += int(pop)
        assert taken == wanted

# SPDX-License-Identifier: Apache-2.0
"""fp_place: where packets lie: as they started, until they are adjusted; three readers at once."""
import cover
from bench import Bench, clocks, cocotb, parameter
from spec import CONSTS

VARIANTS = [{"Threads": 8, "TW": 3}, {"Threads": 2, "TW": 1}]
HEAD, LOW, BUFFER = CONSTS["HEADROOM"], CONSTS["HEAD_MIN"], CONSTS["PKT_BUFFER"]


def check(tb, known, asked, seen):
    got = tb.get("front"), tb.get("start"), tb.get("end")
    for i, thread in enumerate(asked):
        want, moved = known[thread]
        have = got[0] >> 11 * i & 0x7ff, got[1] >> 11 * i & 0x7ff, got[2] >> 12 * i & 0xfff
        assert have == want, f"clock {tb.clocks}: reader {i}, thread {thread}: {have}, not {want}"
        seen.hit((i, moved))


@cocotb.test()
async def places(dut):
    tb = Bench(dut)
    threads, width = parameter(dut, "Threads"), parameter(dut, "TW")
    await tb.reset(start=0, move=0)
    seen = cover.cross("reader, moved", range(3), [False, True])
    known = {}
    for _ in range(clocks(4000)):
        start, move = tb.rng.chance(5), tb.rng.chance(5)
        begun, moved = tb.rng.randrange(threads), tb.rng.randrange(threads)
        move = move and moved in known and not (start and begun == moved)
        length, at = tb.rng.randrange(1, 1537), tb.rng.randrange(LOW, BUFFER - 14)
        place = tb.rng.randrange(LOW, at + 1), at, tb.rng.randrange(at + 14, BUFFER + 1)
        asked = [tb.rng.choice(list(known) or [0]) for _ in range(3)]
        tb.set_all(start=int(start), start_thread=begun, start_len=length, move=int(move), move_thread=moved, move_front=place[0],
                   move_start=place[1], move_end=place[2], thread=sum(t << width * i for i, t in enumerate(asked)))
        await tb.settle()
        if known:
            check(tb, known, asked, seen)
        await tb.edge()
        if move:
            known[moved] = place, True
        if start:
            known[begun] = (HEAD, HEAD, HEAD + length), False

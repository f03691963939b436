# SPDX-License-Identifier: Apache-2.0
"""fp_adjust: moves of start, end and metadata against the table of machine.md, around every limit."""
import cover
from bench import Bench, Pipe, clocks, cocotb, mask
from spec import CONSTS

LOW, BUFFER, SHORT, LONG, META = (CONSTS[name] for name in ("HEAD_MIN", "PKT_BUFFER", "LEN_MIN", "LEN_MAX", "META_MAX"))
INVALID, ACCESS = -22, -13


def adjust(what, by, front, start, end):
    """(result, front, start, end)"""
    places = {"head": (front + by, start + by, end), "tail": (front, start, end + by), "meta": (front + by, start, end)}[what]
    length, meta = places[2] - places[1], places[1] - places[0]
    if start == end:
        return INVALID, None
    if what != "tail" and places[0] < LOW or what == "tail" and places[2] > BUFFER:
        return INVALID, None
    if what == "meta" and meta < 0 or what != "meta" and not SHORT <= length <= LONG:
        return INVALID, None
    if what == "meta" and (meta % 4 or meta > META):
        return ACCESS, None
    return 0, places


def choose(rng, what, front, start, end):
    """A move that often ends at a limit or beside it."""
    edges = {"head": [LOW - front, end - SHORT - start, end - LONG - start], "tail": [BUFFER - end, start + SHORT - end, start + LONG - end],
             "meta": [LOW - front, start - front, start - META - front]}[what]
    kind = rng.randrange(4)
    if kind == 0:
        return rng.choice(edges) + rng.randrange(-2, 3)
    if kind == 1:
        return rng.randrange(-16, 17) * 4
    return rng.randrange(-2100, 2100) if kind == 2 else rng.word(32)


@cocotb.test()
async def moves(dut):
    tb = Bench(dut)
    seen = cover.cross("what, result", ["head", "tail", "meta"], [0, INVALID])
    denied = cover.point("metadata of a wrong length", [True])
    idle = cover.point("not to be done", [True])
    to_e2, to_m2 = Pipe(1), Pipe(2)
    for _ in range(clocks(8000)):
        what = tb.rng.choice(["head", "tail", "meta"])
        start = tb.rng.choice([LOW, CONSTS["HEADROOM"], tb.rng.randrange(LOW, BUFFER - SHORT)])
        front = max(LOW, start - 4 * tb.rng.choice([0, 0, 1, 8, META // 4, tb.rng.randrange(META // 4 + 1)]))
        front += (start - front) % 4
        end = min(BUFFER, start + tb.rng.choice([0, SHORT, 60, 1500, LONG, tb.rng.randrange(1, LONG + 1)]))
        by = choose(tb.rng, what, front, start, end)
        signed_by = (by & mask(32)) - (1 << 32 if by >> 31 & 1 else 0)
        asked = not tb.rng.chance(8)
        go, thread = asked and not tb.rng.chance(4), tb.rng.getrandbits(4)
        e2 = to_e2.step((go, thread, asked))
        await tb.step(e1_head=int(what == "head"), e1_tail=int(what == "tail"), e1_by=by, e1_front=front, e1_start=start, e1_end=end,
                      **({"e2_go": int(e2[0]), "e2_thread": e2[1], "e2_is_adjust": int(e2[2])} if e2 else {"e2_go": 0}))
        m2 = to_m2.step((what, adjust(what, signed_by, front, start, end), go, thread, asked, (by, front, start, end)))
        if m2 is None:
            continue
        what, (result, places), go, thread, asked, about = m2
        tb.check("m2_invalid", int(asked and result == INVALID), f"{what} {about}")
        tb.check("m2_access", int(asked and result == ACCESS), f"{what} {about}")
        tb.check("m2_move", int(go and result == 0), f"{what} {about}")
        if go and result == 0:
            tb.check("m2_thread", thread)
            for name, want in zip(("front", "start", "end"), places):
                tb.check("m2_" + name, want, f"{what} {about}")
        if result == ACCESS:
            denied.hit(True)
        else:
            seen.hit((what, result))
        if not go:
            idle.hit(True)

# SPDX-License-Identifier: Apache-2.0
"""map_outcome: step 6 of machine.md: what follows when the walk is over."""
import cover
from bench import Bench, clocks, cocotb, mask
from spec import CONSTS, INSNS

ENDS = ["pointer", "null", "unlink", "enoent", "eexist", "replace", "take", "extend", "e2big", "bad", "rewrite", "evict"]


def outcome(op, found, flags, free, following, last, planes, lru, good):
    own = not planes or good["plane"]
    if op == "MLOOK":
        return "pointer" if found else "null"
    if op == "MDEL":
        return "unlink" if found else "enoent"
    if found:
        if flags == 1:
            return "eexist"
        if not good["spare"] or (planes and not good["plane"]):
            return "bad"
        return "rewrite" if planes else "replace"
    if flags == 2:
        return "enoent"
    if free:
        return "take" if good["free"] and own else "bad"
    if following >= last:
        return "evict" if lru else "e2big"
    return "extend" if good["next"] and own else "bad"


@cocotb.test()
async def outcomes(dut):
    tb = Bench(dut, clock=False)
    ends = cover.point("outcome", ENDS)
    for _ in range(clocks(2000)):
        op, found, flags = tb.rng.choice(["MLOOK", "MDEL", "MUPD"]), tb.rng.randrange(2), tb.rng.randrange(3)
        last = 8 * tb.rng.randrange(1, 1000)
        good = {name: not tb.rng.chance(4) for name in ("free", "next", "spare", "plane")}
        planes, lru = tb.rng.chance(2), tb.rng.chance(2)
        free, where = tb.rng.choice([0, 8 * tb.rng.randrange(1, 1000)]), tb.rng.getrandbits(32)
        following = last + tb.rng.choice([-8, 0, 8])
        number = tb.rng.randrange(256)
        tb.set(op=INSNS[op].opcode, map=number, flags=flags, found=found, value_addr=where, free=free, next=following, last=last, planes=int(planes), lru=int(lru),
               **{name + "_ok": int(ok) for name, ok in good.items()})
        await tb.settle()
        end = outcome(op, found, flags, free, following, last, planes, lru, good)
        for name in ("unlink", "replace", "take", "extend", "bad", "rewrite", "evict"):
            tb.check(name, int(end == name), end)
        value = {"pointer": CONSTS["TAG_MAP"] << 60 | number << 48 | where, "enoent": -2, "eexist": -17, "e2big": -7}.get(end, 0)
        tb.check("x", value & mask(64), end)
        ends.hit(end)

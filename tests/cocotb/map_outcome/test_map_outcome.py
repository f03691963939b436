# SPDX-License-Identifier: Apache-2.0
"""map_outcome: step 6 of machine.md: what follows when the walk is over."""
import cover
from bench import Bench, clocks, cocotb, mask
from spec import CONSTS, INSNS

ENDS = ["pointer", "null", "unlink", "enoent", "eexist", "replace", "take", "extend", "e2big"]


def outcome(op, found, flags, free, following, limit, stride):
    if op == "MLOOK":
        return "pointer" if found else "null"
    if op == "MDEL":
        return "unlink" if found else "enoent"
    if found:
        return "eexist" if flags == 1 else "replace"
    if flags == 2:
        return "enoent"
    return "take" if free else "extend" if following < limit - stride else "e2big"


@cocotb.test()
async def outcomes(dut):
    tb = Bench(dut, clock=False)
    ends = cover.point("outcome", ENDS)
    for _ in range(clocks(2000)):
        op, found, flags = tb.rng.choice(["MLOOK", "MDEL", "MUPD"]), tb.rng.randrange(2), tb.rng.randrange(3)
        stride = 8 * tb.rng.randrange(2, 20)
        limit = stride + 8 * tb.rng.randrange(1, 1000)
        free, where = tb.rng.choice([0, 8 * tb.rng.randrange(1, 1000)]), tb.rng.getrandbits(32)
        following = limit - stride + tb.rng.choice([-stride, -8, 0, 8]) & mask(32)
        number = tb.rng.randrange(256)
        tb.set(op=INSNS[op].opcode, map=number, flags=flags, found=found, value_addr=where, free=free, next=following, limit=limit,
               stride=stride)
        await tb.settle()
        end = outcome(op, found, flags, free, following, limit, stride)
        for name in ("unlink", "replace", "take", "extend"):
            tb.check(name, int(end == name), end)
        value = {"pointer": CONSTS["TAG_MAP"] << 60 | number << 48 | where, "enoent": -2, "eexist": -17, "e2big": -7}.get(end, 0)
        tb.check("x", value & mask(64), end)
        ends.hit(end)

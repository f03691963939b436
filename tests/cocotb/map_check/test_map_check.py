# SPDX-License-Identifier: Apache-2.0
"""map_check: step 1 of machine.md: which calls the engine refuses, and that it refuses no other."""
import cover
from bench import Bench, clocks, cocotb
from spec import CONSTS, INSNS

HEAD, STACK = CONSTS["HEADROOM"], CONSTS["STACK_BYTES"]
CALLS = ["MLOOK", "MUPD", "MDEL", "MCPY"]   # MLOOKR is no call of the engine
FLAWS = ["none", "type", "key size 0", "key size", "value size 0", "key range", "value range", "element map", "element alignment", "element tag"]


def pointer(rng, tag, size, length, values, limit, inside):
    """A pointer to an operand of size bytes in the tag's region, or one that leaves it."""
    first, end = {"packet": (HEAD, HEAD + length), "stack": (0, STACK), "map": (values, limit)}[tag]
    if end - first < size:
        return None
    at = rng.randrange(first, end - size + 1) if inside else end - size + 1 + rng.randrange(8)
    return CONSTS[{"packet": "TAG_PKT", "stack": "TAG_STACK", "map": "TAG_MAP"}[tag]] << 60 | at


@cocotb.test()
async def calls(dut):
    tb = Bench(dut, clock=False)
    seen = cover.point("call, flaw", [(c, f) for c in CALLS for f in FLAWS if may_have(c, f)])
    done = 0
    while done < clocks(2500):
        rng, op, flaw = tb.rng, tb.rng.choice(CALLS), tb.rng.choice(FLAWS)
        if not may_have(op, flaw):
            continue
        number, length = rng.randrange(64), rng.randrange(1, 1537)
        key = {"key size 0": 0, "key size": CONSTS["KEY_BYTES"] + rng.choice([1, 100])}.get(flaw, rng.choice([1, 4, 13, CONSTS["KEY_BYTES"]]))
        value = 0 if flaw == "value size 0" else rng.choice([1, 8, 20, 64])
        hashed = flaw != "type"
        values = 8 * rng.randrange(1, 1000)
        limit = values + 8 * rng.randrange(20, 60)
        copy = op == "MCPY"
        a = pointer(rng, "map" if copy else rng.choice(["packet", "stack", "map"]), value if copy else key, length, values, limit, flaw != "key range")
        b = pointer(rng, rng.choice(["packet", "stack", "map"]), value, length, values, limit, flaw != "value range")
        if a is None or b is None:
            continue
        if copy:
            a = a & ~7 if flaw not in ("key range", "element alignment") else a | (1 if flaw == "element alignment" else 0)
            a |= (number if flaw != "element map" else number ^ 1 << rng.randrange(6)) << 48
            if flaw == "element tag":
                a = CONSTS["TAG_STACK"] << 60 | 8 * rng.randrange(4)
            hashed = rng.chance(2)
        tb.set(op=INSNS[op].opcode, map=number, a=a, b=b, front=HEAD, end=HEAD + length, hash=int(hashed), key_size=key, value_size=value, a_ok=1, a_values=values,
               a_limit=limit, b_ok=1, b_values=values, b_limit=limit)
        await tb.settle()
        tb.check("legal", int(flaw == "none"), f"{op} {flaw} a={a:#x} b={b:#x} key {key} value {value}")
        seen.hit((op, flaw))
        done += 1
    for host in range(2):
        tb.set(op=INSNS["MLOOKR"].opcode, host=host)
        await tb.settle()
        tb.check("legal", host, "the barrier of the host")


def may_have(op, flaw):
    """Does this flaw spoil this call?"""
    if flaw.startswith("element"):
        return op == "MCPY"
    if flaw in ("value size 0", "value range"):
        return op in ("MUPD", "MCPY")
    if flaw in ("type", "key size 0", "key size"):
        return op != "MCPY"
    return True

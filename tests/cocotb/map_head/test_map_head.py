# SPDX-License-Identifier: Apache-2.0
"""map_head: what a map command is, whether it is legal, and the words it asks for."""
import cover
from bench import Bench, byte_swap, clocks, cocotb, mask
from spec import CONSTS, INSNS

ATOMIC = ["MADD", "MAND", "MOR", "MXOR", "MXCHG", "MCAS"]
VALUE = ["MLD", "MLDS", "MST", *ATOMIC]
CALLS = ["MLOOK", "MLOOKR", "MUPD", "MDEL", "MCPY"]
FRONT, END = 200, 500


def in_range(ptr, size, map_ok, values, limit):
    tag, at = ptr >> 60, ptr & mask(32)
    low, high = {CONSTS["TAG_PKT"]: (FRONT, END), CONSTS["TAG_STACK"]: (0, CONSTS["STACK_BYTES"]),
                 CONSTS["TAG_MAP"]: (values, limit)}.get(tag, (1, 0))
    return low <= at and at + size <= high and (tag != CONSTS["TAG_MAP"] or map_ok)


@cocotb.test()
async def commands(dut):
    tb = Bench(dut, clock=False)
    seen = cover.cross("command, legal", [*VALUE, "MLOOK", "MLOOKR"], [False, True])
    halves = cover.cross("width, offset, second word", range(4), range(8), [0, 1])
    for _ in range(clocks(5000)):
        op, w, width, swap, fetch = tb.rng.choice(VALUE + CALLS + 6 * ["MST"]), tb.rng.randrange(2), tb.rng.randrange(4), tb.rng.randrange(2), tb.rng.randrange(2)
        tag = CONSTS["TAG_MAP"] if op in VALUE and not tb.rng.chance(6) else CONSTS[tb.rng.choice(["TAG_PKT", "TAG_STACK", "TAG_MAP"])]
        values = 8 * tb.rng.randrange(1, 40)
        limit = values + 8 * tb.rng.randrange(1, 20)
        map_ok, key_size = int(not tb.rng.chance(8)), tb.rng.choice([0, 1, 4, 16, 17, 24])
        at = tb.rng.choice([FRONT, END - 8, values, limit - tb.rng.randrange(10), tb.rng.randrange(600), tb.rng.randrange(600)])
        ptr, b, c, second = tag << 60 | at, tb.rng.getrandbits(64), tb.rng.getrandbits(64), tb.rng.randrange(2)
        tb.set(op=INSNS[op].opcode, w=w, fetch=fetch, width=width, swap=swap, addr=ptr, b=b, c=c, front=FRONT, end=END, second=second,
               map_ok=map_ok, values=values, limit=limit, key_size=key_size)
        await tb.settle()
        value, atomic = op in VALUE, op in ATOMIC
        wide = (2 if w else 3) if atomic else width
        size, off = 1 << wide, at % 8
        has = map_ok and key_size
        tb.check("value", int(value))
        tb.check("in_address", int(value))
        look = op == "MLOOK" and has and tag != CONSTS["TAG_MAP"] and in_range(ptr, key_size, map_ok, values, limit)
        look_key = op == "MLOOKR" and has and key_size <= 16
        tb.check("look", int(bool(look)), f"key of {key_size} bytes at {ptr:#x}")
        tb.check("look_key", int(bool(look_key)))
        if not value:
            if op in ("MLOOK", "MLOOKR"):
                seen.hit((op, bool(look or look_key)))
            continue
        legal = tag == CONSTS["TAG_MAP"] and in_range(ptr, size, map_ok, values, limit) and not (atomic and at % size)
        tb.check("legal", int(bool(legal)), f"{op} of {size} bytes at {ptr:#x}, {values}..{limit}")
        tb.check("waits", int(op in ("MLD", "MLDS") or bool(atomic and fetch)))
        tb.check("width", wide)
        tb.check("split", int(off + size > 8))
        tb.check("sign", int(op == "MLDS"))
        seen.hit((op, bool(legal)))
        request = tb.get("req")
        assert request & mask(29) == at // 8 + second, f"word of {ptr:#x}"
        assert request >> 37 & 1 == int(atomic)
        if op == "MST":
            halves.hit((wide, off, second))
            stored = (byte_swap(b, size) if swap else b & mask(8 * size)) << 8 * off >> 64 * second & mask(64)
            enabled = mask(size) << off >> 8 * second & 0xff
            bits = sum(0xff << 8 * i for i in range(8) if enabled >> i & 1)
            assert request >> 29 & 0xff == enabled, f"mask of {size} bytes at {off}"
            assert request >> 43 & bits == stored, f"bytes of {size} at {off}"
        else:
            assert request >> 29 & 0xff == 0
            assert request >> 43 & mask(64) == b and request >> 107 == c
            if atomic:
                assert request >> 38 & 7 == INSNS[op].opcode & 7 and request >> 41 & 1 == w and request >> 42 & 1 == off >> 2

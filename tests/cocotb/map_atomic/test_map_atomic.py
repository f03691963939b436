# SPDX-License-Identifier: Apache-2.0
"""map_atomic: old and new word of every atomic, in words and in either half."""
import cover
from bench import Bench, clocks, cocotb, mask
from spec import INSNS

OPS = {
    "MADD": lambda old, b, c: old + b, "MAND": lambda old, b, c: old & b, "MOR": lambda old, b, c: old | b,
    "MXOR": lambda old, b, c: old ^ b, "MXCHG": lambda old, b, c: b, "MCAS": lambda old, b, c: b if old == c else old,
}


@cocotb.test()
async def operations(dut):
    tb = Bench(dut, clock=False)
    seen = cover.cross("op, w, upper half, equal to c", OPS, [0, 1], [0, 1], [False, True])
    for _ in range(clocks(4000)):
        op, w, upper = tb.rng.choice(list(OPS)), tb.rng.randrange(2), tb.rng.randrange(2)
        bits, low = (32, 32 * upper) if w else (64, 0)
        word, b = tb.rng.word(), tb.rng.word()
        old = word >> low & mask(bits)
        c = tb.rng.choice([old, old, old ^ 1 << tb.rng.randrange(bits), tb.rng.word()])
        if w:
            b, c = b & mask(32), c & mask(32)   # the core truncates the operands of a 32-bit operation
        tb.set(op=INSNS[op].opcode, w=w, upper=upper, word=word, b=b, c=c)
        await tb.settle()
        new = OPS[op](old, b, c) & mask(bits)
        tb.check("old", old, op)
        enabled = tb.get("mask")
        assert enabled == (0xff if not w else 0xf0 if upper else 0x0f)
        assert tb.get("word") >> low & mask(bits) == new, f"{op} w={w} upper={upper} {word:#x} {b:#x} {c:#x}"
        seen.hit((op, w, upper, old == c))

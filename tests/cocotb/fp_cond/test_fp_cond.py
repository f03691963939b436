# SPDX-License-Identifier: Apache-2.0
"""fp_cond: every branch's condition, with the carry and the bits the adder and the bitwise operation would give."""
import cover
from bench import Bench, clocks, cocotb, mask
from spec import condition

# eq, lt, set, inv, signed
CONTROLS = {
    "JEQ": (1, 0, 0, 0, 0), "JNE": (1, 0, 0, 1, 0), "JGT": (1, 1, 0, 1, 0), "JGE": (0, 1, 0, 1, 0), "JLT": (0, 1, 0, 0, 0),
    "JLE": (1, 1, 0, 0, 0), "JSGT": (1, 1, 0, 1, 1), "JSGE": (0, 1, 0, 1, 1), "JSLT": (0, 1, 0, 0, 1),
    "JSLE": (1, 1, 0, 0, 1), "JSET": (0, 0, 1, 0, 0), "JNSET": (0, 0, 1, 1, 0),
}


@cocotb.test()
async def branches(dut):
    tb = Bench(dut)
    outcomes = cover.cross("op, w, taken", CONTROLS, [0, 1], [False, True])
    for _ in range(clocks(3000)):
        op, w = tb.rng.choice(list(CONTROLS)), tb.rng.randrange(2)
        bits = 32 if w else 64
        a = tb.rng.word() & mask(bits)
        b = (a if tb.rng.chance(3) else tb.rng.word()) & mask(bits)
        eq, lt, both, inv, sign = CONTROLS[op]
        bitwise = a ^ b if eq else a & b if both else tb.rng.word()
        tops = [(number >> 63) << 1 | number >> 31 & 1 for number in (a, b)]
        await tb.step(e1_bitwise=bitwise, e1_a_tops=tops[0], e1_b_tops=tops[1], e1_w=w, e1_carry=int(a >= b), e1_eq=eq, e1_lt=lt, e1_set=both, e1_inv=inv, e1_signed=sign)
        taken = condition(op, a, b, w)
        tb.check("e2_taken", int(taken), f"{op} w={w} {a:#x} {b:#x}")
        outcomes.hit((op, w, taken))

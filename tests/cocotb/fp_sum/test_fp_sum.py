# SPDX-License-Identifier: Apache-2.0
"""fp_sum: one's complement sums of two words, and of the four 16-bit words of one."""
import cover
from bench import Bench, Pipe, clocks, cocotb, mask

SPECIAL = {0: "nothing", mask(64): "ones", 0xffff0000ffffffff: "three words of ones", 0xffffffff00000001: "a carry of the first sum",
           0x8000800080008000: "a carry of the second sum"}


def fold(value):
    total = sum(value >> 16 * i & 0xffff for i in range(4))
    while total > 0xffff:
        total = (total >> 16) + (total & 0xffff)
    return total


@cocotb.test()
async def sums(dut):
    tb = Bench(dut)
    seen = cover.cross("fold, carry", [0, 1], [False, True])
    full = cover.point("fold of", SPECIAL.values())
    to_e2, to_m2 = Pipe(1), Pipe(2)
    for _ in range(clocks(5000)):
        a, b, is_fold = tb.rng.word(), tb.rng.word(), tb.rng.randrange(2)
        if tb.rng.chance(8):
            a = tb.rng.choice(list(SPECIAL))
        carry = a + b >> 64
        is_sum = int(not tb.rng.chance(8))
        e2 = to_e2.step((is_sum, is_fold, a + b & mask(64)))
        await tb.step(e1_a=a, e1_carry=carry, **({"e2_is_sum": e2[0], "e2_fold": e2[1], "e2_sum": e2[2]} if e2 else {}))
        m2 = to_m2.step((is_sum, is_fold, a, b, carry))
        if m2 is None:
            continue
        is_sum, is_fold, a, b, carry = m2
        tb.check("m2_value", is_sum * (fold(a) if is_fold else (a + b & mask(64)) + carry), f"{a:#x} {b:#x}")
        seen.hit((is_fold, bool(carry)))
        if is_fold and a in SPECIAL:
            full.hit(SPECIAL[a])

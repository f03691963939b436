# SPDX-License-Identifier: Apache-2.0
"""fp_alu: every instruction that computes, with the control signals the decoder gives it; addresses, time, random number."""
import cover
from bench import Bench, Pipe, clocks, cocotb, mask, signed
from spec import arithmetic

LOGIC = {"AND": 0, "OR": 1, "XOR": 2, "MOV": 3}
SHIFTS = ["LSH", "RSH", "ARSH", "UBFX", "SBFX", "BSWAP"]
OPS = ["ADD", "SUB", *LOGIC, *SHIFTS, "ADDRESS", "RDT", "RND"]
IDLE = {"e1_sub": 0, "e1_use_off": 0, "e1_use_time": 0, "e1_use_logic": 1, "e1_shift": 0, "e1_left": 0, "e1_bswap": 0, "e1_arsh": 0,
        "e1_sbfx": 0, "e1_last": 63}


def operation(tb):
    """(name, w, inputs, random number in E2 or None, result)"""
    op, rng = tb.rng.choice(OPS), tb.rng
    w = rng.randrange(2) if op in ("ADD", "SUB", "AND", "OR", "XOR", "MOV", "LSH", "RSH", "ARSH") else 0
    a, b = rng.word(), rng.word()
    if w:
        a, b = a & mask(32), b & mask(32)   # the operand registers did that
    inputs = dict(IDLE, e1_a=a, e1_b=b, e1_w=w, e1_time=rng.word())
    if op in ("ADD", "SUB"):
        inputs.update(e1_use_logic=0, e1_sub=int(op == "SUB"))
    elif op in LOGIC:
        inputs.update(e1_logic=LOGIC[op])
    elif op in SHIFTS:
        return shift(op, w, rng, inputs)
    elif op == "ADDRESS":
        off = rng.getrandbits(11)
        inputs.update(e1_use_logic=0, e1_use_off=1, e1_off=off)
        return op, w, inputs, None, a + signed(off, 11) & mask(64)
    elif op == "RDT":
        inputs.update(e1_use_time=1)
        return op, w, inputs, None, inputs["e1_time"]
    else:
        number = rng.word(32)
        return op, w, inputs, number, number
    return op, w, inputs, None, arithmetic(op, a, b, w)


def shift(op, w, rng, inputs):
    a, b, length, width = inputs["e1_a"], rng.randrange(64), rng.randrange(64), rng.randrange(4)
    count = b & (31 if w else 63)
    inputs.update(e1_shift=1, e1_b=b, e1_amount=count, e1_arsh=int(op == "ARSH"))
    if op == "LSH":
        inputs.update(e1_left=1, e1_amount=-count)
    elif op == "BSWAP":
        inputs.update(e1_bswap=1, e1_amount=64 - (8 << width))
    elif op in ("UBFX", "SBFX"):
        inputs.update(e1_last=length - 1, e1_sbfx=int(op == "SBFX"))
    return op, w, inputs, None, arithmetic(op, a, b, w, shift=b, length=length, width=width)


@cocotb.test()
async def computes(dut):
    tb = Bench(dut)
    seen = cover.cross("op, w", OPS[:9], [0, 1])
    wide = cover.point("op", OPS[9:])
    to_e2, to_m3 = Pipe(1), Pipe(3)
    for _ in range(clocks(8000)):
        op, w, inputs, number, result = operation(tb)
        none = int(tb.rng.chance(8))       # another unit's result
        before = to_e2.step((op, number, none))
        late = {"e2_use_rnd": 0}
        if before:
            late = {"e2_none": before[2], "e2_use_rnd": int(before[0] == "RND"), "e2_rnd": before[1] if before[0] == "RND" else tb.rng.word(32)}
        tb.set_all(**inputs, **late)
        await tb.settle()
        if op == "SUB":
            tb.check("e1_carry", int(inputs["e1_a"] >= inputs["e1_b"]))
        if op in LOGIC:
            tb.check("e1_bitwise", result, op)
        await tb.edge()
        await tb.settle()
        if op in ("SUB", "ADDRESS", "ADD") and not w:
            tb.check("e2_sum", result, op)
        # a result of the operation three clocks before this one is in M3 now
        want = to_m3.step((op, w, inputs, 0 if none else result))
        if want:
            tb.check("m3_result", want[3], f"{want[0]} w={want[1]} {want[2]}")
            (seen if want[0] in OPS[:9] else wide).hit((want[0], want[1]) if want[0] in OPS[:9] else want[0])

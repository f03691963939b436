# SPDX-License-Identifier: Apache-2.0
"""fp_decode: all 256 opcodes in every lane, against the formats of isa.def."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter
from spec import BY_OPCODE, INSNS, field, has

VARIANTS = [{"Lane": lane, "Lanes": lanes} for lanes, lane in ((1, 0), (2, 0), (2, 1), (3, 0), (3, 2), (4, 1), (4, 2), (4, 3))]
WINDOW = ["WUBFX", "WSBFX", "WJEQ", "WJNE", "WJGT", "WJLT", "WJEQ4", "WJNE4"]
CONTROL = [op for op in INSNS if INSNS[op].slot == "B"] + ["JMP", "EXIT"]
SHIFTS = ["LSH", "RSH", "ARSH", "BSWAP", "UBFX", "SBFX", "WUBFX", "WSBFX"]


def may_stand(op, lane, lanes):
    slot = INSNS[op].slot
    return slot == "A" or (slot == "M" and lane == lanes - 1) or (slot in "WB" and lane < 2)


def check_operands(tb, op, value, lane):
    # the lane's adder compares and subtracts in the low half alone when w
    w = has(op, "w") and field(value, "w")
    tb.check("w", int(w), op)
    if op in WINDOW and lane < 2:
        width = {"W2": field(value, "half"), "W4": 2}.get(INSNS[op].format, field(value, "width"))
        tb.check("window", 1, op)
        tb.check("win_width", width, op)
        tb.check("win_swap", field(value, "wswap" if has(op, "x") else "swap"), op)
        tb.check("win_mask", field(value, "mask") if has(op, "M") else 0xffff, op)
    else:
        tb.check("window", 0, op)
    if has(op, "b") and field(value, "i"):
        tb.check("b_code", 0, op)
        tb.check("b_plain", 1, op)
    elif has(op, "b") or has(op, "r"):
        tb.check("b_code", 1, op)
    elif op == "MOVH":
        tb.check("b_code", 0, op)
        tb.check("b_plain", 0, op)
    if has(op, "a") and op != "MOVH" and not INSNS[op].format in ("AT", "CX"):
        tb.check("a_zero_hi", int(w), op)   # an atomic's a is an address
    if has(op, "b"):
        tb.check("b_zero_hi", int(w), op)
        tb.check("b_zero_mid", 0, op)
        tb.check("b_zero_lo", 0, op)


def check_arithmetic(tb, op, value):
    tb.check("shift", int(op in SHIFTS), op)
    tb.check("left", int(op == "LSH"), op)
    tb.check("bswap", int(op == "BSWAP"), op)
    tb.check("arsh", int(op == "ARSH"), op)
    tb.check("sbfx", int(op in ("SBFX", "WSBFX")), op)
    if op in SHIFTS:
        tb.check("last", (field(value, "len") - 1) % 64 if has(op, "l") else 63, op)
    if op in ("ADD", "SUB"):
        tb.check("use_logic", 0, op)
        tb.check("sub", int(op == "SUB"), op)
    if op in ("AND", "OR", "XOR", "MOV"):
        tb.check("use_logic", 1, op)
        tb.check("logic", ["AND", "OR", "XOR", "MOV"].index(op), op)
    if tb.get("c_set"):
        tb.check("logic", 0, op)
    if tb.get("c_eq"):
        tb.check("logic", 2, op)


def check_control(tb, op):
    """Taken, for each of: a below, equal, above b; no bit in common or one. Nothing but control operations is ever taken."""
    tb.check("exit", int(op == "EXIT"), op)
    tb.check("jump_a", int(op == "JMPR"), op)
    inv, eq, lt, both = (tb.get("c_" + n) for n in ("inv", "eq", "lt", "set"))
    if op not in CONTROL:
        assert not (inv or eq or lt or both), f"{op} would branch"
        return
    kind = op.removeprefix("W").rstrip("4").removeprefix("J").removeprefix("S") if op not in ("JSET",) else "SET"
    for below, equal, common in ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (0, 1, 1), (0, 0, 0)):
        taken = inv ^ (eq & equal | lt & below | both & common)
        want = {"EQ": equal, "NE": not equal, "GT": not below and not equal, "GE": not below, "LT": below, "LE": below or equal,
                "SET": common, "NSET": not common, "MP": True, "MPR": True, "EXIT": True}[kind]
        assert taken == int(want), f"{op}: below={below} equal={equal} common={common}"
        if op not in ("JMP", "JMPR", "EXIT", "JSET", "JNSET") and op.rstrip("4")[-2:] not in ("EQ", "NE"):
            tb.check("c_signed", int(op.startswith("JS")), op)


@cocotb.test()
async def opcodes(dut):
    tb = Bench(dut, clock=False)
    lane, lanes = parameter(dut, "Lane"), parameter(dut, "Lanes")
    seen = cover.point("opcode", range(256))
    where = cover.point("slot, allowed here", [("A", True), *((s, y) for s in "WBM" for y in (False, True))])
    for n in range(clocks(256 * 12)):
        opcode = n % 256
        value = opcode << 56 | tb.rng.getrandbits(56)
        tb.set(word=value)
        await tb.settle()
        seen.hit(opcode)
        op = BY_OPCODE.get(opcode)
        allowed = op is not None and may_stand(op, lane, lanes)
        tb.check("legal", int(allowed), str(op))
        tb.check("we", int(op is not None and INSNS[op].result == "NEXT"), str(op))
        if op is None:
            continue
        where.hit((INSNS[op].slot, allowed))
        if allowed:
            check_operands(tb, op, value, lane)
            check_arithmetic(tb, op, value)
            check_control(tb, op)

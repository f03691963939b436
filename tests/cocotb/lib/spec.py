# SPDX-License-Identifier: Apache-2.0
"""The contract as the benches need it: lane words from field values, and what an instruction computes."""
import nic_spec
from bench import byte_swap, mask, signed

FIELDS, INSNS, CONSTS, CAUSES = nic_spec.FIELDS, nic_spec.INSNS, nic_spec.CONSTS, nic_spec.CAUSES
SPECIALS = {name: code for name, (code, _) in nic_spec.SPECIALS.items()}
BY_OPCODE = {insn.opcode: name for name, insn in INSNS.items()}


def word(op, **fields):
    """A lane word; fields by their names in isa.def."""
    value = INSNS[op].opcode << 56
    for name, number in fields.items():
        msb, lsb = FIELDS[name]
        assert number == number & mask(msb - lsb + 1), f"{name}={number} does not fit"
        value |= number << lsb
    return value


def field(value, name):
    msb, lsb = FIELDS[name]
    return value >> lsb & mask(msb - lsb + 1)


def has(op, letter):
    """Does the instruction's format have this letter (LETTERS of nic_spec)?"""
    return letter in nic_spec.FORMATS[INSNS[op].format]


def bit_field(a, shift, length, sign):
    length = length or 64
    value = a >> shift
    return (signed(value, length) if sign else value & mask(length)) & mask(64)


def arithmetic(op, a, b, w=0, shift=0, length=0, imm=0, width=0):
    """Result of an instruction of slot A or M that computes on registers."""
    bits = 32 if w else 64
    a, b = a & mask(bits), b & mask(bits)
    count = b & (bits - 1)
    result = {
        "ADD": lambda: a + b, "SUB": lambda: a - b, "AND": lambda: a & b, "OR": lambda: a | b, "XOR": lambda: a ^ b,
        "LSH": lambda: a << count, "RSH": lambda: a >> count, "ARSH": lambda: signed(a, bits) >> count,
        "MUL": lambda: a * b, "MOV": lambda: b, "MOVH": lambda: imm << 32 | a & mask(32),
        "UBFX": lambda: bit_field(a, shift, length, False), "SBFX": lambda: bit_field(a, shift, length, True),
        "BSWAP": lambda: byte_swap(a, 1 << width),
    }[op]()
    return result & mask(bits)


def condition(op, a, b, w=0):
    """Is the branch taken?"""
    bits = 32 if w else 64
    a, b = a & mask(bits), b & mask(bits)
    sa, sb = signed(a, bits), signed(b, bits)
    return {
        "JEQ": a == b, "JNE": a != b, "JGT": a > b, "JGE": a >= b, "JLT": a < b, "JLE": a <= b,
        "JSGT": sa > sb, "JSGE": sa >= sb, "JSLT": sa < sb, "JSLE": sa <= sb, "JSET": a & b != 0, "JNSET": a & b == 0,
    }[op]


def divide(op, a, b, w):
    """DIVU, MODU, DIVS, MODS as isa.def has them."""
    bits = 32 if w else 64
    a, b = a & mask(bits), b & mask(bits)
    if op in ("DIVS", "MODS"):
        a, b = signed(a, bits), signed(b, bits)
    if b == 0:
        return 0 if op.startswith("DIV") else a & mask(bits)
    quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return (quotient if op.startswith("DIV") else a - quotient * b) & mask(bits)

# SPDX-License-Identifier: Apache-2.0
"""The assembly that cases of the public conformance suites are written in.

One instruction or label a line, `#` begins a comment:

  mov32 %r1, 5          ALU operations: 64 bits wide, or 32 with that suffix; registers with or
  movsx1632 %r2, %r1    without %; movsx names the width it reads and the one it makes
  be16 %r2              byte order: be, le, swap
  ldxh %r3, [%r1+12]    loads ldx and ldxs, stores stx and, of a constant, st; b, h, w, dw
  lddw %r4, 0x123456789
  lock fetch add32 [%r10-4], %r3
  jeq32 %r3, 7, done    to a label or over +N instructions; ja32 has an offset of 32 bits
  call 5                a helper, by its number; call local LABEL; call runtime 5; call %r2
  exit                  the first one is also the label `exit`
"""
import re
import struct

ALU = {"add": 0x0, "sub": 0x1, "mul": 0x2, "div": 0x3, "sdiv": 0x3, "or": 0x4, "and": 0x5, "lsh": 0x6, "rsh": 0x7,
       "neg": 0x8, "mod": 0x9, "smod": 0x9, "xor": 0xa, "mov": 0xb, "arsh": 0xc}
JUMP = {"jeq": 0x1, "jgt": 0x2, "jge": 0x3, "jset": 0x4, "jne": 0x5, "jsgt": 0x6, "jsge": 0x7, "jlt": 0xa, "jle": 0xb,
        "jslt": 0xc, "jsle": 0xd}
WIDTH = {"w": 0x00, "h": 0x08, "b": 0x10, "dw": 0x18}
ATOMIC = {"add": 0x00, "or": 0x40, "and": 0x50, "xor": 0xa0, "xchg": 0xe1, "cmpxchg": 0xf1}
SWAP = {"le": 0xd4, "be": 0xdc, "swap": 0xd7}
FETCH = 0x01
SOURCE = 0x08           # the second operand is a register
ALU32, ALU64, JMP, JMP32 = 0x04, 0x07, 0x05, 0x06
MEM, MEMSX, ATOMICS = 0x60, 0x80, 0xc0
LDX, ST, STX = 0x01, 0x02, 0x03


class BadLine(Exception):
    pass


def register(text):
    found = re.fullmatch(r"%?r(\d+)", text)
    if not found or int(found[1]) > 15:     # above 10: for cases that have to be refused
        raise BadLine(f"{text} is not a register")
    return int(found[1])


def number(text, bits):
    """The low bits of a number, as a signed one."""
    value = int(text, 0) & ((1 << bits) - 1)
    return value - (1 << bits) if value >> (bits - 1) else value


def place(text):
    found = re.fullmatch(r"\[(%?r\d+)([+-]\w+)?\]", text)
    if not found:
        raise BadLine(f"{text} is not a place in memory")
    return register(found[1]), number(found[2] or "0", 16)


def operand(opcode, text):
    """(opcode, src, imm) with a register or a constant as second operand."""
    if re.fullmatch(r"%?r\d+", text):
        return opcode | SOURCE, register(text), 0
    return opcode, 0, number(text, 32)


class Assembler:
    def __init__(self):
        self.slots = []         # [opcode, dst, src, off, imm]
        self.labels = {}
        self.jumps = []         # (slot, its field, label)

    def put(self, opcode, dst=0, src=0, off=0, imm=0):
        self.slots.append([opcode, dst, src, off, imm])

    def target(self, text, field):
        """The distance of a jump that is put next; a label's comes at the end."""
        if re.fullmatch(r"[+-]\w+", text):
            return number(text, 32 if field == 4 else 16)
        self.jumps.append((len(self.slots), field, text))
        return 0

    def alu(self, name, dst, *second):
        extended = re.fullmatch(r"movsx(8|16|32)(32|64)", name)
        if extended:
            self.put((ALU64 if extended[2] == "64" else ALU32) | 0xb0 | SOURCE, register(dst), register(*second),
                     int(extended[1]))
            return
        base, bits = re.fullmatch(r"([a-z]+)(32|64)?", name).groups()
        opcode, src, imm = operand((ALU32 if bits == "32" else ALU64) | ALU[base] << 4, *second or ["0"])
        self.put(opcode, register(dst), src, base in ("sdiv", "smod"), imm)

    def swap(self, name, dst):
        base, bits = re.fullmatch(r"([a-z]+)(\d+)", name).groups()
        self.put(SWAP[base], register(dst), imm=int(bits))

    def jump(self, name, dst, second, to):
        bits32 = name.endswith("32")
        opcode, src, imm = operand((JMP32 if bits32 else JMP) | JUMP[name.removesuffix("32")] << 4, second)
        self.put(opcode, register(dst), src, self.target(to, 3), imm)

    def always(self, name, to):
        if name == "ja32":
            self.put(JMP32, imm=self.target(to, 4))
        else:
            self.put(JMP, off=self.target(to, 3))

    def call(self, *words):
        kind, to = words if len(words) == 2 else ("helper", *words)
        if kind == "local":
            self.put(0x85, src=1, imm=self.target(to, 4))
        elif re.fullmatch(r"%?r\d+", to):
            self.put(0x85 | SOURCE, register(to))
        else:
            self.put(0x85, src={"helper": 0, "runtime": 2}[kind], imm=number(to, 32))

    def load(self, name, dst, at):
        src, off = place(at)
        mode, width = (MEMSX, name[4:]) if name.startswith("ldxs") else (MEM, name[3:])
        self.put(LDX | mode | WIDTH[width], register(dst), src, off)

    def wide(self, dst, value):
        value = number(value, 64)
        self.put(0x18, register(dst), imm=number(str(value), 32))
        self.put(0, imm=number(str(value >> 32), 32))

    def store(self, name, at, value):
        dst, off = place(at)
        if name.startswith("stx"):
            self.put(STX | MEM | WIDTH[name[3:]], dst, register(value), off)
        else:
            self.put(ST | MEM | WIDTH[name[2:]], dst, off=off, imm=number(value, 32))

    def atomic(self, *words):
        fetch, name, at, src = words if words[0] == "fetch" else ("", *words)
        dst, off = place(at)
        self.put(STX | ATOMICS | WIDTH["w" if name.endswith("32") else "dw"], dst, register(src), off,
                 ATOMIC[name.removesuffix("32")] | (FETCH if fetch else 0))

    def line(self, name, operands):
        if name == "lddw":
            self.wide(*operands)
        elif name in ("ja", "ja32"):
            self.always(name, *operands)
        elif name == "call":
            self.call(*operands)
        elif name == "lock":
            self.atomic(*operands)
        elif name == "exit":
            self.labels.setdefault("exit", len(self.slots))
            self.put(0x95, *operands)
        elif name.startswith("ldx"):
            self.load(name, *operands)
        elif name.startswith("st"):
            self.store(name, *operands)
        elif name.removesuffix("32") in JUMP:
            self.jump(name, *operands)
        elif re.fullmatch(r"(le|be|swap)\d+", name):
            self.swap(name, *operands)
        else:
            self.alu(name, *operands)

    def finish(self):
        for slot, field, label in self.jumps:
            if label not in self.labels:
                raise BadLine(f"there is no label {label}")
            self.slots[slot][field] = self.labels[label] - slot - 1
        return b"".join(struct.pack("<BBhi", opcode, src << 4 | dst, off, imm)
                        for opcode, dst, src, off, imm in self.slots)


def assemble(text):
    """The instructions' bytes. BadLine says what is wrong."""
    made = Assembler()
    for line in text.splitlines():
        words = line.partition("#")[0].replace(",", " ").split()
        if not words:
            continue
        if words[0].endswith(":"):
            made.labels[words[0][:-1]] = len(made.slots)
            continue
        try:
            made.line(words[0], words[1:])
        except (BadLine, AttributeError, KeyError, TypeError, ValueError) as reason:
            raise BadLine(f"{line.strip()!r} is no instruction: {reason}") from reason
    return made.finish()

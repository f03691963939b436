# SPDX-License-Identifier: Apache-2.0
"""fp_lane: instruction words in, results and control decisions out: every instruction of the slots of the lane."""
import cover
import packets
from bench import Bench, Pipe, byte_swap, clocks, cocotb, mask, parameter, signed
from spec import CONSTS, INSNS, arithmetic, bit_field, condition, field, has, word

VARIANTS = [{"Lane": 0, "Lanes": 3, "Threads": 2, "TW": 1}, {"Lane": 2, "Lanes": 3, "Threads": 2, "TW": 1},
            {"Lane": 0, "Lanes": 1, "Threads": 2, "TW": 1}]
HEAD, ROW = CONSTS["HEADROOM"], CONSTS["ROW_BYTES"]
COMPUTE = ["ADD", "SUB", "AND", "OR", "XOR", "LSH", "RSH", "ARSH", "MOV", "MOVH", "UBFX", "SBFX", "BSWAP"]
BRANCH = [op for op in INSNS if INSNS[op].format == "BR"]
WINDOW = ["WUBFX", "WSBFX"]
WBRANCH = ["WJEQ", "WJNE", "WJGT", "WJLT", "WJEQ4", "WJNE4"]


def window(data, value, offset, size, swap):
    """Bytes of the packet; 0 when one is behind it."""
    if offset + size > len(data):
        return 0
    number = int.from_bytes(data[offset:offset + size], "little")
    return byte_swap(number, size) if swap else number


def make(tb, op, data):
    """(lane word, operand a, operand b, result or None, taken)"""
    rng, fields = tb.rng, {"g": tb.rng.randrange(2)}
    a, b, result, taken = rng.word(), rng.word(), None, False
    if rng.chance(3):
        b = a
    for letter, name, bits in (("w", "w", 1), ("t", "target", 13), ("s", "shift", 6), ("l", "len", 6), ("n", "width", 2), ("k", "woff", 7),
                               ("d", "dst", 4)):
        if has(op, letter):
            fields[name] = rng.randrange(1 << bits)
    w = fields.get("w", 0)
    if has(op, "b") and rng.chance(2):
        fields.update(i=1, imm=rng.word(32))
        b = signed(fields["imm"], 32) & mask(64)
    if op == "MOVH":
        fields["imm"] = rng.word(32)
    if op in COMPUTE:
        result = arithmetic(op, a, b, w, fields.get("shift", 0), fields.get("len", 0), fields.get("imm", 0), fields.get("width", 0))
    elif op in BRANCH:
        taken = condition(op, a, b, w)
    elif op in WINDOW:
        fields["swap"] = rng.randrange(2)
        got = window(data, a, fields["woff"], 1 << fields["width"], fields["swap"])
        result = bit_field(got, fields["shift"], fields["len"], op == "WSBFX")
    elif op in WBRANCH:
        taken = make_window_branch(rng, op, data, fields)
    else:
        taken = op in ("JMP", "JMPR", "EXIT")
    return word(op, **fields), a, b, result, taken


def make_window_branch(rng, op, data, fields):
    fields["wswap"] = rng.randrange(2)
    if op.endswith("4"):
        got = window(data, 0, fields["woff"], 4, fields["wswap"])
        fields["imm"] = got if rng.chance(2) else rng.word(32)
        return (got == fields["imm"]) == (op == "WJEQ4")
    fields["half"], fields["mask"] = rng.randrange(2), rng.choice([0xffff, 0xff, rng.getrandbits(16)])
    got = window(data, 0, fields["woff"], 1 + fields["half"], fields["wswap"]) & fields["mask"]
    fields["cmp"] = got if rng.chance(2) else rng.word(16)
    cmp = fields["cmp"]
    return {"WJEQ": got == cmp, "WJNE": got != cmp, "WJGT": got > cmp, "WJLT": got < cmp}[op]


@cocotb.test()
async def instructions(dut):
    tb = Bench(dut)
    lane, lanes = parameter(dut, "Lane"), parameter(dut, "Lanes")
    ops = COMPUTE + ["JMP", "EXIT", "NOP"] + (BRANCH + WINDOW + WBRANCH + ["JMPR"] if lane < 2 else [])
    if lane == 0:
        seen = cover.cross("op, w", [op for op in ops if has(op, "w")], [0, 1])
        decided = cover.cross("branch, taken", BRANCH + WBRANCH, [False, True])
    packet = [b"", b""]
    to_r2, to_e2, to_m3 = Pipe(1), Pipe(2), Pipe(5)
    wb = {"w_be": 0}
    for n in range(clocks(3000)):
        if n % 500 == 0:   # new packets, while nothing that reads one is in flight
            for thread in range(2):
                packet[thread] = packets.packet(tb.rng, length=packets.length(tb.rng, 200))
                padded = packet[thread] + bytes(ROW)
                for i in range(0, max(160, len(packet[thread])), ROW):
                    row = int.from_bytes(padded[i:i + ROW].ljust(ROW, b"\xa5"), "little")
                    at = (HEAD + i) // ROW
                    await tb.step(w_thread=thread, w_row=at, w_row0=at, w_be=mask(32), w_data=row)
            to_r2, to_e2, to_m3 = Pipe(1), Pipe(2), Pipe(5)
        op, thread = tb.rng.choice(ops), tb.rng.randrange(2)
        value, a, b, result, taken = make(tb, op, packet[thread])
        r2 = to_r2.step((value, a, b))
        # R2: an immediate stays in the lane, and the register file gives 0
        inputs = dict(wb, r1_thread=thread, r1_word=value, r1_start=HEAD, r1_start8=HEAD + 8, r1_len=len(packet[thread]), e1_use_off=0, e1_use_time=0, e2_use_rnd=0, e2_none=0)
        if r2:
            imm = field(r2[0], "i") if has_b(r2[0]) else 1
            inputs.update(r2_a=r2[1], r2_b=0 if imm else r2[2])
        tb.set_all(**inputs)
        await tb.settle()
        imm = field(value, "i") if has_b(value) else op == "MOVH"
        if has_b(value) or op == "MOVH":
            tb.check("r1_b_none", int(imm), op)
        await tb.edge()
        await tb.settle()
        if lane < 2:
            check_win(tb, op, value, packet[thread])
        e2 = to_e2.step((op, value, a, b, taken))
        if e2:
            check_e2(tb, *e2)
            if lane == 0 and e2[0] in BRANCH + WBRANCH:
                decided.hit((e2[0], e2[4]))
        m3 = to_m3.step((op, value, result))
        if m3 and m3[2] is not None:
            tb.check("m3_result", m3[2], f"{m3[0]} {m3[1]:#018x}")
        if lane == 0 and has(op, "w"):
            seen.hit((op, field(value, "w")))


def has_b(value):
    return any(INSNS[op].opcode == value >> 56 and has(op, "b") for op in INSNS)


def check_win(tb, op, value, data):
    """The bytes for a word of the last lane that takes them; 0 when this lane's word reads none."""
    if op in WBRANCH:
        return
    zero = tb.get("r2_win_zero")
    got = tb.get("r2_win") & ~sum(0xff << 8 * i for i in range(8) if zero >> i & 1)
    want = window(data, 0, field(value, "woff"), 1 << field(value, "width"), field(value, "swap")) if op in WINDOW else 0
    assert got == want, f"{op} {value:#018x} gives {got:#x}, not {want:#x}"


def check_e2(tb, op, value, a, b, taken):
    tb.check("e2_legal", 1, op)
    tb.check("e2_guard", field(value, "g") if has(op, "g") else tb.get("e2_guard"), op)
    tb.check("e2_taken", int(taken), f"{op} {value:#018x}")
    tb.check("e2_exit", int(op == "EXIT"), op)
    tb.check("e2_we", int(INSNS[op].result == "NEXT"), op)
    if has(op, "d"):
        tb.check("e2_dst", field(value, "dst"), op)
    if has(op, "t"):
        tb.check("e2_target", field(value, "target"), op)
    if op == "JMPR":
        tb.check("e2_target", a & mask(13), op)
    if op == "EXIT":
        assert tb.get("e2_b") & mask(32) == b & mask(32), "verdict"

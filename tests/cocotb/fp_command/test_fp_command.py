# SPDX-License-Identifier: Apache-2.0
"""fp_command: the last lane's word as access, command or division, in the stages that need to know; the third operand."""
import cover
from bench import Bench, Pipe, clocks, cocotb, mask
from spec import BY_OPCODE, CONSTS, INSNS, SPECIALS, field, has
from special import special_values

LOCAL, DIVS = ["LD", "LDS", "ST", "ST6"], ["DIVU", "MODU", "DIVS", "MODS"]
MAPS = [op for op in INSNS if op.startswith("M") and INSNS[op].format in ("ML", "ST", "AT", "CX", "MC1", "MC2", "MC3")]


def special(code, r1):
    values = special_values(r1["r1_cpu"], r1["r1_len"], r1["r1_front"], r1["r1_start"], r1["r1_end"], r1["r1_ifindex"], r1["r1_rxq"])
    return next((values[name] for name, number in SPECIALS.items() if number == code), 0)


def offset_of(op, value):
    return field(value, "loff") if has(op, "O") else field(value, "off") if has(op, "o") else 0


def width_of(op, value):
    return 4 if op == "ST6" else field(value, "width")


@cocotb.test()
async def commands(dut):
    tb = Bench(dut)
    ops = cover.point("op", INSNS)
    fetching = cover.cross("atomic, fetch, w", [op for op in INSNS if INSNS[op].format in ("AT", "CX")], [0, 1], [0, 1])
    to_e1, to_e2, c_to_e2 = Pipe(1), Pipe(2), Pipe(1)
    thirds = cover.point("third operand of", ["MCAS", "MCAS32", "MUPD", "none"])
    in_r2 = (None, 0, True, 0)
    for _ in range(clocks(5000)):
        opcode = tb.rng.choice([insn.opcode for insn in INSNS.values()]) if not tb.rng.chance(10) else tb.rng.randrange(256)
        op = BY_OPCODE.get(opcode)
        value = opcode << 56 | tb.rng.getrandbits(56) | (CONSTS["MAP_SELECTED"] << 24 if tb.rng.chance(3) else 0)
        r1 = {"r1_word": value, "r1_len": tb.rng.randrange(1, 1537), "r1_end": tb.rng.randrange(54, 2049),
              "r1_front": tb.rng.randrange(2035), "r1_start": tb.rng.randrange(2035),
              "r1_ifindex": tb.rng.word(32), "r1_rxq": tb.rng.word(8), "r1_cpu": tb.rng.randrange(256)}
        # What is no register is 0; x comes with the registers.
        r2_c = in_r2[2] and tb.rng.word()
        selected = tb.rng.randrange(256)
        tb.set(r2_c=r2_c, e1_selected=selected, **r1)
        await tb.settle()
        code = field(value, "c")
        third = op in ("MCAS", "MUPD")
        is_x = third and code == SPECIALS["X"]
        tb.check("r1_c_none", int(not is_x and (not third or code >> 6)), str(op))
        await tb.edge()
        await tb.settle()
        e1, e2 = to_e1.step((op, value)), to_e2.step((op, value))
        c = c_to_e2.step((r2_c | in_r2[3], *in_r2[:2]))
        in_r2 = op, value, is_x or (third and not code >> 6), special(code, r1) if third else 0
        if e1 and e1[0]:
            tb.check("e1_use_time", int(e1[0] == "RDT"), e1[0])
            tb.check("e1_head", int(e1[0] == "ADJH"), e1[0])
            tb.check("e1_tail", int(e1[0] == "ADJT"), e1[0])
            address = e1[0] in LOCAL + MAPS + DIVS
            tb.check("e1_use_off", int(address), e1[0])
            if address:
                tb.check("e1_off", offset_of(*e1), e1[0])
            if e1[0] in LOCAL:
                tb.check("e1_width", width_of(*e1), e1[0])
        if e2:
            check_e2(tb, *e2, selected)
            if e2[0]:
                ops.hit(e2[0])
                if INSNS[e2[0]].format in ("AT", "CX"):
                    fetching.hit((e2[0], field(e2[1], "fetch"), field(e2[1], "w")))
        if c and c[1]:
            c, op, value = c
            w = op == "MCAS" and field(value, "w")
            used = op in ("MCAS", "MUPD")
            tb.check("e2_c", c & mask(32 if w else 64) if used else 0, op)
            thirds.hit("MCAS32" if w else op if used else "none")


def check_e2(tb, op, value, selected):
    result = INSNS[op].result if op else "NONE"
    fetch = bool(op) and has(op, "f") and field(value, "fetch")
    tb.check("e2_load", int(op in ("LD", "LDS")), str(op))
    tb.check("e2_store", int(op in ("ST", "ST6")), str(op))
    tb.check("e2_mul", int(op == "MUL"), str(op))
    tb.check("e2_rnd", int(op == "RND"), str(op))
    tb.check("e2_rdir", int(op == "RDIR"), str(op))
    tb.check("e2_msel", int(op == "MSEL"), str(op))
    tb.check("e2_adjust", int(op in ("ADJH", "ADJT", "ADJM")), str(op))
    tb.check("e2_sum", int(op in ("OADD", "FOLD")), str(op))
    if op in ("OADD", "FOLD"):
        tb.check("e2_fold", int(op == "FOLD"), op)
    tb.check("e2_map", int(op in MAPS), str(op))
    tb.check("e2_div", int(op in DIVS), str(op))
    tb.check("e2_wait", int(result == "WAIT" or fetch), str(op))
    tb.check("e2_op", value >> 56)
    if op is None:
        return
    if op in MAPS + DIVS + ["MUL"]:
        tb.check("e2_w", int(has(op, "w") and field(value, "w")), op)
    if op in MAPS:
        tb.check("e2_fetch", int(fetch), op)
    if op == "LD" or op == "LDS":
        tb.check("e2_spec", field(value, "spec"), op)
        tb.check("e2_sign", int(op == "LDS"), op)
    if op == "ST6" or (has(op, "n") and has(op, "e")):
        tb.check("e2_swap", field(value, "swap"), op)
        tb.check("e2_width", width_of(op, value), op)
    if has(op, "m"):
        chosen = field(value, "map")
        tb.check("e2_map_index", selected if chosen == CONSTS["MAP_SELECTED"] else chosen, op)

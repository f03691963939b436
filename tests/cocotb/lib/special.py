# SPDX-License-Identifier: Apache-2.0
"""What the operands are that are no register, nor in a register of their own (x, win): hw/spec/machine.md."""
from spec import CONSTS

PACKET, STACK, MAP = CONSTS["TAG_PKT"] << 60, CONSTS["TAG_STACK"] << 60, CONSTS["TAG_MAP"] << 60


def special_values(cpu, length, front, start, end, ifindex, rxq):
    """By the operand's name."""
    values = {
        "X": 0, "WIN": 0, "ZERO": 0, "FP": STACK | CONSTS["STACK_BYTES"], "CTX": CONSTS["TAG_CTX"] << 60, "DATA": PACKET | start,
        "META": PACKET | front, "DATA_END": PACKET | end, "LEN": length, "IFINDEX": ifindex, "RXQ": rxq, "CPU": cpu,
    }
    values |= {f"MAP{n}": MAP | n << 48 for n in range(16)}
    for n in range(8):
        values |= {f"OWN{n}": values[f"MAP{n}"] + 8 * cpu, f"PAIR{n}": values[f"MAP{n}"] + 16 * cpu}
    return values

# SPDX-License-Identifier: Apache-2.0
"""fp_extract: the value of a load out of a packet row or a stack word, two clocks after M1."""
import cover
from bench import Bench, Pipe, byte_swap, clocks, cocotb, mask, signed


def loaded(row, stack, legal, from_stack, offset, width, swap, sign):
    size = 1 << width
    data = stack.to_bytes(8, "little") if from_stack else row.to_bytes(32, "little")
    ends = len(data)
    value = int.from_bytes(bytes(data[(offset + i) % ends] for i in range(size)), "little")
    if swap:
        value = byte_swap(value, size)
    if sign:
        value = signed(value, 8 * size) & mask(64)
    return value if legal else 0


@cocotb.test()
async def loads(dut):
    tb = Bench(dut)
    kinds = cover.cross("from stack, width, swap, sign", [False, True], range(4), [0, 1], [0, 1])
    offsets = cover.cross("offset in the row, width", range(32), range(4))
    to_m2 = Pipe(1)
    for _ in range(clocks(4000)):
        width, from_stack = tb.rng.randrange(4), tb.rng.chance(3)
        # on the stack accesses are aligned
        offset = tb.rng.randrange(32) & ~((1 << width) - 1 if from_stack else 0)
        access = {"legal": int(not tb.rng.chance(8)), "stack": int(from_stack), "offset": offset, "width": width,
                  "swap": tb.rng.randrange(2), "sign": tb.rng.randrange(2)}
        row, stack = tb.rng.getrandbits(256), tb.rng.getrandbits(64)
        m2 = to_m2.step(access)
        await tb.step(m2_row=row, m2_stack=stack, **{"m1_" + k: v for k, v in access.items()})
        if m2:
            tb.check("m3_value", loaded(row, stack, m2["legal"], m2["stack"], m2["offset"] % (8 if m2["stack"] else 32), m2["width"],
                                        m2["swap"], m2["sign"]), str(m2))
            kinds.hit((bool(m2["stack"]), m2["width"], m2["swap"], m2["sign"]))
            if not m2["stack"]:
                offsets.hit((m2["offset"], m2["width"]))

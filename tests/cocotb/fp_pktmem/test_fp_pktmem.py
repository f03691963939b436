# SPDX-License-Identifier: Apache-2.0
"""fp_pktmem: the core's byte-wise port with its own row for group 0, and the port of whole rows."""
import cover
from bench import Bench, clocks, cocotb, mask

VARIANTS = [{"Threads": 2, "TW": 1}]
ROWS = [0, 1, 2, 31, 32, 62, 63]


@cocotb.test()
async def two_ports(dut):
    tb = Bench(dut)
    memory = {}
    for thread in range(2):
        for row in range(64):
            memory[thread, row] = tb.rng.getrandbits(256)
            await tb.step(a_be=0, b_we=1, b_thread=thread, b_row=row, b_wdata=memory[thread, row])
    kinds = cover.cross("group 0 in the next row, store, whole row written", [False, True], [False, True], [False, True])
    for _ in range(clocks(1500)):
        a_thread, a_row = tb.rng.randrange(2), tb.rng.choice(ROWS)
        a_row0 = (a_row + tb.rng.randrange(2)) % 64
        b_thread, b_row, b_write = tb.rng.randrange(2), tb.rng.choice(ROWS), tb.rng.chance(3)
        be, data, row = tb.rng.getrandbits(32) if tb.rng.chance(2) else 0, tb.rng.getrandbits(64), tb.rng.getrandbits(256)
        if a_thread == b_thread and b_row in (a_row, a_row0) and b_write:
            be = 0   # both ports never write one byte
        want_a = memory[a_thread, a_row] & ~mask(64) | memory[a_thread, a_row0] & mask(64)
        want_b = memory[b_thread, b_row]
        await tb.step(a_thread=a_thread, a_row=a_row, a_row0=a_row0, a_be=be, a_wdata=data,
                      b_we=int(b_write), b_thread=b_thread, b_row=b_row, b_wdata=row)
        tb.check("a_rdata", want_a)
        tb.check("b_rdata", want_b)
        kinds.hit((a_row != a_row0, be != 0, b_write))
        if b_write:
            memory[b_thread, b_row] = row
        for lane in range(32):
            if be >> lane & 1:
                where = a_thread, a_row0 if lane < 8 else a_row
                bits = 0xff << 8 * lane
                memory[where] = memory[where] & ~bits | data << 64 * (lane // 8) & bits

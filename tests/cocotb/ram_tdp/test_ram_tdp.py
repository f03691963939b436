# SPDX-License-Identifier: Apache-2.0
"""ram_tdp: two ports; data one cycle after the address, the old word when either port writes it meanwhile."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter

VARIANTS = [{"Bytes": 8, "Depth": 16}, {"Bytes": 2, "Depth": 8}]


@cocotb.test()
async def reads_and_writes(dut):
    tb = Bench(dut)
    size, depth = parameter(dut, "Bytes"), parameter(dut, "Depth")
    same = cover.cross("a and b at one word, a writes, b writes", [False, True], [False, True], [False, True])
    words = {}
    for n in range(clocks(800)):
        a = n if n < depth else tb.rng.randrange(depth)
        b = a if tb.rng.chance(3) else tb.rng.randrange(depth)
        a_we = mask(size) if n < depth else tb.rng.getrandbits(size) * tb.rng.randrange(2)
        b_we = 0 if n < depth else tb.rng.getrandbits(size) * tb.rng.randrange(2)
        if a == b:
            b_we &= ~a_we   # never one byte by both
        a_data, b_data = tb.rng.getrandbits(8 * size), tb.rng.getrandbits(8 * size)
        await tb.step(a_we=a_we, a_addr=a, a_wdata=a_data, b_we=b_we, b_addr=b, b_wdata=b_data)
        if a in words:
            tb.check("a_rdata", words[a])
        if b in words:
            tb.check("b_rdata", words[b])
        same.hit((a == b, a_we != 0, b_we != 0))
        for address, enables, data in ((a, a_we, a_data), (b, b_we, b_data)):
            bits = sum(0xff << 8 * i for i in range(size) if enables >> i & 1)
            if bits:
                words[address] = words.get(address, 0) & ~bits | data & bits

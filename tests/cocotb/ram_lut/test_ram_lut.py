# SPDX-License-Identifier: Apache-2.0
"""ram_lut: data in the cycle of the address; a word that is being written still reads as the old one."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Width": 8, "Depth": 16}, {"Width": 77, "Depth": 4}]


@cocotb.test()
async def reads_and_writes(dut):
    tb = Bench(dut)
    width, depth = parameter(dut, "Width"), parameter(dut, "Depth")
    same = cover.flags("read of the word being written")
    words = {}
    for n in range(clocks(600)):
        address = n if n < depth else tb.rng.randrange(depth)
        read = address if tb.rng.chance(3) else tb.rng.randrange(depth)
        write, data = n < depth or tb.rng.chance(2), tb.rng.getrandbits(width)
        tb.set(we=write, waddr=address, wdata=data, raddr=read)
        await tb.settle()
        if read in words:
            tb.check("rdata", words[read], "before the edge")
            same.hit(write and read == address)
        await tb.edge()
        if write:
            words[address] = data
        await tb.settle()
        if read in words:
            tb.check("rdata", words[read], "after the edge")

# SPDX-License-Identifier: Apache-2.0
"""ram_word: data one cycle after the address, the old word when it is written meanwhile."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Width": 70, "Depth": 16}, {"Width": 1, "Depth": 64}]


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
        await tb.step(we=int(write), waddr=address, wdata=data, raddr=read)
        if read in words:
            tb.check("rdata", words[read])
            same.hit(write and read == address)
        if write:
            words[address] = data

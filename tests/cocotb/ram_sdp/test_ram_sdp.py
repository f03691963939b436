# SPDX-License-Identifier: Apache-2.0
"""ram_sdp: data one cycle after the address, the old word when it is written meanwhile; byte enables."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter

VARIANTS = [{"Bytes": 8, "Depth": 16}, {"Bytes": 1, "Depth": 64}]


@cocotb.test()
async def reads_and_writes(dut):
    tb = Bench(dut)
    size, depth = parameter(dut, "Bytes"), parameter(dut, "Depth")
    same = cover.flags("read of the word being written")
    words = {}
    for n in range(clocks(600)):
        address = n if n < depth else tb.rng.randrange(depth)
        read = address if tb.rng.chance(3) else tb.rng.randrange(depth)
        enables = mask(size) if n < depth else tb.rng.getrandbits(size)
        data = tb.rng.getrandbits(8 * size)
        await tb.step(we=enables, waddr=address, wdata=data, raddr=read)
        if read in words:
            tb.check("rdata", words[read])
            same.hit(enables != 0 and read == address)
        bits = sum(0xff << 8 * i for i in range(size) if enables >> i & 1)
        words[address] = words.get(address, 0) & ~bits | data & bits

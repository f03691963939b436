# SPDX-License-Identifier: Apache-2.0
"""map_mem: data of both ports Latency clocks after the address, the old word when port A writes it meanwhile."""
import cover
from bench import Bench, Pipe, clocks, cocotb, parameter

VARIANTS = [{"Words": 16, "Latency": latency} for latency in (1, 2, 5)]


@cocotb.test()
async def reads_and_writes(dut):
    tb = Bench(dut)
    depth, latency = parameter(dut, "Words"), parameter(dut, "Latency")
    together = cover.cross("same word, a writes", [False, True], [False, True])
    words, pipes = {}, {"a": Pipe(latency - 1), "b": Pipe(latency - 1)}
    for n in range(clocks(800)):
        first = n < depth
        a = n if first else tb.rng.randrange(depth)
        b = a if tb.rng.chance(3) else tb.rng.randrange(depth)
        a_we = 0xff if first else tb.rng.getrandbits(8) * tb.rng.randrange(2)
        data = tb.rng.getrandbits(64)
        await tb.step(a_addr=a, a_we=a_we, a_wdata=data, b_addr=b)
        for port, address in (("a", a), ("b", b)):
            want = pipes[port].step(words.get(address))
            if want is not None:
                tb.check(port + "_rdata", want)
        if not first:
            together.hit((a == b, a_we != 0))
        bits = sum(0xff << 8 * i for i in range(8) if a_we >> i & 1)
        if bits:
            words[a] = words.get(a, 0) & ~bits | data & bits

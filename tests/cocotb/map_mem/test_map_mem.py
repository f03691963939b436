# SPDX-License-Identifier: Apache-2.0
"""map_mem: two ports, data Latency clocks after the address, the old word when it is written meanwhile."""
import cover
from bench import Bench, Pipe, clocks, cocotb, parameter

VARIANTS = [{"Words": 16, "Latency": latency} for latency in (1, 2, 5)]


@cocotb.test()
async def reads_and_writes(dut):
    tb = Bench(dut)
    depth, latency = parameter(dut, "Words"), parameter(dut, "Latency")
    together = cover.point("same word, a writes, b writes", [(s, a, b) for s in (False, True) for a in (False, True)
                                                              for b in (False, True) if not (s and a)])
    words, pipes = {}, {"a": Pipe(latency - 1), "b": Pipe(latency - 1)}
    for n in range(clocks(800)):
        first = n < depth
        a = n if first else tb.rng.randrange(depth)
        b = a if tb.rng.chance(3) else tb.rng.randrange(depth)
        a_we, b_we = 0xff if first else tb.rng.getrandbits(8) * tb.rng.randrange(2), 0 if first else tb.rng.getrandbits(8) * tb.rng.randrange(2)
        if a == b and a_we:
            b_we = 0   # never asked for
        data = {"a": tb.rng.getrandbits(64), "b": tb.rng.getrandbits(64)}
        await tb.step(a_addr=a, a_we=a_we, a_wdata=data["a"], b_addr=b, b_we=b_we, b_wdata=data["b"])
        for port, address in (("a", a), ("b", b)):
            want = pipes[port].step(words.get(address))
            if want is not None:
                tb.check(port + "_rdata", want)
        if not first and not (a == b and a_we):
            together.hit((a == b, a_we != 0, b_we != 0))
        for port, address, enables in (("a", a, a_we), ("b", b, b_we)):
            bits = sum(0xff << 8 * i for i in range(8) if enables >> i & 1)
            if bits:
                words[address] = words.get(address, 0) & ~bits | data[port] & bits

# SPDX-License-Identifier: Apache-2.0
"""align: turns a ring of eight bytes, mirrors it."""
import cover
from bench import Bench, clocks, cocotb


@cocotb.test()
async def turns(dut):
    tb = Bench(dut, clock=False)
    seen = cover.cross("turn, reverse", range(8), range(2))
    for _ in range(clocks(600)):
        turn, reverse, ring = tb.rng.randrange(8), tb.rng.randrange(2), tb.rng.getrandbits(64)
        data = ring.to_bytes(8, "little")
        want = data[turn:] + data[:turn]
        if reverse:
            want = want[::-1]
        tb.set(turn=turn, reverse=reverse, **{"in": ring})
        await tb.settle()
        tb.check("out", int.from_bytes(want, "little"))
        seen.hit((turn, reverse))


@cocotb.test()
async def puts_and_gets(dut):
    """The recipe in the module's head comment: a value put into a ring at an offset, then got from there, is the same."""
    tb = Bench(dut, clock=False)
    for size in (1, 2, 4, 8):
        for swap in (0, 1):
            for offset in range(8):
                value = tb.rng.getrandbits(8 * size)
                tb.set(turn=offset + size if swap else -offset, reverse=swap, **{"in": value})
                await tb.settle()
                ring = tb.get("out")
                memory = value.to_bytes(size, "big" if swap else "little")
                for i, byte in enumerate(memory):
                    assert ring >> 8 * ((offset + i) % 8) & 0xff == byte, f"{size} bytes at {offset}, swap={swap}"
                tb.set(turn=offset + size if swap else offset, reverse=swap, **{"in": ring})
                await tb.settle()
                assert tb.get("out") & ((1 << 8 * size) - 1) == value, f"{size} bytes at {offset}, swap={swap}"

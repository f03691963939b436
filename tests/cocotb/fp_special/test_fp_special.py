# SPDX-License-Identifier: Apache-2.0
"""fp_special: every operand code but x, a clock later; codes that name nothing, a register or x read as 0, and so does what is no code."""
import cover
from bench import Bench, clocks, cocotb
from spec import CONSTS, SPECIALS
from special import special_values


@cocotb.test()
async def values(dut):
    tb = Bench(dut)
    codes = cover.point("code", range(0x80))
    for n in range(clocks(3000)):
        code, cpu, length = n % 128, tb.rng.randrange(256), tb.rng.randrange(1, 1793)
        ifindex, rxq = tb.rng.word(32), tb.rng.word(8)
        start = tb.rng.randrange(CONSTS["HEAD_MIN"], CONSTS["PKT_BUFFER"] - length + 1)
        front, end = tb.rng.randrange(CONSTS["HEAD_MIN"], start + 1), start + length
        want = special_values(cpu, length, front, start, end, ifindex, rxq)
        name = next((k for k, v in SPECIALS.items() if v == code), None)
        none = tb.rng.chance(8)
        await tb.step(none=int(none), code=code, cpu=cpu, len=length, front=front, start=start, end=end, ifindex=ifindex, rxq=rxq)
        tb.check("r2_value", want[name] if name and not none else 0, str(name))
        codes.hit(code)

# SPDX-License-Identifier: Apache-2.0
"""fp_regfile: every port reads any register of any bank, a lane writes its own bank only."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter

VARIANTS = [{"Lanes": lanes, "Regs": regs, "Threads": 4, "TW": 2, "Ports": 2 * lanes + 1}
            for lanes, regs in ((1, 8), (2, 16), (3, 8), (4, 8))]


@cocotb.test()
async def reads_what_was_written(dut):
    tb = Bench(dut)
    lanes, regs, threads, ports = (parameter(dut, p) for p in ("Lanes", "Regs", "Threads", "Ports"))
    banks = {(t, b, r): None for t in range(threads) for b in range(lanes) for r in range(regs)}
    seen = cover.cross("port reads bank", range(min(3, ports)), range(4))
    others = cover.flags("operand is no register")
    for n in range(clocks(500)):
        thread = tb.rng.randrange(threads)
        code, use, other, want = 0, 0, 0, []
        for port in range(ports):
            bank, register, value = tb.rng.randrange(4), tb.rng.randrange(regs), tb.rng.getrandbits(64)
            is_other = tb.rng.chance(4)
            code |= (bank << 4 | register) << 6 * port
            use |= int(is_other) << port
            other |= value << 64 * port
            want.append(value if is_other else banks[thread, bank, register] if bank < lanes else 0)
            others.hit(is_other)
            if port < 3:
                seen.hit((port, bank))
        to = n // regs % threads
        we, where, what = 0, 0, 0
        for lane in range(lanes):
            first = n < threads * regs
            register, value = n % regs if first else tb.rng.randrange(regs), tb.rng.getrandbits(64)
            write = first or tb.rng.chance(2)
            we |= int(write) << lane
            where |= register << 4 * lane
            what |= value << 64 * lane
            if write:
                banks[to, lane, register] = value
        await tb.step(r1_thread=thread, r1_code=code, r1_use_other=use, r1_other=other,
                      wb_thread=to, wb_we=we, wb_reg=where, wb_value=what)
        if n >= threads * regs:
            got = tb.get("r2_value")
            for port in range(ports):
                assert got >> 64 * port & mask(64) == want[port], f"clock {n}, port {port}"

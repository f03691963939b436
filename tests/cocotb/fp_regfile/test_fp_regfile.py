# SPDX-License-Identifier: Apache-2.0
"""fp_regfile: every port reads any register of any bank, or x, or nothing, a lane writes its own bank only."""
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
    kinds = cover.point("operand", ["register", "x", "none"])
    for n in range(clocks(500)):
        thread = tb.rng.randrange(threads)
        code, none, x, want = 0, 0, tb.rng.getrandbits(64), []
        for port in range(ports):
            bank, register = tb.rng.randrange(4), tb.rng.randrange(regs)
            kind = tb.rng.choice(["register"] * 4 + ["x", "none"])
            code |= (int(kind == "x" or (kind == "none" and tb.rng.chance(2))) << 6 | bank << 4 | register) << 7 * port
            none |= int(kind == "none") << port
            want.append({"none": 0, "x": x}.get(kind, banks[thread, bank, register] if bank < lanes else 0))
            kinds.hit(kind)
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
        await tb.step(r1_thread=thread, r1_code=code, r1_none=none, r1_x=x,
                      wb_thread=to, wb_we=we, wb_reg=where, wb_value=what)
        if n >= threads * regs:
            got = tb.get("r2_value")
            for port in range(ports):
                assert got >> 64 * port & mask(64) == want[port], f"clock {n}, port {port}"

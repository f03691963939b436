# SPDX-License-Identifier: Apache-2.0
"""csr_ports: what is written to a port's register is its value and is read again, width for width; no other one changes."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter
from spec import CONSTS

VARIANTS = [{"Ports": 2}, {"Ports": 1}, {"Ports": 4}]
WIDTHS = {"ENTRY": 13, "PROG": 3, "IFINDEX": 32, "CTRL": 2, "TICK": 32}
NAMES = {CONSTS[f"PORT_{name}"]: name for name in WIDTHS}


@cocotb.test()
async def holds(dut):
    tb = Bench(dut)
    ports = parameter(dut, "Ports")
    writes = cover.cross("write", list(WIDTHS) + ["none"], ["a port", "no port"])
    await tb.reset(write=0)
    value = [dict(ENTRY=0, PROG=0, IFINDEX=port + 1, CTRL=0, TICK=0) for port in range(ports)]
    for _ in range(clocks(3000)):
        port, word, write, data = tb.rng.randrange(4), tb.rng.randrange(8), tb.rng.chance(3), tb.rng.word(32)
        name = NAMES.get(word)
        known = port < ports and name is not None
        tb.set_all(write=int(write), addr=port << 5 | word << 2 | tb.rng.randrange(4), wdata=data)
        await tb.settle()
        tb.check("known", int(known))
        tb.check("rdata", value[port][name] if known else 0)
        tb.check("entry_we", int(write and known and name == "ENTRY"))
        for field, port_name, width in (("entries", "ENTRY", 13), ("progs", "PROG", 3), ("ifindexes", "IFINDEX", 32), ("ticks", "TICK", 32)):
            tb.check(field, sum(value[p][port_name] << width * p for p in range(ports)))
        tb.check("rx_lossless", sum((value[p]["CTRL"] & 1) << p for p in range(ports)))
        tb.check("tx_lossless", sum((value[p]["CTRL"] >> 1) << p for p in range(ports)))
        await tb.edge()
        await tb.settle()
        if write:
            if ports == 2:
                writes.hit((name or "none", "a port" if port < ports else "no port"))
            if known:
                value[port][name] = data & mask(WIDTHS[name])

# SPDX-License-Identifier: Apache-2.0
"""map_pair: a queue of two entries."""
import cover
from bench import Bench, clocks, cocotb

VARIANTS = [{"Width": 8}]


@cocotb.test()
async def queues(dut):
    tb = Bench(dut)
    await tb.reset(push=0, pop=0)
    seen = cover.cross("entries, push, pop", range(3), [0, 1], [0, 1])
    seen.bins.pop("(2, 1, 0)")
    seen.bins.pop("(2, 1, 1)")
    for pop in (0, 1):
        seen.bins.pop(f"(0, {pop}, 1)")
    entries = []
    for _ in range(clocks(1000)):
        tb.check("count", len(entries))
        tb.check("valid", int(bool(entries)))
        if entries:
            tb.check("head", entries[0])
        push, pop = int(len(entries) < 2 and tb.rng.chance(2)), int(bool(entries) and tb.rng.chance(2))
        data = tb.rng.getrandbits(8)
        seen.hit((len(entries), push, pop))
        await tb.step(push=push, pop=pop, **({"data": data} if push else {}))
        if pop:
            entries.pop(0)
        if push:
            entries.append(data)

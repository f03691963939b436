# SPDX-License-Identifier: Apache-2.0
"""fp_xreg: x of a thread is what was written last, whoever wrote it."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Threads": 16, "TW": 4}, {"Threads": 4, "TW": 2}, {"Threads": 2, "TW": 1}]
WRITERS = ["value", "engine", "div"]


@cocotb.test()
async def last_writer_counts(dut):
    tb = Bench(dut)
    threads = parameter(dut, "Threads")
    await tb.reset(value_we=0, engine_we=0, div_we=0)
    x, by, quiet, fetch = {}, {}, [0] * threads, None
    overtaken = cover.cross("writer before, writer now", WRITERS, WRITERS)
    at_once = cover.point("writers in one cycle", range(4 if threads > 2 else 3))
    for _ in range(clocks(3000)):
        inputs, used = {}, []
        for writer in WRITERS:
            # A thread waits for one answer at a time and is fetched only after it.
            thread = tb.rng.randrange(threads)
            write = tb.rng.chance(3) and thread not in used and thread != fetch
            inputs[writer + "_we"], inputs[writer + "_thread"] = int(write), thread
            value = inputs[writer] = tb.rng.getrandbits(64)
            if write:
                used.append(thread)
                if thread in by:
                    overtaken.hit((by[thread], writer))
                x[thread], by[thread] = value, writer
                quiet[thread] = 0
        at_once.hit(len(used))
        ready = [t for t in range(threads) if quiet[t] >= 1]
        f3 = fetch
        fetch = tb.rng.choice(ready) if ready else None
        inputs["f2_thread"] = tb.rng.randrange(threads) if fetch is None else fetch
        inputs["f3_thread"] = tb.rng.randrange(threads) if f3 is None else f3
        await tb.step(**inputs)
        if f3 is not None and f3 in x:
            tb.check("r1_x", x[f3], f"thread {f3} by {by[f3]}")
        for t in range(threads):
            quiet[t] += 1

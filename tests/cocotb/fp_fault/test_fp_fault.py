# SPDX-License-Identifier: Apache-2.0
"""fp_fault: a map fault stays with its thread until its next packet starts, with the command's bundle and address."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Threads": 16, "TW": 4}, {"Threads": 2, "TW": 1}]
KINDS = ["none", "value", "engine"]


@cocotb.test()
async def pends(dut):
    tb = Bench(dut)
    threads = parameter(dut, "Threads")
    await tb.reset(start=0, value_we=0, engine_we=0)
    pending = {t: None for t in range(threads)}   # kind, pc, address
    asked = None                                  # thread in E1, and what it had in R2
    seen = cover.point("bundle in E2 with a fault by", KINDS)
    again = cover.cross("two in one cycle: start and", [False, True], KINDS)
    for _ in range(clocks(3000)):
        inputs, fresh = {}, set()
        start = tb.rng.chance(6)
        begun = tb.rng.randrange(threads)
        inputs.update(start=int(start), start_thread=begun)
        kind = "none"
        r2 = tb.rng.randrange(threads)
        before = dict(pending)
        if start and begun != (asked and asked[0]):
            pending[begun] = None
        elif start:
            inputs["start"], start = 0, False
        for writer in ("value", "engine"):
            thread = tb.rng.randrange(threads)
            pc, address = tb.rng.getrandbits(13), tb.rng.word()
            # only a thread that waits: it has no fault yet, starts no packet and is not in the pipeline
            write = (tb.rng.chance(4) and pending[thread] is None and thread not in fresh
                     and not (start and thread == begun) and thread != (asked and asked[0]))
            inputs.update({writer + "_we": int(write), writer + "_thread": thread, writer + "_pc": pc, writer + "_addr": address})
            if write:
                pending[thread] = (writer, pc, address)
                fresh.add(thread)
                kind = writer
        again.hit((start, kind))
        e1 = asked
        inputs.update(r2_thread=r2, e1_thread=e1[0] if e1 else 0)
        await tb.step(**inputs)
        if e1:
            thread, fault = e1
            tb.check("e2_fault", int(fault is not None), f"thread {thread}")
            if fault:
                tb.check("e2_pc", fault[1], f"thread {thread}")
                tb.check("e2_addr", fault[2], f"thread {thread}")
            seen.hit(fault[0] if fault else "none")
        asked = (r2, before[r2]) if r2 not in fresh and not (start and r2 == begun) else None

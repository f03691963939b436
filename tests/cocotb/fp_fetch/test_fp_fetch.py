# SPDX-License-Identifier: Apache-2.0
"""fp_fetch: a thread issued in S has its lane words in R1 four clocks later: of its entry first, of the next pc then."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Lanes": 3, "Threads": 8, "TW": 3, "ImemDepth": 64}, {"Lanes": 1, "Threads": 2, "TW": 1, "ImemDepth": 32}]


@cocotb.test()
async def fetches(dut):
    tb = Bench(dut)
    lanes, threads, depth = (parameter(dut, p) for p in ("Lanes", "Threads", "ImemDepth"))
    quiet = {"imem_we": 0, "start": 0, "e2_valid": 0, "s_valid": 0}
    await tb.reset(**quiet)
    code = {}
    for bundle in range(depth):
        for lane in range(lanes):
            code[lane, bundle] = tb.rng.getrandbits(64)
            await tb.step(**dict(quiet, imem_we=1, imem_lane=lane, imem_bundle=bundle, imem_data=code[lane, bundle]))
    firsts = cover.flags("first bundle of a packet")
    beyond = cover.flags("pc beyond the memory's depth")
    stages = [None] * 8          # S F1 F2 F3 R1 R2 E1 E2
    pcs, first, ready = {}, {}, set()
    for _ in range(clocks(3000)):
        issue = tb.rng.choice(sorted(ready)) if ready and tb.rng.chance(2) else None
        if issue is not None:
            ready.discard(issue)
        stages = [issue] + stages[:7]
        s, _, f2, f3, r1, _, _, e2 = stages
        inputs = dict(quiet, s_valid=int(s is not None), s_thread=s if s is not None else tb.rng.randrange(threads))
        next_pc = tb.rng.randrange(depth) if tb.rng.chance(2) else tb.rng.getrandbits(13)
        inputs.update(e2_valid=int(e2 is not None), e2_thread=e2 if e2 is not None else tb.rng.randrange(threads), e2_next_pc=next_pc)
        idle = [t for t in range(threads) if t not in stages and t not in ready]
        begun, entry = (tb.rng.choice(idle) if idle and tb.rng.chance(3) else None), tb.rng.randrange(depth)
        inputs.update(start=int(begun is not None), start_thread=begun if begun is not None else tb.rng.randrange(threads), entry=entry)
        tb.set_all(**inputs)
        await tb.settle()
        if f2 is not None:
            tb.check("f2_thread", f2)
        if f3 is not None:
            tb.check("f3_thread", f3)
        tb.check("r1_valid", int(r1 is not None))
        if r1 is not None:
            tb.check("r1_thread", r1)
            tb.check("r1_pc", pcs[r1], f"thread {r1}")
            tb.check("r1_first", int(first[r1]))
            tb.check("r1_word", sum(code[lane, pcs[r1] % depth] << 64 * lane for lane in range(lanes)))
            firsts.hit(first[r1])
            beyond.hit(pcs[r1] >= depth)
        await tb.edge()
        if e2 is not None:
            pcs[e2], first[e2] = next_pc, False
            if not tb.rng.chance(4):
                ready.add(e2)
        if begun is not None:
            pcs[begun], first[begun] = entry, True
            ready.add(begun)

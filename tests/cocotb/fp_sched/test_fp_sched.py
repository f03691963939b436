# SPDX-License-Identifier: Apache-2.0
"""fp_sched: the first ready thread after the last one issued, cyclically; packets begin and end; counting pulses."""
import cover
from bench import Bench, clocks, cocotb, parameter
from spec import CONSTS

VARIANTS = [{"Threads": 16, "TW": 4}, {"Threads": 8, "TW": 3}, {"Threads": 2, "TW": 1}]
ENDS = ["end", "value", "engine", "div"]


@cocotb.test()
async def issues(dut):
    tb = Bench(dut)
    threads = parameter(dut, "Threads")
    quiet = {e: 0 for e in ("start", "done", *ENDS)}
    await tb.reset(**quiet)
    idle, ready, out = set(range(threads)), set(), set()   # out: issued, not come back
    last = threads - 1
    steps = cover.point("threads skipped by the issue", range(threads))
    back = cover.point("ready again by", ["start", *ENDS])
    held = cover.flags("held back by the command queue")
    load = 2
    for n in range(clocks(4000)):
        if n % 200 == 0:
            load = tb.rng.choice([1, 2, 4, 12])
        count = tb.rng.choice([0, 1, CONSTS["CMD_FIFO"] - CONSTS["CMD_RESERVE"], CONSTS["CMD_FIFO"] - CONSTS["CMD_RESERVE"] + 1, CONSTS["CMD_FIFO"]])
        inputs = dict(quiet, cmd_count=count)
        for name in quiet:
            inputs[name + "_thread"] = tb.rng.randrange(threads)

        def happen(name, threads_of):
            if threads_of and tb.rng.chance(load):
                inputs[name], inputs[name + "_thread"] = 1, tb.rng.choice(sorted(threads_of))
                return inputs[name + "_thread"]
            return None

        room = CONSTS["CMD_FIFO"] - count >= CONSTS["CMD_RESERVE"]
        issue = bool(ready) and room
        pick = next((last + 1 + i) % threads for i in range(threads) if (last + 1 + i) % threads in ready) if ready else None
        new = set()
        started = happen("start", idle)
        if started is not None:
            new.add(started)
            back.hit("start")
        for name in ENDS:
            thread = happen(name, out)
            if thread is not None:
                out.discard(thread)
                new.add(thread)
                back.hit(name)
        ended = happen("done", out)
        tb.set(**inputs)
        await tb.settle()
        tb.check("s_valid", int(issue))
        if issue:
            tb.check("s_thread", pick, f"ready {sorted(ready)} last {last}")
        tb.check("idle_cycle", int(len(idle) == threads))
        tb.check("stall", int(len(idle) < threads and not ready))
        tb.check("cmd_full", int(bool(ready) and not room))
        held.hit(bool(ready) and not room)
        await tb.edge()
        if issue:
            steps.hit((pick - last - 1) % threads)
            ready.discard(pick)
            out.add(pick)
            last = pick
        ready |= new
        idle.discard(started)
        if ended is not None:
            out.discard(ended)
            idle.add(ended)

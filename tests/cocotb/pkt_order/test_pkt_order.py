# SPDX-License-Identifier: Apache-2.0
"""pkt_order: packets leave once, after they ended, in the order of their list; none is forgotten."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Cores": 2, "Threads": 4}, {"Cores": 1, "Threads": 2}, {"Cores": 5, "Threads": 16}]
MODES = {"off": 0, "flow": 1, "strict": 2}
QUIET = {"insert": 0, "done": 0}


@cocotb.test()
async def orders(dut):
    tb = Bench(dut)
    cores, threads = parameter(dut, "Cores"), parameter(dut, "Threads")
    bits = threads.bit_length() - 1
    waits = cover.point("mode, packets ahead in its list when it ends",
                        [("off", "none"), *((m, a) for m in ("flow", "strict") for a in ("none", "one", "more"))])
    for mode in MODES:
        for load in (1, 2, 5):
            await tb.reset(mode=MODES[mode], **QUIET)
            lists, where, ended, flows = {}, {}, set(), tb.rng.choice([1, 2, 8])
            last_left = tb.clocks
            for n in range(clocks(700)):
                inputs = dict(QUIET, mode=MODES[mode])
                idle = [c for c in range(cores << bits) if c % threads == c & threads - 1 and c >> bits < cores and c not in where]
                begun = None
                if n < clocks(500) and idle and tb.rng.chance(load):
                    begun = tb.rng.choice(idle)
                    flow = tb.rng.randrange(flows)
                    inputs.update(insert=1, insert_ctx=begun, insert_hash=tb.rng.getrandbits(26) << 6 | flow)
                done, threads_done = 0, 0
                finished = []
                for core in range(cores):
                    alive = [c for c in where if c >> bits == core and c not in ended]
                    if alive and (tb.rng.chance(3) or n > clocks(500)):
                        context = tb.rng.choice(alive)
                        done |= 1 << core
                        threads_done |= (context & threads - 1) << bits * core
                        finished.append(context)
                inputs.update(done=done, done_thread=threads_done)
                tb.set_all(**inputs)
                await tb.settle()
                if tb.get("leave"):
                    context = tb.get("leave_ctx")
                    assert context in ended, f"{mode}: context {context} leaves before its packet has ended"
                    line = lists[where[context]]
                    assert line[0] == context, f"{mode}: context {context} leaves before {line[0]}"
                    line.pop(0)
                    del where[context]
                    ended.discard(context)
                    last_left = tb.clocks
                for context in finished:
                    ahead = lists[where[context]].index(context)
                    waits.hit((mode, ["none", "one", "more"][min(ahead, 2)]))
                    ended.add(context)
                await tb.edge()
                if begun is not None:
                    # without an order each packet is a list of its own
                    name = {"off": ("off", begun), "flow": flow, "strict": 0}[mode]
                    lists.setdefault(name, []).append(begun)
                    where[begun] = name
            assert not where, f"{mode}: {len(where)} packets never left, the last one that did at clock {last_left}"

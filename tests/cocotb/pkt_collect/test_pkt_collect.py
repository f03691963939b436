# SPDX-License-Identifier: Apache-2.0
"""pkt_collect: the entries of each packet, together and with what the bus said of it, in the order in which packets leave; then its
context is free."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Cores": 2, "TW": 2, "MW": 20, "EW": 16}, {"Cores": 1, "TW": 1, "MW": 20, "EW": 16}, {"Cores": 5, "TW": 4, "MW": 20, "EW": 16}]


@cocotb.test()
async def collects(dut):
    tb = Bench(dut)
    cores, bits, width = parameter(dut, "Cores"), parameter(dut, "TW"), parameter(dut, "EW")
    waits = cover.point("head of the order", ["taken", "waits for its tile", "stands behind egress"])
    reused = cover.flags("the context has its next packet while its last row stands")
    await tb.reset(meta=0, leave=0, out_valid=0)
    busy, order, fifos, held, freed = {}, [], [[] for _ in range(cores)], None, None
    for n in range(clocks(4000)):
        if n % 300 == 0:
            slow, ready = tb.rng.choice([1, 3]), tb.rng.choice([1, 2, 6])
        inputs = {"meta": 0, "leave": 0}
        # A free context gets a packet; one that has one leaves at some time.
        idle = [c for c in range(cores << bits) if c not in busy]
        if idle and tb.rng.chance(slow):
            context = tb.rng.choice(idle)
            busy[context] = [tb.rng.getrandbits(20), False]
            inputs.update(meta=1, meta_ctx=context, meta_data=busy[context][0])
            if held and held[0] == context:
                reused.hit(True)
        began = inputs.get("meta_ctx")
        ready_to_leave = [c for c, (_, asked) in busy.items() if not asked and c != began]
        leaves = None
        if ready_to_leave and tb.rng.chance(slow):
            leaves = tb.rng.choice(ready_to_leave)
            inputs.update(leave=1, leave_ctx=leaves)
        move = int(tb.rng.chance(ready))
        shown = [f[0] if f and not tb.rng.chance(4) else None for f in fifos]
        inputs["out_valid"] = sum(int(s is not None) << k for k, s in enumerate(shown))
        lasts = tb.rng.getrandbits(cores)
        for k, entry in enumerate(shown):
            if entry is not None:
                lasts = lasts & ~(1 << k) | entry[1] << k
        tile = order[0] >> bits if order else None
        entry = shown[tile][0] if order and shown[tile] else tb.rng.getrandbits(width)
        tb.set_all(move=move, out_last=lasts, out_entry=entry, **inputs)
        await tb.settle()
        if order:
            tb.check("out_sel", 1 << tile)
        tb.check("valid", int(held is not None))
        if held is not None:
            tb.check("ctx", held[0])
            tb.check("entry", held[1])
            tb.check("last", held[2])
            tb.check("meta", held[3], f"of context {held[0]}")
        tb.check("free", int(freed is not None))
        if freed is not None:
            tb.check("free_ctx", freed)
        take = order and shown[tile] is not None and move
        tb.check("out_pop", 1 << tile if take else 0)
        if order:
            waits.hit("taken" if take else "waits for its tile" if move else "stands behind egress")
        reused.hit(False)
        # What comes of it.
        freed = None
        if take:
            entry, last = fifos[tile].pop(0)
            held = (order[0], entry, last, busy[order[0]][0])
            if last:
                freed = order.pop(0)
                del busy[freed]
        elif move:
            held = None
        if leaves is not None:
            busy[leaves][1] = True
            order.append(leaves)
            size = tb.rng.choice([1, 1, 3])
            fifos[leaves >> bits] += [(tb.rng.getrandbits(width), int(i == size - 1)) for i in range(size)]
        await tb.edge()
        await tb.settle()

# SPDX-License-Identifier: Apache-2.0
"""pkt_collect: the entries of each packet, together and with what the bus said of it, in the order in which packets leave. Its context may
have the next one meanwhile."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Cores": 2, "TW": 2, "MW": 20, "EW": 16}, {"Cores": 1, "TW": 1, "MW": 20, "EW": 16}, {"Cores": 5, "TW": 4, "MW": 20, "EW": 16}]


@cocotb.test()
async def collects(dut):
    tb = Bench(dut)
    cores, bits, width = parameter(dut, "Cores"), parameter(dut, "TW"), parameter(dut, "EW")
    waits = cover.point("head of the order", ["taken", "waits for its tile", "stands behind egress"])
    reused = cover.flags("the context has its next packet while its last one is under way")
    await tb.reset(meta=0, leave=0, out_valid=0)
    # Packets by context; [context, meta] of those that leave; entries, which are there three clocks behind the request.
    busy, order, fifos, held = {}, [], [[] for _ in range(cores)], None
    for n in range(clocks(4000)):
        if n % 300 == 0:
            slow, ready = tb.rng.choice([1, 3]), tb.rng.choice([1, 2, 6])
        inputs = {"meta": 0, "leave": 0}
        # A free context gets a packet; one that has one leaves at some time.
        idle = [c for c in range(cores << bits) if c not in busy]
        if idle and tb.rng.chance(slow):
            context = tb.rng.choice(idle)
            busy[context] = tb.rng.getrandbits(20)
            inputs.update(meta=1, meta_ctx=context, meta_data=busy[context])
            reused.hit(any(c == context for c, _ in order))
        began = inputs.get("meta_ctx")
        ready_to_leave = [c for c in busy if c != began and sum(c == other for other, _ in order) < 2]
        leaves = None
        if ready_to_leave and tb.rng.chance(slow):
            leaves = tb.rng.choice(ready_to_leave)
            inputs.update(leave=1, leave_ctx=leaves)
        move = int(tb.rng.chance(ready))
        shown = [f[0] if f and f[0][2] <= n and not tb.rng.chance(4) else None for f in fifos]
        inputs["out_valid"] = sum(int(s is not None) << k for k, s in enumerate(shown))
        lasts = tb.rng.getrandbits(cores)
        for k, entry in enumerate(shown):
            if entry is not None:
                lasts = lasts & ~(1 << k) | entry[1] << k
        tile = order[0][0] >> bits if order else None
        entry = shown[tile][0] if order and shown[tile] else tb.rng.getrandbits(width)
        tb.set_all(move=move, out_last=lasts, out_entry=entry, **inputs)
        await tb.settle()
        tb.check("queued", int(bool(order)))
        if order:
            tb.check("out_sel", 1 << tile)
        tb.check("valid", int(held is not None))
        if held is not None:
            tb.check("ctx", held[0])
            tb.check("entry", held[1])
            tb.check("last", held[2])
            tb.check("meta", held[3], f"of context {held[0]}")
        take = order and shown[tile] is not None and move
        tb.check("out_pop", 1 << tile if take else 0)
        if order:
            waits.hit("taken" if take else "waits for its tile" if move else "stands behind egress")
        # What comes of it.
        if take:
            entry, last, _ = fifos[tile].pop(0)
            held = (order[0][0], entry, last, order[0][1])
            if last:
                order.pop(0)
        elif move:
            held = None
        if leaves is not None:
            order.append((leaves, busy.pop(leaves)))
            size = tb.rng.choice([1, 1, 3])
            fifos[leaves >> bits] += [(tb.rng.getrandbits(width), int(i == size - 1), n + 3) for i in range(size)]
        await tb.edge()
        await tb.settle()

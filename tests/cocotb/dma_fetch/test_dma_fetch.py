# SPDX-License-Identifier: Apache-2.0
"""dma_fetch: the descriptors that the host gave, each once, in the order of the ring; no line when there is none to fetch."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Queues": 4}, {"Queues": 1}, {"Queues": 3}]


class Ring:
    """The host's side: its memory holds descriptors under their place; and what the NIC has to know of it."""

    def __init__(self, rng):
        self.log, self.base = rng.randrange(2, 6), rng.getrandbits(50)
        self.on = False
        self.entries = [rng.getrandbits(128) for _ in range(1 << self.log)]
        self.off()

    def off(self):
        self.tail = self.taken = self.fetched = self.filled = 0
        self.given = []                       # descriptors not taken yet


@cocotb.test()
async def fetches(dut):
    tb = Bench(dut)
    queues = parameter(dut, "Queues")
    lines = cover.point("a line brings", ["one", "two", "three", "four", "nothing: the ring went off", "an error"])
    held = cover.point("descriptors here", range(9))
    await tb.reset(on=0, tail=0, line_valid=0, take=0, req_ready=0)
    rings = [Ring(tb.rng) for _ in range(queues)]
    bus = [None] * queues                     # (line's address, its descriptors, stale) under way
    broken = None
    for n in range(clocks(6000)):
        if n % 300 == 0:
            hurry, delay = tb.rng.choice([1, 2, 20]), tb.rng.choice([1, 3, 15])
        for number, ring in enumerate(rings):
            if ring.on and (number == broken or tb.rng.chance(400)):
                ring.on = False
            elif not ring.on and tb.rng.chance(10):
                if bus[number] is None and tb.rng.chance(2):
                    ring.log, ring.base = tb.rng.randrange(2, 6), tb.rng.getrandbits(50)
                    ring.entries = [tb.rng.getrandbits(128) for _ in range(1 << ring.log)]
                ring.on = True
            elif ring.on and tb.rng.chance(6):
                for _ in range(tb.rng.randrange((1 << ring.log) - (ring.tail - ring.taken) + 1)):
                    entry = tb.rng.getrandbits(128)
                    ring.entries[ring.tail % (1 << ring.log)] = entry
                    ring.given.append(entry)
                    ring.tail += 1
        broken = None
        which = tb.rng.randrange(queues)
        ring = rings[which]
        here = ring.on and ring.filled != ring.taken
        take = here and tb.rng.chance(hurry)
        come = [q for q in range(queues) if bus[q] is not None]
        line, error = {}, False
        if come and tb.rng.chance(delay):
            of = tb.rng.choice(come)
            error = tb.rng.chance(60)
            line = {"line_ring": of, "line": sum(entry << 128 * i for i, entry in enumerate(bus[of][0])), "line_error": int(error)}
        ready = not tb.rng.chance(3)
        tb.set_all(on=sum(r.on << q for q, r in enumerate(rings)), base=sum(r.base << 58 * q for q, r in enumerate(rings)),
                   log=sum(r.log << 4 * q for q, r in enumerate(rings)), tail=sum((r.tail & 0xffff) << 16 * q for q, r in enumerate(rings)),
                   req_ready=int(ready), line_valid=int(bool(line)), ring=which, take=int(take), **line)
        await tb.settle()
        tb.check("have", sum((r.on and r.filled != r.taken) << q for q, r in enumerate(rings)))
        tb.check("empty", sum((r.tail == r.taken) << q for q, r in enumerate(rings)))
        tb.check("busy", sum((b is not None) << q for q, b in enumerate(bus)))
        tb.check("error", int(error))
        if here:
            tb.check("index", ring.taken & 0xffff)
            tb.check("desc", ring.given[0])
            held.hit(ring.filled - ring.taken)
        elif which == 0:
            held.hit(0)
        wants = [q for q, r in enumerate(rings) if r.on and bus[q] is None and r.tail != r.fetched and r.fetched - r.taken <= 4]
        tb.check("req_valid", int(bool(wants)))
        asked = None
        if wants:
            asked = tb.get("req_ring")
            r = rings[asked]
            assert asked in wants, f"clock {tb.clocks}: ring {asked} wants nothing"
            tb.check("req_line", r.base + r.fetched % (1 << r.log) // 4 & (1 << 58) - 1)
        await tb.edge()
        await tb.settle()
        if take:
            ring.taken += 1
            ring.given.pop(0)
        if line:
            of = rings[line["line_ring"]]
            count, stale = bus[line["line_ring"]][1:]
            bus[line["line_ring"]] = None
            if stale or not of.on:
                lines.hit("nothing: the ring went off")
            elif error:
                lines.hit("an error")
                broken = line["line_ring"]
            else:
                lines.hit(["", "one", "two", "three", "four"][count])
                of.filled = of.fetched
        if asked is not None and ready:
            r = rings[asked]
            first = r.fetched % (1 << r.log) // 4 * 4
            count = min(r.tail - r.fetched, 4 - r.fetched % 4)
            bus[asked] = (r.entries[first:first + 4], count, False)
            r.fetched += count
        for number, r in enumerate(rings):
            if not r.on:
                r.off()
                if bus[number] is not None:
                    bus[number] = (*bus[number][:2], True)

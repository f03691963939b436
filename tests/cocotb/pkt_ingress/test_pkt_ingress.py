# SPDX-License-Identifier: Apache-2.0
"""pkt_ingress: frames of the ports in turn, each to an open tile in turn and its idle threads in turn, by "pkt_ingress" of fabric.md."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter
from spec import CONSTS

VARIANTS = [{"Cores": 2, "Threads": 4, "Ports": 2}, {"Cores": 5, "Threads": 2, "Ports": 3}, {"Cores": 1, "Threads": 16, "Ports": 1}]
LIMIT = CONSTS["ROW_FIFO"] - CONSTS["FRAME_MAX"] // CONSTS["BEAT_BYTES"]


class Turn:
    """Round robin: the first one behind the last winner."""

    def __init__(self, count):
        self.count, self.after = count, 0

    def pick(self, want):
        for i in range(self.count):
            if (self.after + i) % self.count in want:
                return (self.after + i) % self.count
        return None

    def take(self, winner):
        self.after = (winner + 1) % self.count


class Tile:
    def __init__(self, threads):
        self.idle = set(range(threads))
        self.rows, self.open, self.last = 0, None, -1

    def view(self, on, below):
        """What is open in the next clock, by what is known in this one; a row taken in this one closes it."""
        idle = sorted((t for t in self.idle if t < below), key=lambda t: (t <= self.last, t))
        return idle[0] if on and idle and self.rows <= LIMIT else None


def frame(rng, port):
    length = rng.choice([0, 1, 64, 65, 1536, rng.randrange(1, 1537)])   # 0: a tick
    rows = max(1, (length + 63) // 64)
    return [(rng.getrandbits(512), int(i + 1 == rows), length, rng.getrandbits(64), port) for i in range(rows)]


@cocotb.test()
async def dispatches(dut):
    tb = Bench(dut)
    cores, threads, ports = parameter(dut, "Cores"), parameter(dut, "Threads"), parameter(dut, "Ports")
    starts = cover.cross("ports that wait, tiles that are open", ["one", "more"] if ports > 1 else ["one"], ["one", "more"] if cores > 1 else ["one"])
    blocks = cover.point("a frame waits for", ["run", "a tile"])
    limits = cover.flags("tiles or threads are held back")
    await tb.reset(run=0, row_valid=0, left=0, free=0)
    tiles = [Tile(threads) for _ in range(cores)]
    stores = [[] for _ in range(ports)]
    port_turn, tile_turn = Turn(ports), Turn(cores)
    fifo = [0] * cores                                  # rows that the tile could let go
    busy, current, shown, number, place = [], None, None, 0, 0
    tw = max(1, (threads - 1).bit_length())
    for n in range(clocks(9000)):
        if n % 300 == 0:
            rate, frees, lets = tb.rng.choice([1, 3, 20, 200]), tb.rng.choice([2, 5, 30]), tb.rng.choice([1, 1, 2, 6])
            run = int(not tb.rng.chance(8))
            on, below = tb.rng.choice([cores, cores, tb.rng.randrange(1, cores + 1)]), tb.rng.choice([threads, tb.rng.randrange(1, threads + 1)])
        limits.hit(on < cores or below < threads)
        for p in range(ports):
            if len(stores[p]) < 60 and tb.rng.randrange(rate) == 0:
                stores[p] += frame(tb.rng, p)
        left = [k for k in range(cores) if fifo[k] and tb.rng.randrange(lets) == 0]
        free = busy.pop(tb.rng.randrange(len(busy))) if busy and tb.rng.randrange(frees) == 0 else None
        values = {"run": run, "threads": below, "cores": on, "left": sum(1 << k for k in left), "free": int(free is not None)}
        if free is not None:
            values["free_ctx"] = free[0] << tw | free[1]
        waiting = {p for p in range(ports) if stores[p]}
        heads = [stores[p][0] if stores[p] else (0, 0, 0, 0, 0) for p in range(ports)]
        values["row_valid"] = sum(1 << p for p in waiting)
        for name, field, width in (("row_data", 0, 512), ("row_last", 1, 1), ("row_len", 2, 12), ("row_time", 3, 64)):
            values[name] = sum(heads[p][field] << width * p for p in range(ports))
        tb.set_all(**values)
        await tb.settle()
        tb.check("idle", sum(1 << threads * k + t for k in range(cores) for t in tiles[k].idle))
        tb.check("valid", int(shown is not None))
        if shown:
            row, at, tile, thread, count, first = shown
            for name, want in (("first", first), ("last", row[1]), ("data", row[0] if row[2] else 0), ("place", at), ("tile", tile), ("thread", thread),
                               ("port", row[4]), ("number", count)):
                tb.check(name, want)
            if row[1]:
                tb.check("len", row[2])
                tb.check("time", row[3])
        opened = {k for k in range(cores) if tiles[k].open is not None}
        first = 0
        if current is None and waiting and (not run or not opened):
            blocks.hit("run" if not run else "a tile")
        if current is None and run and waiting and opened:
            p, k = port_turn.pick(waiting), tile_turn.pick(opened)
            port_turn.take(p)
            tile_turn.take(k)
            current, first, place = (p, k, tiles[k].open, number), 1, 0
            number = number + int(stores[p][0][2] != 0) & mask(32)
            starts.hit(("more" if len(waiting) > 1 else "one", "more" if len(opened) > 1 else "one"))
        tb.check("row_take", 1 << current[0] if current else 0)
        # What the tiles show next is what was so at the start of this clock, with the context freed in it, without the tile that gets a row in it.
        if free:
            tiles[free[0]].idle.add(free[1])
        views = [tile.view(k < on, below) for k, tile in enumerate(tiles)]
        for k, tile in enumerate(tiles):
            tile.open = None if current and current[1] == k else views[k]
            tile.rows -= int(k in left)
            fifo[k] -= int(k in left)
        if shown:
            fifo[shown[2]] += 1
        shown = None
        if current:
            p, k, thread, count = current
            row = stores[p].pop(0)
            tiles[k].rows += 1
            if first:
                tiles[k].idle.discard(thread)
                tiles[k].last = thread
            shown = (row, place, k, thread, count, first)
            place += 1
            if row[1]:
                busy.append((k, thread))
                current = None
        await tb.edge()
        await tb.settle()

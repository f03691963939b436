# SPDX-License-Identifier: Apache-2.0
"""pkt_pairs: rows come out one by one, in the order in which they came alone or in pairs; a frame two clocks after its last row at the earliest."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter

VARIANTS = [{"Width": 16, "Rows": 8, "Side": 3}, {"Width": 512, "Rows": 64, "Side": 40}]


@cocotb.test()
async def keeps_whole_frames(dut):
    tb = Bench(dut)
    width, rows, side_bits = parameter(dut, "Width"), parameter(dut, "Rows"), parameter(dut, "Side")
    writes = cover.cross("rows written at once, of the frame's last", [1, 2], [False, True])
    heads = cover.point("taken", ["alone", "first", "second"])
    fills = cover.flags("full")
    await tb.reset(write=0, take=0)
    stored, frame, shown, slow, side = [], [], False, 2, 0       # rows of whole frames, rows of the one that is written
    for n in range(clocks(2500)):
        if n % 200 == 0:
            slow = tb.rng.choice([1, 2, 5])
        used = len(stored) + len(frame)
        tb.check("used", used)
        tb.check("valid", int(shown))
        fills.hit(used == rows)
        if shown:
            for name, want in zip(("row", "last", "bytes", "side"), stored[0]):
                tb.check(name, want)
        take = shown and tb.rng.chance(slow)
        count = min(tb.rng.choice([1, 2]), rows - used)
        # A frame that finds no room for its end would stay for ever.
        last = tb.rng.chance(3) or used + count >= rows - 1
        write = count > 0 and (not last or bool(frame) or tb.rng.chance(2)) and not tb.rng.chance(4)
        if not frame:
            side = tb.rng.getrandbits(side_bits)
        data, size = [tb.rng.getrandbits(width) for _ in range(2)], tb.rng.randrange(1, 65) if last else 64
        await tb.step(write=int(write), two=count - 1 if count else 0, data=data[1] << width | data[0], last=int(last), bytes=size, side=side,
                      take=int(take))
        now = len(stored)
        if take:
            heads.hit(stored[0][4])
            stored.pop(0)
        shown = now - int(take) > 0
        if write:
            writes.hit((count, last))
            kinds = ["alone"] if count == 1 else ["first", "second"]
            frame += [(data[i] & mask(width), int(last and i + 1 == count), size if i + 1 == count else 64, side, kinds[i]) for i in range(count)]
            if last:
                stored += frame
                frame = []

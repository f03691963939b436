# SPDX-License-Identifier: Apache-2.0
"""dma_store: whole frames leave with their checksum, in order; forgotten ones never; what is promised is there, and comes back."""
from collections import deque

import cover
from bench import Bench, clocks, cocotb

ROWS = 128


def write(frame, place, byte):
    """Into a frame's rows, unless it is shorter."""
    if place // 64 < len(frame):
        row, at = frame[place // 64], 8 * (place % 64)
        row[0] = row[0] & ~(255 << at) | byte << at


def word_for(tb, frame, places):
    """What the frame's word is, and the frame as it leaves."""
    wanted, place, csum = tb.rng.randrange(2), tb.rng.choice([63, 127, tb.rng.randrange(64 * len(frame)), tb.rng.randrange(2048)]), tb.rng.getrandbits(16)
    if wanted:
        write(frame, place, csum >> 8)
        write(frame, place + 1, csum & 255)
        places.hit("outside" if place // 64 >= len(frame) else "in two rows" if place % 64 == 63 and place // 64 + 1 < len(frame) else "in a row")
    return wanted << 27 | place << 16 | csum


@cocotb.test()
async def keeps_promises(dut):
    tb = Bench(dut)
    ends = cover.cross("a frame ends, rows of it", ["whole", "forgotten"], ["one", "more"])
    promised_rows = cover.point("promised, used", ["all", "fewer", "too many to promise now"])
    cuts = cover.point("cut", ["in a frame", "between frames"])
    places = cover.point("place of the checksum", ["in a row", "in two rows", "outside"])
    await tb.reset(promise=0, put=0, forget=0, cut=0, word_valid=0)
    room, coming, frame, whole = ROWS, [], [], []      # coming: (rows, promised) of frames to be put
    wordless, worded = deque(), 0                      # frames without their word; rows of whole that have it
    middle, slow, waited, gone_rows = False, 2, 0, 0   # gone_rows: clocks in which rows that are cut off go
    for n in range(clocks(5000)):
        if n % 250 == 0:
            slow = tb.rng.choice([1, 2, 10, 40]) if n < clocks(4500) else 1
        if not gone_rows:
            tb.check("room", room)
        values = {"promise": 0, "put": 0, "cut": int(tb.rng.chance(150)), "ready": int(tb.rng.chance(slow)), "word_valid": 0}
        said = wordless.popleft() if wordless and not tb.rng.chance(3) else None
        if said:
            values.update(word_valid=1, word=word_for(tb, said, places))
        size = tb.rng.choice([1, 1, 2, tb.rng.randrange(1, 25)])
        need = tb.rng.choice([size, 24])
        asked = tb.rng.chance(3) and n < clocks(4500)
        if asked and need <= tb.get("room"):
            values.update(promise=1, promise_rows=need)
            coming.append((size, need))
        elif asked:
            promised_rows.hit("too many to promise now")
        end = forget = False
        if coming and not values["promise"] and tb.rng.chance(2) or len(coming) > 1 and tb.rng.chance(2):
            size_now, need_now = coming[0]
            forget_all = tb.rng.chance(12) and n > 200     # not the first ones: they show the state after reset
            end = len(frame) + 1 == size_now or forget_all
            forget = forget_all and end
            row = [tb.rng.getrandbits(512), int(end), tb.rng.randrange(1, 65)]
            frame.append(row)
            values.update(put=1, row=row[0], end=int(end), forget=int(forget), count=row[2], promised=need_now)
        tb.set_all(**values)
        await tb.settle()
        gone = False
        if tb.get("valid"):
            assert worded, f"clock {tb.clocks}: a row that is not there, or has no word"
            want = whole[0]
            tb.check("row", want[0])
            tb.check("last", want[1])
            tb.check("count", want[2])
            gone = bool(values["ready"])
            waited = 0
        else:
            waited = waited + 1 if worded and not gone_rows else 0
            assert waited < 4, f"clock {tb.clocks}: {worded} rows do not leave"
        if values["promise"]:
            room -= values["promise_rows"]
        if gone:
            row = whole.pop(0)
            middle = not row[1]
            room += 1
            worded -= 1
        # Cut: the rest of the frame of which rows were taken is thrown away, a row a clock.
        if values["cut"]:
            cuts.hit("in a frame" if middle else "between frames")
            if middle:
                while True:
                    row = whole.pop(0)
                    room += 1
                    worded -= 1
                    gone_rows += 1
                    if row[1]:
                        break
                gone_rows += 3
                middle = False
        if gone_rows:
            gone_rows -= 1
        if values["put"] and end:
            size_now, need_now = coming.pop(0)
            ends.hit(("forgotten" if forget else "whole", "one" if len(frame) == 1 else "more"))
            promised_rows.hit("all" if len(frame) == need_now else "fewer")
            room += need_now - (0 if forget else len(frame))
            whole += [] if forget else frame
            wordless += [] if forget else [frame]
            frame = []
        worded += len(said) if said else 0
        await tb.edge()
        await tb.settle()
    # At rest, everything promised has come back but for frames that never ended.
    for _ in range(300):
        await tb.step(promise=0, put=0, forget=0, cut=0, ready=1, word_valid=int(bool(wordless)), word=wordless.popleft()[0][0] if wordless else 0)
    tb.check("room", ROWS - sum(need for _, need in coming))

# SPDX-License-Identifier: Apache-2.0
"""dma_pack: the bytes of a frame's bursts, whatever address each began at, one behind the other in rows; bad frames are forgotten."""
import cover
from bench import Bench, clocks, cocotb, mask

FRAME = 1536


def frame_of(rng):
    """Bursts (start, bytes) of a frame, and how it ends."""
    kind = rng.choice(["whole", "whole", "whole", "error", "abort"])
    left, bursts = rng.choice([1, 63, 64, 65, 128, rng.randrange(1, 200), rng.randrange(1, FRAME + 1 if rng.chance(4) else 300)]), []
    while left and len(bursts) < 16:
        size = left if len(bursts) == 15 or rng.chance(2) else rng.randrange(1, left + 1)
        bursts.append((rng.choice([0, 63, rng.randrange(64)]), bytes(rng.getrandbits(8) for _ in range(size))))
        left -= size
    return kind, bursts


@cocotb.test()
async def packs(dut):
    tb = Bench(dut)
    kinds = cover.cross("frame, bursts of it", ["whole", "error", "abort"], ["one", "more"])
    rests = cover.point("the frame's end", ["fills a row", "fits", "takes one more row"])
    await tb.reset(valid=0)
    expected = []                             # (row, end, count) or "forget"
    queued = []                               # inputs to come, and what they are
    while tb.clocks < clocks(450) or queued:
        if not queued and tb.clocks < clocks(450):
            kind, bursts = frame_of(tb.rng)
            kinds.hit((kind, "one" if len(bursts) == 1 else "more"))
            data = b"".join(part for _, part in bursts)
            error_at = tb.rng.randrange(len(bursts))
            for number, (start, part) in enumerate(bursts):
                if kind == "abort" and number and number == error_at:
                    break
                placed = bytes(tb.rng.getrandbits(8) for _ in range(start)) + part
                rows = [placed[i:i + 64] for i in range(0, len(placed), 64)]
                left = len(part)
                for i, row in enumerate(rows):
                    row += bytes(tb.rng.getrandbits(8) for _ in range(64 - len(row)))
                    inputs = {"abort": 0, "row": int.from_bytes(row, "little"), "first": int(i == 0), "start": start, "bytes": left,
                              "eop": int(number + 1 == len(bursts) and kind != "abort"), "error": int(kind == "error" and number == error_at)}
                    here = min(left, 64 - (start if i == 0 else 0))
                    queued.append((inputs, i + 1 == len(rows), left - here))
                    left -= here
            if kind == "abort":
                queued.append(({"abort": 1, "error": 0}, None, None))
            if kind == "whole":
                rests.hit("fills a row" if len(data) % 64 == 0 else "takes one more row" if len(data) % 64 < here else "fits")
                rows = [data[i:i + 64] for i in range(0, len(data), 64)]
                expected += [(row, i + 1 == len(rows), len(row)) for i, row in enumerate(rows)]
            else:
                expected.append("forget")
        valid = bool(queued) and not tb.rng.chance(3)
        inputs, is_last, rest = queued[0] if queued else ({}, None, None)
        tb.set_all(valid=int(valid), **inputs)
        await tb.settle()
        if valid and is_last is not None:
            tb.check("last", int(is_last))
            tb.check("rest", rest)
        taken = valid and tb.get("ready")
        check_row(tb, expected)
        await tb.edge()
        if taken:
            queued.pop(0)
    for _ in range(5):
        await tb.step(valid=0)
        check_row(tb, expected)
    assert not expected, f"{len(expected)} rows never came"


def check_row(tb, expected):
    """A row that is put is the next one expected; rows of a frame that is forgotten may come before the word of it."""
    if not tb.get("valid"):
        return
    assert expected, f"clock {tb.clocks}: a row nobody put in"
    want = expected[0]
    if want == "forget":
        if tb.get("end"):
            tb.check("forget", 1)
            expected.pop(0)
        return
    row, end, count = want
    tb.check("end", int(end))
    tb.check("count", count)
    if end:
        tb.check("forget", 0)
    assert tb.get("row") & mask(8 * count) == int.from_bytes(row, "little"), f"clock {tb.clocks}: wrong bytes"
    expected.pop(0)

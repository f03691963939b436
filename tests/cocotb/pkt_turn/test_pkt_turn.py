# SPDX-License-Identifier: Apache-2.0
"""pkt_turn: rows of a buffer in, rows of the packet out, up to two a clock, at every place in a row, with and without metadata; gaps and
back-pressure."""
import cover
from bench import Bench, clocks, cocotb, mask
from spec import CONSTS

VARIANTS = [{"Width": 16}]
ROW, META = CONSTS["BEAT_BYTES"], CONSTS["META_HOST"]


def entries(rng, number):
    """(what goes in, what must come out) of one packet: dicts of inputs; rows with what is beside them."""
    if rng.chance(5):
        given = {"first": 1, "last": 1, "rows": 0, "two": 0, "turn": 0, "meta_len": 0, "side": number}
        return [given], [(None, 1, 1, number, b"", 0)], None
    buffer = bytes(rng.getrandbits(8) for _ in range(40 * ROW))
    start, length = rng.randrange(2 * ROW, 8 * ROW), rng.choice([1, 14, 64, 65, 128, rng.randrange(1, 400)])
    if rng.chance(3):
        start -= start % ROW
    meta = rng.choice([0, 0, 4, 28, META, rng.randrange(META + 1)])
    skips = (start % ROW != 0) + (meta != 0)
    count = -(-length // ROW)
    low = start // ROW - (meta != 0)
    # A packet that starts within a row and lies in two is one entry, if it has no metadata.
    total = 2 if not meta and start % ROW and start % ROW + length <= 2 * ROW else count + skips
    front = bytes(META - meta) + buffer[start - meta:start]
    given, wanted, made = [], [], 0
    for i in range(0, total, 2):
        two, last = int(i + 1 < total), int(i + 2 >= total)
        data = buffer[(low + i) * ROW:(low + i + 1 + two) * ROW]
        given.append({"first": int(i == 0), "last": last, "rows": 1, "two": two, "long": int(length > ROW), "turn": start % ROW,
                      "meta_len": meta, "side": number, "data": int.from_bytes(data, "little") | (0 if two else rng.getrandbits(512) << 512)})
        makes = 1 + two if i or not skips else min(2, count) if last else 2 - skips
        if makes:
            row = start + made * ROW
            wanted.append((buffer[row:min(start + length, row + makes * ROW)], int(made == 0), last, number, front, meta, makes))
        made += makes
    assert made == count
    return given, wanted, (start % ROW, meta)


@cocotb.test()
async def packets(dut):
    tb = Bench(dut)
    turns = cover.point("turn", range(ROW))
    kinds = cover.cross("turned, metadata", [False, True], [False, True])
    made = cover.point("rows of the packet that a clock makes", [1, 2])
    gives, wants, number = [], [], 0
    beside = None    # of the row that is in the route register
    tb.set_all(valid=0, move=1)
    await tb.reset(valid=0, move=1)
    for _ in range(clocks(2500)):
        if len(gives) < 4:
            given, wanted, kind = entries(tb.rng, number & mask(16))
            gives, wants, number = gives + given, wants + wanted, number + 1
            if kind:
                turns.hit(kind[0])
                kinds.hit((kind[0] != 0, kind[1] != 0))
        move, valid = not tb.rng.chance(4), not tb.rng.chance(4)
        tb.set_all(move=int(move), valid=int(valid), **(gives[0] if valid else {}))
        await tb.settle()
        if beside:
            assert tb.get("meta_len") == beside[5], f"clock {tb.clocks}: {tb.get('meta_len')} bytes of metadata, not {beside[5]}"
            tb.check("meta", int.from_bytes(beside[4], "little"))
        leaves = None
        if move and tb.get("valid"):
            leaves = wants.pop(0)
            bytes_, first, last, side = leaves[:4]
            tb.check("rows", int(bytes_ is not None))
            tb.check("first", first)
            tb.check("last", last)
            tb.check("side", side)
            if bytes_ is not None:
                tb.check("two", leaves[6] - 1)
                made.hit(leaves[6])
                got = tb.get("data") & mask(8 * len(bytes_))
                assert got == int.from_bytes(bytes_, "little"), f"clock {tb.clocks}: {got:#x}, not {bytes_[::-1].hex()}"
        await tb.edge()
        if move:
            beside = leaves if leaves and leaves[0] is not None else None
            if valid:
                gives.pop(0)

# SPDX-License-Identifier: Apache-2.0
"""dma_sum: for each frame that leaves a word, four clocks behind its last row: is a checksum wanted, where, and which."""
import cover
from bench import Bench, Pipe, clocks, cocotb, parameter

VARIANTS = [{"Ports": 2}, {"Ports": 1}]


def checksum(data):
    total = sum(int.from_bytes(data[i:i + 2].ljust(2, b"\0"), "big") for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff or 0xffff


@cocotb.test()
async def sums(dut):
    tb = Bench(dut)
    begins = cover.point("sum begins", ["at an even byte", "at an odd byte", "behind the frame"])
    later = cover.flags("sum begins in a later row")
    ends = cover.cross("frame, checksum", ["leaves", "is forgotten"], ["wanted", "none"])
    zero = cover.flags("sum of which the checksum would be 0")
    await tb.reset(put=0)
    slots, pipe = [None], Pipe(4)                 # a row for each clock, or none
    for n in range(clocks(3000)):
        while len(slots) < 2:
            size, port = tb.rng.choice([1, 60, 64, 65, tb.rng.randrange(1, 300), 1536]), tb.rng.randrange(parameter(dut, "Ports"))
            data = bytes(tb.rng.choice([0, 255, tb.rng.getrandbits(8)]) for _ in range(size))
            if tb.rng.chance(4):
                data = bytes([tb.rng.choice([0, 255])]) * size
            wanted, at = tb.rng.randrange(2), tb.rng.randrange(2048)
            start = tb.rng.choice([14, 34, 63, 64, tb.rng.randrange(size), tb.rng.randrange(2048)])
            forget, csum = tb.rng.chance(6), checksum(data[start:])
            begins.hit("behind the frame" if start >= size else "at an odd byte" if start % 2 else "at an even byte")
            later.hit(64 <= start < size)
            ends.hit(("is forgotten" if forget else "leaves", "wanted" if wanted else "none"))
            zero.hit(csum == 0xffff and any(data[start:]))
            for i in range(0, size, 64):
                part, end = data[i:i + 64], i + 64 >= size
                row = int.from_bytes(part, "little") | tb.rng.getrandbits(512) >> 8 * len(part) << 8 * len(part)
                slots.append({"row": row, "count": len(part), "end": int(end), "forget": int(end and forget), "port": port,
                              "csum": wanted << 22 | at << 11 | start, "word": (port, wanted, at, csum) if end and not forget else None})
                slots += [None] * (tb.rng.randrange(4) if tb.rng.chance(3) else 0)
        now, then = slots.pop(0), slots[0]
        values = {"put": int(now is not None), **({"csum": then["csum"]} if then else {})}
        if now:
            values.update({name: now[name] for name in ("row", "count", "end", "forget", "port")})
        tb.set_all(**values)
        await tb.settle()
        word = pipe.step(now and now["word"])
        tb.check("word_valid", int(word is not None))
        if word:
            port, wanted, at, csum = word
            tb.check("word_port", port)
            got = tb.get("word") if wanted else None
            assert not wanted or got == 1 << 27 | at << 16 | csum, f"clock {tb.clocks}: {got:x}, not place {at:x}, checksum {csum:x}"
            top = dut.word_o.value.binstr[0]
            assert top == str(wanted), f"clock {tb.clocks}: wanted is {top}"
        await tb.edge()
        await tb.settle()

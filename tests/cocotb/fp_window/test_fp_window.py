# SPDX-License-Identifier: Apache-2.0
"""fp_window: packet bytes at a constant offset: rows from the receiver, stores of the core, ends of packets."""
import cover
import packets
from bench import Bench, byte_swap, clocks, cocotb, mask
from spec import CONSTS

VARIANTS = [{"Threads": 2, "TW": 1}]
HEAD, ROW = CONSTS["HEADROOM"], CONSTS["ROW_BYTES"]


async def write_row(tb, memory, thread, row, data, be=mask(32), row0=None):
    row0 = row if row0 is None else row0
    await tb.step(w_thread=thread, w_row=row, w_row0=row0, w_be=be, w_data=data)
    for lane in range(32):
        if be >> lane & 1:
            where = ROW * (row0 if lane < 8 else row) + lane
            memory[thread][where] = data >> 8 * lane & 0xff


@cocotb.test()
async def reads(dut):
    tb = Bench(dut)
    memory = [bytearray(CONSTS["PKT_BUFFER"]) for _ in range(2)]
    lengths = [1536, 1536]
    for thread in range(2):
        for row in range(CONSTS["PKT_BUFFER"] // ROW):
            await write_row(tb, memory, thread, row, tb.rng.getrandbits(256))
    places = cover.cross("offset, width", range(128), range(4))
    starts = cover.point("start in a row", range(ROW))
    ends = cover.cross("width, bytes behind the packet", range(4), [False, True])
    stores = cover.point("store across groups, into the next row", [(False, False), (True, False), (True, True)])
    for n in range(clocks(5000)):
        thread = tb.rng.randrange(2)
        if tb.rng.chance(40):   # a packet comes in
            data = packets.packet(tb.rng, length=packets.length(tb.rng, 400))
            lengths[thread] = len(data)
            padded = data + bytes(tb.rng.getrandbits(8) for _ in range(-len(data) % ROW))
            for i in range(0, len(padded), ROW):
                await write_row(tb, memory, thread, (HEAD + i) // ROW, int.from_bytes(padded[i:i + ROW], "little"))
        elif tb.rng.chance(3):  # the core stores
            at, size = tb.rng.randrange(HEAD, HEAD + 300), 1 << tb.rng.randrange(4)
            be, data = 0, tb.rng.getrandbits(256)
            for i in range(size):
                be |= 1 << (at + i) % ROW
            next_row = at % ROW + size > ROW
            stores.hit((at % 8 + size > 8, next_row))
            await write_row(tb, memory, thread, at // ROW, data, be, at // ROW + int(at % ROW >= 24))
        thread, offset, width, swap = tb.rng.randrange(2), n % 128, tb.rng.randrange(4), tb.rng.randrange(2)
        bits = tb.rng.getrandbits(16)
        start = tb.rng.choice([HEAD, tb.rng.randrange(CONSTS["HEAD_MIN"], CONSTS["PKT_BUFFER"] - 136)])
        await tb.step(w_be=0, r1_thread=thread, r1_start=start, r1_start8=start + 8, r1_len=lengths[thread], r1_offset=offset, r1_width=width, r1_swap=swap, r1_mask=bits)
        size = 1 << width
        value = int.from_bytes(memory[thread][start + offset:start + offset + size], "little")
        if swap:
            value = byte_swap(value, size)
        behind = offset + size > lengths[thread]
        zero = tb.get("r2_zero")
        got = tb.get("r2_value") & ~sum(0xff << 8 * i for i in range(8) if zero >> i & 1)
        want = 0 if behind else value & (mask(64) ^ 0xffff | bits)
        assert got == want, f"clock {tb.clocks}: {size} bytes at {start} + {offset} of {lengths[thread]}: {got:#x}, not {want:#x}"
        places.hit((offset, width))
        starts.hit(start % ROW)
        ends.hit((width, behind))

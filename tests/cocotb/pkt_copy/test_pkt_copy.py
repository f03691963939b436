# SPDX-License-Identifier: Apache-2.0
"""pkt_copy: bytes written in rows of 32 come out in rows of 64, whichever row the first eight go to."""
import cover
from bench import Bench, clocks, cocotb, parameter
from spec import CONSTS

VARIANTS = [{"Threads": 2, "TW": 1}]
ROW, BEAT, BUFFER = CONSTS["ROW_BYTES"], CONSTS["BEAT_BYTES"], CONSTS["PKT_BUFFER"]


@cocotb.test()
async def copies(dut):
    tb = Bench(dut)
    threads = parameter(dut, "Threads")
    memory = [bytearray(BUFFER) for _ in range(threads)]
    known = [[False] * BUFFER for _ in range(threads)]
    seen = cover.cross("row of the first eight bytes, half of a beat", ["same", "next"], [0, 1])
    for _ in range(clocks(3000)):
        thread, row = tb.rng.randrange(threads), tb.rng.randrange(BUFFER // ROW - 1)
        row0 = row + tb.rng.randrange(2)
        enable, data = tb.rng.choice([0, tb.rng.getrandbits(ROW), (1 << ROW) - 1]), tb.rng.randbytes(ROW)
        reads, beat = tb.rng.randrange(threads), tb.rng.choice([row // 2, tb.rng.randrange(BUFFER // BEAT)])
        writes = {BEAT * beat + i for i in range(BEAT)} if reads == thread else set()
        want = bytes(memory[reads][BEAT * beat:BEAT * (beat + 1)])
        sure = list(known[reads][BEAT * beat:BEAT * (beat + 1)])
        seen.hit(("same" if row0 == row else "next", row % 2))
        for i in range(ROW):
            if enable >> i & 1:
                at = ROW * (row0 if i < 8 else row) + i
                memory[thread][at], known[thread][at] = data[i], True
                if at in writes:
                    sure[at % BEAT] = False        # read while it is written
        await tb.step(w_thread=thread, w_row=row, w_row0=row0, w_be=enable, w_data=int.from_bytes(data, "little"), r_thread=reads, r_row=beat)
        bits = dut.r_data_o.value.binstr
        for i in range(BEAT):
            if sure[i]:
                got = bits[8 * (BEAT - 1 - i):8 * (BEAT - i)]
                assert got == f"{want[i]:08b}", f"clock {tb.clocks}: byte {i} of row {beat} is {got}, not {want[i]:08b}"

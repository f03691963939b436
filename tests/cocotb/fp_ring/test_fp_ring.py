# SPDX-License-Identifier: Apache-2.0
"""fp_ring: eight bytes of a row, each on the byte lane of its address; the row comes a clock after the address."""
import cover
from bench import Bench, clocks, cocotb


@cocotb.test()
async def picks(dut):
    tb = Bench(dut)
    offsets = cover.point("offset", range(32))
    for _ in range(clocks(1000)):
        offset, row = tb.rng.randrange(32), tb.rng.getrandbits(256)
        await tb.step(offset=offset)
        tb.set(row=row)
        await tb.settle()
        data = row.to_bytes(32, "little")
        # behind the last group comes group 0, of the next row
        want = bytearray(8)
        for i in range(8):
            want[(offset + i) % 8] = data[(offset + i) % 32]
        tb.check("ring", int.from_bytes(want, "little"), f"offset {offset}")
        offsets.hit(offset)

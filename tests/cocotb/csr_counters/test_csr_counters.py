# SPDX-License-Identifier: Apache-2.0
"""csr_counters: a snapshot shows of every counter what happened before it, all at one clock; while it is made, and before the first, 0."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Count": 20, "Bytes": 0b100010}, {"Count": 64, "Bytes": 0b1010}, {"Count": 33, "Bytes": 1 << 30}]
FRAME = 1536


@cocotb.test()
async def counts(dut):
    tb = Bench(dut)
    count, bytes_of = parameter(dut, "Count"), parameter(dut, "Bytes")
    snapshots = cover.point("snapshot", ["the first", "after another", "while another is made"])
    shown = cover.point("counter", ["bytes", "events", "none yet", "being made"])
    await tb.reset(clocks=5, event=0, snapshot=0)
    total, copy, left = [0] * count, None, 0
    for n in range(clocks(6000)):
        snapshot = tb.rng.chance(3 * count)
        events, lengths, added = 0, 0, [0] * count
        for i in range(count):
            is_bytes = bytes_of >> i & 1
            if n % 500 < 250 and tb.rng.chance(2) or tb.rng.chance(10) or n % 500 > 430:
                if is_bytes:             # a frame a clock, and at the end the longest there are: programs may drop such
                    length = FRAME if n % 500 > 430 else tb.rng.choice([60, 64, FRAME, tb.rng.randrange(1, FRAME + 1)])
                    events, lengths, added[i] = events | 1 << i, lengths | length << 12 * i, length
                else:
                    events, added[i] = events | 1 << i, 1
        index = tb.rng.randrange(count)
        tb.set_all(event=events, bytes=lengths, snapshot=int(snapshot), index=index)
        await tb.settle()
        tb.check("busy", int(left > 0))
        tb.check("value", copy[index] if copy and not left else 0, f"counter {index}")
        shown.hit("being made" if left else "none yet" if not copy else "bytes" if bytes_of >> index & 1 else "events")
        await tb.edge()
        await tb.settle()
        left = max(0, left - 1)
        if snapshot:
            snapshots.hit("the first" if copy is None else "while another is made" if left else "after another")
            copy, left = list(total), count + 1
        total = [a + b for a, b in zip(total, added)]

# SPDX-License-Identifier: Apache-2.0
"""pkt_tick: frames pass; between two of them there is a tick when the port's period has gone by since the last one ended."""
import cover
from bench import Bench, clocks, cocotb


@cocotb.test()
async def ticks(dut):
    tb = Bench(dut)
    kinds = cover.cross("a tick is offered, a frame waits", [0, 1], [0, 1])
    events = cover.point("what happens", ["tick taken", "tick ended", "turned off while due", "waits for the end of a frame", "reset while due", "reset while inside"])
    await tb.reset(valid=0, take=0, done=0, period=0)
    period, count, due, inside, frame = 0, 0, False, False, []
    mid = False
    for n in range(clocks(8000)):
        if n % 200 == 0:
            rate = tb.rng.choice([1, 3, 20])
        if tb.rng.chance(60):
            if due:
                events.hit("turned off while due")
            period = tb.rng.choice([0, 1, 2, 5, tb.rng.randrange(60)])
        if not frame and tb.rng.chance(rate):
            frame = [64 * (i + 1) for i in range(tb.rng.randrange(1, 4))]
        offer = due and period > 0 and not mid
        if due and period and mid:
            events.hit("waits for the end of a frame")
        valid = bool(frame)
        last, length = int(len(frame) == 1), frame[0] if frame else tb.rng.getrandbits(12)
        take = (mid or tb.rng.chance(2)) and (valid or offer)    # rows of a frame follow each other
        done = inside and tb.rng.chance(9)
        rst = tb.rng.chance(150)
        dut.rst_i.value = int(rst)
        tb.set_all(period=period, valid=int(valid), last=last, len=length, take=int(take), done=int(done))
        await tb.settle()
        tb.check("valid", int(valid or offer))
        tb.check("take", int(take and not offer))
        if valid or offer:
            tb.check("last", int(offer or last))
            tb.check("len", 0 if offer else length)
        kinds.hit((int(offer), int(valid)))
        was_due, was_inside = due, inside
        if done:
            inside = False
            events.hit("tick ended")
        if take and offer:
            due, inside = False, True
            events.hit("tick taken")
        elif not period:
            count, due = 0, False
        elif not was_due and not was_inside:
            count += 1
            if count >= period:
                count, due = 0, True
        if take and not offer:
            frame.pop(0)
            mid = bool(frame)
        if rst:
            if was_due or was_inside:
                events.hit("reset while due" if was_due else "reset while inside")
            count, due, inside, mid, frame = 0, False, False, False, []
        await tb.edge()
        await tb.settle()

# SPDX-License-Identifier: Apache-2.0
"""map_answer: each granted word comes from its bank, in order, as the thread asked for it."""
import cover
from bench import Bench, Pipe, byte_swap, clocks, cocotb, mask, parameter, signed

VARIANTS = [{"Banks": 4, "Latency": 2}, {"Banks": 2, "Latency": 4}]


@cocotb.test()
async def answers(dut):
    tb = Bench(dut)
    banks, latency = parameter(dut, "Banks"), parameter(dut, "Latency")
    await tb.reset(clocks=latency + 4, gnt=0)
    seen = cover.cross("width, split, swap", range(4), [0, 1], [0, 1])
    faults, idle = cover.flags("fault"), cover.flags("idle")
    words, answers = Pipe(latency + 1), Pipe(latency + 2)      # bank and word of a grant; its answer, which is told two clocks ahead
    low = None                                                   # word of the access's first half; the other half has the same way
    for n in range(clocks(2500)):
        gnt = int(not tb.rng.chance(3)) if n % 200 < 150 else 0
        bank, word = tb.rng.randrange(banks), tb.rng.getrandbits(64)
        split = int(low is not None)
        answer, inputs = None, {"gnt": gnt, "bank": bank}
        if gnt:
            if not split:
                width, off, swap, sign = tb.rng.randrange(4), tb.rng.randrange(8), tb.rng.randrange(2), tb.rng.randrange(2)
            first = not split and tb.rng.chance(3)
            fault, respond = int(tb.rng.chance(10)), int(not first and not tb.rng.chance(4))
            thread, size = tb.rng.randrange(16), 1 << width
            raw = (word << 64 | (low if split else word)) >> 8 * off & mask(8 * size)
            if off + size > 8 and not split:
                raw = None                                       # nobody asks for that without the second word
            value = None if raw is None else byte_swap(raw, size) if swap else raw
            if value is not None and sign:
                value = signed(value, 8 * size) & mask(64)
            inputs.update(respond=respond, fault=fault, split=split, off=off, width=width, swap=swap, sign=sign, thread=thread)
            answer = (respond, fault, thread, value)
            if respond and value is not None:
                seen.hit((width, split, swap))
                faults.hit(bool(fault))
            low = word if first else None
        there = words.step((bank, word) if gnt else None)
        if there:
            data = tb.rng.getrandbits(64 * banks) & ~(mask(64) << 64 * there[0]) | there[1] << 64 * there[0]
            inputs["words"] = data
        tb.set_all(**inputs)
        await tb.settle()
        want = answers.step(answer)
        soon = answers.queue[1]
        tb.check("wake", int(bool(soon and soon[0])))
        if soon and soon[0]:
            tb.check("wake_thread", soon[2])
        tb.check("valid", int(bool(want and want[0])))
        if want and want[0]:
            tb.check("fault", want[1])
            tb.check("thread", want[2])
            if want[3] is not None:
                tb.check("value", want[3])
        idle.hit(bool(tb.get("idle")))
        tb.check("idle", int(all(a is None for a in answers.queue[:-1]) and not want))
        await tb.edge()
        await tb.settle()

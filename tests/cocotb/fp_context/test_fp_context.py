# SPDX-License-Identifier: Apache-2.0
"""fp_context: what a packet's context gives the stages: where it lies, interface, queue, bundles executed, cycles since it was ready."""
import cover
from bench import Bench, Pipe, clocks, cocotb, parameter
from spec import CONSTS

HEAD = CONSTS["HEADROOM"]
VARIANTS = [{"Threads": 8, "TW": 3}, {"Threads": 2, "TW": 1}]


@cocotb.test()
async def follows_packets(dut):
    """A bundle goes through F3, R1, R2, E1, E2; a thread has one at most, and its packet started before."""
    tb = Bench(dut)
    threads = parameter(dut, "Threads")
    tb.set_all(start=0, move=0, e2_valid=0, rxq_we=0)
    await tb.reset(start=0, move=0, e2_valid=0, rxq_we=0)
    late = cover.cross("late, first", [False, True], [False, True])
    moves = cover.cross("metadata, start lower than at first", [False, True], [False, True])
    contexts = {}       # thread -> dict
    queues = {}         # packets whose receive queue is still to be told
    stages = [None] * 5  # F3 R1 R2 E1 E2
    now = 0
    for _ in range(clocks(4000)):
        watchdog = tb.rng.choice([1, 2, 3, 5])
        inside = {s["thread"] for s in stages if s}
        free = [t for t in contexts if t not in inside and contexts[t]["at"] < now and t not in queues]
        fetch = tb.rng.choice(free) if free and tb.rng.chance(2) else None
        stages = [{"thread": fetch, "context": contexts[fetch]} if fetch is not None else None] + stages[:4]
        f3, r1, r2, e1, e2 = stages
        start_ok = [t for t in range(threads) if t not in {s["thread"] for s in stages if s}]
        start = bool(start_ok) and tb.rng.chance(6)
        fresh = {"len": tb.rng.randrange(1, 1537), "ifindex": tb.rng.word(32), "rxq": tb.rng.word(8), "at": now, "bundles": 0,
                 "place": (HEAD, HEAD, 0)}
        fresh["place"] = HEAD, HEAD, HEAD + fresh["len"]
        begun = tb.rng.choice(start_ok) if start else 0
        asked, sent = tb.rng.randrange(threads), tb.rng.randrange(threads)
        # an adjustment of a packet that no stage looks at and that does not start
        still = [t for t in contexts if t not in inside and t != fetch and t != (begun if start else None)]
        moved = tb.rng.choice(still) if still and tb.rng.chance(3) else None
        at = tb.rng.randrange(CONSTS["HEAD_MIN"], 1000)
        place = at - 4 * tb.rng.randrange(min(63, (at - CONSTS["HEAD_MIN"]) // 4) + 1), at, at + tb.rng.randrange(14, 1000)
        inputs = {"start": int(start), "start_thread": begun, "start_len": fresh["len"], "ifindex": fresh["ifindex"],
                  "move": int(moved is not None), "move_thread": moved or 0, "move_front": place[0], "move_start": place[1], "move_end": place[2],
                  "map_thread": asked, "send_thread": sent, "watchdog": watchdog, "e2_valid": int(e2 is not None)}
        for name, stage in (("f3", f3), ("r2", r2), ("e1", e1), ("e2", e2)):
            inputs[name + "_thread"] = stage["thread"] if stage else tb.rng.randrange(threads)
        told = tb.rng.choice(list(queues)) if queues else None
        inputs.update(rxq_we=int(told is not None), rxq_thread=told or 0, rxq=contexts[told]["rxq"] if told is not None else tb.rng.word(8))
        queues.pop(told, None)
        inputs["r2_first"] = int(bool(r2) and r2["context"]["bundles"] == 0)
        tb.set_all(**inputs)
        await tb.settle()
        if asked in contexts:
            tb.check("map_front", contexts[asked]["place"][0])
            tb.check("map_end", contexts[asked]["place"][2])
        if sent in contexts:
            for name, want in zip(("front", "start", "end"), contexts[sent]["place"]):
                tb.check("send_" + name, want)
        if r1:
            context = r1["context"]
            for name, want in zip(("front", "start", "end"), context["place"]):
                tb.check("r1_" + name, want)
            tb.check("r1_start8", context["place"][1] + 8)
            tb.check("r1_len", context["place"][2] - context["place"][1])
            tb.check("r1_ifindex", context["ifindex"])
            tb.check("r1_rxq", context["rxq"])
        if e2:
            context = e2["context"]
            tb.check("e2_bundles", context["bundles"])
            tb.check("e2_late", int(context["bundles"] >= e2["watchdog"]))
            # ready from the cycle after the start; the exit is in the done queue in the cycle after E2
            tb.check("e2_cycles", now + 1 - (context["at"] + 1))
            late.hit((context["bundles"] >= e2["watchdog"], context["bundles"] == 1))
        await tb.edge()
        if r2:
            r2["context"]["bundles"] += 1
        if e1:
            e1["watchdog"] = watchdog
        if moved is not None:
            contexts[moved]["place"] = place
            moves.hit((place[0] != place[1], place[1] < HEAD))
        if start:
            contexts[begun] = fresh
            queues[begun] = now
        now += 1

# SPDX-License-Identifier: Apache-2.0
"""fp_resolve: which control operation wins, what it cancels, faults by their order, what the bundle may do."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter
from spec import CAUSES

VARIANTS = [{"Lanes": lanes} for lanes in (1, 2, 3, 4)]
ASKS = ["nothing", "store", "map", "wait", "div", "rnd", "rdir", "msel", "adjust"]


@cocotb.test()
async def bundles(dut):
    tb = Bench(dut, clock=False)
    lanes = parameter(dut, "Lanes")
    ends = cover.point("cause, exits", ((c, e) for c in CAUSES for e in (False, True) if (c, e) != ("WATCHDOG", True)))
    asks = cover.cross("last lane asks, cancelled, exits", ASKS, [False, True], [False, True])
    winners = cover.point("winner of", ((n, w) for n in range(1, 5) for w in range(n + 1)))
    for _ in range(clocks(3000)):
        rng = tb.rng
        some = lambda one_in: sum(int(rng.chance(one_in)) << i for i in range(lanes))   # noqa: E731
        legal = mask(lanes) if not rng.chance(8) else rng.getrandbits(lanes)
        guard, taken, we = rng.getrandbits(lanes), some(3), rng.getrandbits(lanes)
        leaves, target, ret = taken & rng.getrandbits(lanes), rng.getrandbits(13 * lanes), rng.getrandbits(32 * lanes)
        map_fault, region, late, valid = (rng.chance(n) for n in (8, 5, 4, 2))
        valid = not (valid and rng.chance(3))
        ask = rng.choice(ASKS)
        pc, map_pc = rng.choice([rng.getrandbits(13), mask(13)]), rng.getrandbits(13)
        addresses = rng.word(), rng.word()
        tb.set(valid=valid, pc=pc, legal=legal, guard=guard, taken=taken, exit=leaves, target=target, ret=ret, we=we,
               map_fault=map_fault, map_fault_pc=map_pc, map_fault_addr=addresses[0], region=region, region_addr=addresses[1], late=late,
               store=ask == "store", map=ask in ("map", "wait"), div=ask == "div", rnd=ask == "rnd", rdir=ask == "rdir", msel=ask == "msel",
               adjust=ask == "adjust", wait=ask in ("wait", "div"))
        await tb.settle()
        winner = next((i for i in range(lanes) if taken >> i & 1), lanes)
        alive = [not (guard >> i & 1 and winner < i) for i in range(lanes)]
        exits = winner < lanes and bool(leaves >> winner & 1)
        cause = ("ILLEGAL" if legal != mask(lanes) else "MAP" if map_fault else "REGION" if region and alive[-1]
                 else "WATCHDOG" if late and not exits else "NONE")
        go = valid and cause == "NONE"
        last = go and alive[-1]
        tb.check("cause", CAUSES[cause])
        tb.check("fault_pc", {"NONE": 0, "MAP": map_pc}.get(cause, pc))
        tb.check("fault_addr", {"MAP": addresses[0], "REGION": addresses[1]}.get(cause, 0))
        tb.check("we", sum(int(go and alive[i]) << i for i in range(lanes)) & we)
        tb.check("store", int(last and ask == "store"))
        tb.check("rnd", int(last and ask == "rnd"))
        tb.check("rdir", int(last and ask == "rdir"))
        tb.check("msel", int(last and ask == "msel"))
        tb.check("adjust", int(last and ask == "adjust"))
        tb.check("map", int(last and (ask == "map" or (ask == "wait" and not exits))))
        tb.check("div", int(last and ask == "div" and not exits))
        tb.check("ready", int(go and not exits and not (ask in ("wait", "div") and alive[-1])))
        tb.check("done", int(valid and (exits or cause != "NONE")))
        tb.check("ret", ret >> 32 * winner & mask(32) if exits and cause == "NONE" else 0)
        tb.check("next_pc", target >> 13 * winner & mask(13) if winner < lanes else (pc + 1) & mask(13))
        if valid:
            winners.hit((lanes, winner))
        if valid and lanes == 3:
            ends.hit((cause, exits))
        if go and lanes == 3:
            asks.hit((ask, not alive[-1], exits))

# SPDX-License-Identifier: Apache-2.0
"""fp_trace: the retire record, four clocks after E2, with nothing in it that the bundle did not do."""
import cover
from bench import Bench, Pipe, byte_swap, clocks, cocotb, mask, parameter

VARIANTS = [{"Lanes": 3, "TW": 4}, {"Lanes": 1, "TW": 1}]


def e2_record(i):
    """What the record must say of a bundle in E2."""
    size = 6 if i["width"] == 4 else 1 << i["width"]
    value = i["b"] & mask(8 * size)
    store, command = i["store"], i["command"]
    return {
        "thread": i["thread"], "pc": i["pc"], "next_pc": 0 if i["done"] else i["next_pc"], "exit": i["done"], "cause": i["cause"],
        "ret": i["ret"], "store": store, "store_width": size if store else 0,
        "store_tag_offset": i["addr"] >> 60 << 12 | i["addr"] & mask(12) if store else 0,
        "store_value": (byte_swap(value, size) if i["swap"] else value) if store else 0,
        "cmd": i["op"] if command else 0, "cmd_addr": i["addr"] if command else 0, "cmd_b": i["b"] if command else 0,
        "cmd_c": i["c"] if command else 0,
    }


@cocotb.test()
async def records(dut):
    tb = Bench(dut)
    lanes = parameter(dut, "Lanes")
    await tb.reset(e2_valid=0)
    stores = cover.cross("store, width, swap", [0, 1], range(5), [0, 1])
    kinds = cover.cross("done, command, store", [0, 1], [0, 1], [0, 1])
    pipe = Pipe(3)
    for _ in range(clocks(3000)):
        rng = tb.rng
        e2 = {"thread": rng.getrandbits(tb.widths["e2_thread"]), "pc": rng.getrandbits(13), "next_pc": rng.getrandbits(13),
              "done": int(rng.chance(3)), "ret": rng.word(32), "cause": rng.randrange(5), "store": rng.randrange(2),
              "width": rng.randrange(5), "swap": rng.randrange(2), "command": rng.randrange(2), "op": rng.getrandbits(8),
              "addr": rng.word(), "b": rng.word(), "c": rng.word()}
        valid = rng.randrange(2)
        await tb.step(e2_valid=valid, **{"e2_" + k: v for k, v in e2.items()})
        # WB is combinational
        we, regs, values = rng.getrandbits(lanes), rng.getrandbits(4 * lanes), rng.getrandbits(64 * lanes)
        tb.set(wb_we=we, wb_reg=regs, wb_value=values)
        await tb.settle()
        tb.check("rt_reg_we", we)
        tb.check("rt_reg", regs & sum(15 << 4 * i for i in range(lanes) if we >> i & 1))
        tb.check("rt_value", values & sum(mask(64) << 64 * i for i in range(lanes) if we >> i & 1))
        was = pipe.step((valid, e2))
        if was is None:
            tb.check("rt_valid", 0)
            continue
        tb.check("rt_valid", was[0])
        if was[0]:
            for name, want in e2_record(was[1]).items():
                tb.check("rt_" + name, want, str(was[1]))
            stores.hit((was[1]["store"], was[1]["width"], was[1]["swap"]))
            kinds.hit((was[1]["done"], was[1]["command"], was[1]["store"]))


@cocotb.test()
async def reset_forgets(dut):
    """No record of a bundle that was in flight at a reset."""
    tb = Bench(dut, "reset")
    await tb.reset(e2_valid=0)
    for _ in range(4):
        await tb.step(e2_valid=1)
    await tb.reset(clocks=1, e2_valid=0)
    for _ in range(6):
        tb.check("rt_valid", 0)
        await tb.step(e2_valid=0)

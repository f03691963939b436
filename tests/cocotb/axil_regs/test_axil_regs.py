# SPDX-License-Identifier: Apache-2.0
"""axil_regs: each access of AXI4-Lite is one of the register bus, a write before a read; what can't be is answered with SLVERR."""
import cover
from bench import Bench, clocks, cocotb

OKAY, SLVERR = 0, 2


@cocotb.test()
async def answers(dut):
    tb = Bench(dut)
    accesses = cover.cross("access, legal", ["write", "read"], [False, True])
    both = cover.flags("a read waits for a write")
    late = cover.point("the answer waits", ["not", "some clocks"])
    await tb.reset(aw_valid=0, w_valid=0, ar_valid=0, reg_done=0)
    aw = w = ar = None                       # what the host shows and keeps showing until it is taken
    access = None                            # (write, legal, done, data)
    waited = 0
    for n in range(clocks(6000)):
        if aw is None and tb.rng.chance(4):
            aw = tb.rng.getrandbits(22) << 2 | (tb.rng.randrange(4) if tb.rng.chance(4) else 0)
        if w is None and tb.rng.chance(4):
            w = (tb.rng.getrandbits(32), tb.rng.getrandbits(4) if tb.rng.chance(4) else 15)
        if ar is None and tb.rng.chance(4):
            ar = tb.rng.getrandbits(22) << 2 | (tb.rng.randrange(4) if tb.rng.chance(4) else 0)
        done = access is not None and access[1] and not access[2] and tb.rng.chance(3)
        data = tb.rng.getrandbits(32)
        ready = not tb.rng.chance(3)
        values = {"aw_addr": aw} if aw is not None else {}
        values.update({"w_data": w[0], "w_strb": w[1]} if w is not None else {})
        values.update({"ar_addr": ar} if ar is not None else {})
        tb.set_all(aw_valid=int(aw is not None), w_valid=int(w is not None), ar_valid=int(ar is not None), b_ready=int(ready),
                   r_ready=int(ready), reg_done=int(done), reg_rdata=data, **values)
        await tb.settle()
        write = aw is not None and w is not None
        takes = access is None and (write or ar is not None)
        legal = takes and ((aw % 4 == 0 and w[1] == 15) if write else ar % 4 == 0)
        tb.check("aw_ready", int(takes and write))
        tb.check("w_ready", int(takes and write))
        tb.check("ar_ready", int(takes and not write))
        tb.check("reg_valid", int(legal))
        if legal:
            tb.check("reg_we", int(write))
            tb.check("reg_addr", aw if write else ar)
            if write:
                tb.check("reg_wdata", w[0])
        over = access is not None and access[2]
        tb.check("b_valid", int(over and access[0]))
        tb.check("r_valid", int(over and not access[0]))
        if over:
            tb.check("b_resp" if access[0] else "r_resp", OKAY if access[1] else SLVERR)
            if not access[0]:
                tb.check("r_data", access[3])
        await tb.edge()
        await tb.settle()
        if takes:
            accesses.hit(("write" if write else "read", bool(legal)))
            both.hit(write and ar is not None)
            access = (write, legal, not legal, 0)
            if write:
                aw = w = None
            else:
                ar = None
        elif done:
            access = (access[0], True, True, 0 if access[0] else data)
        elif over:
            waited = 0 if ready else waited + 1
            if ready:
                access = None
            late.hit("not" if ready else "some clocks")

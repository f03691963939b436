# SPDX-License-Identifier: Apache-2.0
"""csr_host: accesses to queues and interrupts are done here, in two clocks; all others go on to the core of the NIC."""
import cover
import nic_spec
from bench import Bench, clocks, cocotb, mask, parameter
from spec import CONSTS

VARIANTS = [{"Queues": 4}, {"Queues": 16}, {"Queues": 1}]
REGS = {name: row[0] for name, row in nic_spec.REGS.items()}


@cocotb.test()
async def decodes(dut):
    tb = Bench(dut)
    queues = parameter(dut, "Queues")
    accesses = cover.cross("register, write", ["queue", "IRQ_STATUS", "IRQ_ENABLE", "CAP_HOST", "core"], [False, True])
    await tb.reset(reg_valid=0, core_done=0)
    enable, busy, wait = 0, None, 0            # busy: (done in, data or None for the core's)
    for _ in range(clocks(4000)):
        valid = busy is None and tb.rng.chance(2)
        we, data, status, queue_data = tb.rng.chance(2), tb.rng.getrandbits(32), tb.rng.getrandbits(queues), tb.rng.getrandbits(32)
        kind = tb.rng.choice(["queue", "IRQ_STATUS", "IRQ_ENABLE", "CAP_HOST", "core"])
        addr = {"queue": nic_spec.REGARRAYS["QUEUE"][0] + 4 * tb.rng.randrange(512), "core": tb.rng.choice([0, 4, 0x100000, 0x3ffc, 0x4800, 0x70c])}.get(kind)
        addr = REGS[kind] if addr is None else addr
        core_done = busy is not None and busy[1] is None and tb.rng.chance(3)
        core_data = tb.rng.getrandbits(32)
        tb.set_all(reg_valid=int(valid), reg_we=int(we), reg_addr=addr, reg_wdata=data, core_done=int(core_done), core_rdata=core_data,
                   queue_rdata=queue_data, irq_status=status)
        await tb.settle()
        tb.check("core_valid", int(valid and kind == "core"))
        tb.check("queue_we", int(valid and we and kind == "queue"))
        tb.check("irq_clear", data & mask(queues) if valid and we and kind == "IRQ_STATUS" else 0)
        tb.check("irq_enable", enable)
        if kind == "queue":
            tb.check("queue", addr >> 7 & 15)
            tb.check("word", addr >> 2 & 31)
        done = core_done or (busy is not None and busy[0] == 0)
        tb.check("reg_done", int(done))
        if done:
            tb.check("reg_rdata", core_data if core_done else busy[1])
        await tb.edge()
        await tb.settle()
        if done:
            busy = None
        elif busy is not None:
            busy = (busy[0] - 1, busy[1])
        if valid:
            accesses.hit((kind, we))
            value = {"queue": queue_data, "IRQ_STATUS": status, "IRQ_ENABLE": enable, "core": None,
                     "CAP_HOST": queues | CONSTS["RING_LOG_MAX"] << 8 | 1 << 12}[kind]
            busy = (-1 if value is None else 1, value)
            if we and kind == "IRQ_ENABLE":
                enable = data & mask(queues)

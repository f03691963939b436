# SPDX-License-Identifier: Apache-2.0
"""csr_events: each event is counted under the number that regs.def gives its counter, once, and under no other."""
import cover
from bench import Bench, clocks, cocotb, parameter
from spec import CONSTS

VARIANTS = [{"Cores": 2, "Ports": 2, "Queues": 4}, {"Cores": 1, "Ports": 1, "Queues": 1}, {"Cores": 4, "Ports": 4, "Queues": 16}]
C = {name[4:]: number for name, number in CONSTS.items() if name.startswith("CNT_")}
DROPS = ["P_RX", "P_LONG", "P_SHORT", "P_BAD", "P_FULL"]
NONE, TARGET, PORT, HOST = 0, 5, 6, 7


@cocotb.test()
async def counts(dut):
    tb = Bench(dut)
    cores, ports, queues = parameter(dut, "Cores"), parameter(dut, "Ports"), parameter(dut, "Queues")
    own = cover.point("counter of the NIC", [n for n in ("LOST", "HOST", "HOST_FULL")] + [f"verdict {v}" for v in range(5)] + [f"cause {c}" for c in range(1, 5)])
    of_port = cover.point("counter of a port", DROPS + ["P_TX", "P_TX_HOST", "P_TX_FULL"])
    quiet = {"snapshot": 0, "in": 0, "tile": 0, "cpl": 0, "lost": 0, "host": 0, "sent": 0, "sent_host": 0, "host_event": 0, "queue_event": 0, "ext_error": 0}
    await tb.reset(**quiet)
    count, cycles = {}, 0

    def add(number, amount=1):
        count[number] = count.get(number, 0) + amount

    for _ in range(clocks(3)):
        for _ in range(clocks(300)):
            values = dict(quiet)
            tile, host_event = tb.rng.getrandbits(8 * cores), tb.rng.getrandbits(8)
            queue_event = tb.rng.getrandbits(8 * queues)
            ext_error = tb.rng.getrandbits(2)
            values.update(tile=tile, host_event=host_event, queue_event=queue_event, ext_error=ext_error)
            for bit, name in enumerate(("EXT_READ", "EXT_WRITE")):
                if ext_error >> bit & 1:
                    add(C[name])
            for k in range(8 * cores):
                if tile >> k & 1:
                    add(C["TILE"] + 16 * (k // 8) + k % 8)
            for k in range(8 * queues):
                if queue_event >> k & 1:
                    add(C["QUEUE"] + k)
            for k in range(8):
                if host_event >> k & 1:
                    add(C["HOST_SIDE"] + k)
            if tb.rng.chance(2):
                verdict, cause = tb.rng.choice([0, 1, 2, 3, 4, 5, 1 << 31, 256]), tb.rng.randrange(6)
                length = tb.rng.choice([0, 60, 1536, tb.rng.randrange(1537)])
                values.update(cpl=1, cpl_ret=verdict, cpl_len=length, cpl_cause=cause)
                if length:                               # else a tick
                    add(C["VERDICT"] + (verdict if verdict <= 4 else 0))
                    add(C["VERDICT_BYTES"] + (verdict if verdict <= 4 else 0), length)
                    own.hit(f"verdict {verdict if verdict <= 4 else 0}")
                if 1 <= cause <= 4:
                    add(C["FAULT"] + cause - 1)
                    own.hit(f"cause {cause}")
            lost, lost_port = tb.rng.choice([NONE, TARGET, PORT, HOST]), 1 << tb.rng.randrange(ports)
            values.update(lost=lost, lost_port=lost_port)
            if lost == PORT:
                add(C["PORT"] + 16 * (lost_port.bit_length() - 1) + C["P_TX_FULL"])
                of_port.hit("P_TX_FULL")
            elif lost:
                add(C["LOST"] if lost == TARGET else C["HOST_FULL"])
                own.hit("LOST" if lost == TARGET else "HOST_FULL")
            if tb.rng.chance(4):
                length = tb.rng.randrange(64)            # at most 64 bytes a clock can be
                values.update(host=1, host_len=length)
                add(C["HOST"])
                add(C["HOST_BYTES"], length)
                own.hit("HOST")
            fields = {"in": 0, "in_drop": 0, "in_len": 0, "sent": 0, "sent_host": 0, "sent_len": 0}
            for p in range(ports):
                base, length = C["PORT"] + 16 * p, tb.rng.randrange(64)
                if tb.rng.chance(2):
                    drop = tb.rng.randrange(5)
                    fields["in"] |= 1 << p
                    fields["in_drop"] |= drop << 3 * p
                    fields["in_len"] |= length << 12 * p
                    add(base + C[DROPS[drop]])
                    of_port.hit(DROPS[drop])
                    if drop == 0:
                        add(base + C["P_RX_BYTES"], length)
                if tb.rng.chance(2):
                    from_host = tb.rng.randrange(2)
                    fields["sent"] |= 1 << p
                    fields["sent_host"] |= from_host << p
                    fields["sent_len"] |= length << 12 * p
                    add(base + C["P_TX"])
                    of_port.hit("P_TX")
                    add(base + C["P_TX_BYTES"], length)
                    if from_host:
                        add(base + C["P_TX_HOST"])
                        of_port.hit("P_TX_HOST")
            await tb.step(**{**values, **fields})
            cycles += 1
        await tb.step(**dict(quiet, snapshot=1))
        want = dict(count)
        while tb.get("busy"):
            await tb.step(**quiet)
        clock_count = None
        for index in range(512):
            tb.set(index=index)
            await tb.settle()
            if index == C["CYCLES"]:
                clock_count = tb.get("value")
            else:
                tb.check("value", want.get(index, 0), f"counter {index}")
        assert clock_count and clock_count >= cycles, f"{clock_count} clocks counted"

# SPDX-License-Identifier: Apache-2.0
"""dma_host as a driver sees it: packets arrive in its buffers with their completions, frames leave as it gave them in pieces, indices, drops and
interrupts say so. What it does in which clock is compared by tests/dma."""
from collections import deque

import cover
from bench import Bench, clocks, cocotb, mask, parameter
from spec import CONSTS

VARIANTS = [{"Queues": 4, "Ports": 2}, {"Queues": 2, "Ports": 1}]
Q = {name[2:]: value for name, value in CONSTS.items() if name.startswith("Q_")}
LOG, SIZE, ROW, MEMORY = 3, 8, 64, 1 << 20
SIDE = {"port": 8, "csum": 8, "hash": 32, "time": 64, "number": 32, "meta_len": 5, "meta": 256}


def with_checksum(frame, start, at):
    """As it leaves: of its bytes from start on, at that place; one that is not 0."""
    total = sum(byte << (i % 2 == 0) * 8 for i, byte in enumerate(frame[start:]))
    csum = (~(total % 0xffff) & 0xffff if total else 0xffff) or 0xffff
    out = bytearray(frame)
    for place, byte in ((at, csum >> 8), (at + 1, csum & 255)):
        if place < len(out):
            out[place] = byte
    return bytes(out)


class Host:
    """Memory on the bus, and a ring of each kind per queue. Its answers come when they like, in order."""

    def __init__(self, dut):
        self.tb = Bench(dut)
        self.queues, self.ports = parameter(dut, "Queues"), parameter(dut, "Ports")
        self.memory = bytearray(self.tb.rng.getrandbits(8) for _ in range(4096)) * (MEMORY // 4096)
        self.reads, self.beats, self.writes, self.data, self.answers = deque(), deque(), deque(), deque(), deque()
        self.row, self.slow, self.writing, self.packet, self.at = None, 2, deque(), None, 0
        self.frames = [bytearray() for _ in range(self.ports)]
        self.sent, self.irqs = [[] for _ in range(self.ports)], 0
        self.events = {"drop_off": 0, "drop_empty": 0, "drop_cq": 0, "drop_small": 0, "put": 0, "tx_bad": 0, "bus_error": 0, "bad_doorbell": 0}

    async def reset(self):
        await self.tb.reset(reg_we=0, stop=0, h_valid=0, r_valid=0, b_valid=0, irq_clear=0, irq_enable=0)

    def word(self, at, size):
        return int.from_bytes(self.memory[at:at + size], "little")

    def put(self, at, size, value):
        self.memory[at:at + size] = value.to_bytes(size, "little")

    async def clock(self, **values):
        tb, rng = self.tb, self.tb.rng
        if self.row is None and self.beats and rng.randrange(self.slow) == 0:
            self.row = self.beats.popleft()
        answer = bool(self.answers) and rng.randrange(self.slow) == 0
        ready = {name: int(rng.randrange(self.slow) == 0) for name in ("ar_ready", "aw_ready", "w_ready")}
        t_ready = rng.getrandbits(self.ports)
        values = {"reg_we": 0, "stop": 0, "irq_clear": 0, "irq_enable": mask(self.queues), **values}
        values.update(ready, t_ready=t_ready, r_valid=int(self.row is not None), r_data=self.row or 0, r_resp=0, b_valid=int(answer), b_resp=0)
        packet = self.packet
        values["h_valid"] = int(packet is not None)
        if packet:
            part = packet["data"][ROW * self.at:ROW * self.at + ROW]
            values.update(h_row=int.from_bytes(part, "little"), h_last=int(ROW * (self.at + 1) >= len(packet["data"])), h_len=len(packet["data"]),
                          h_queue=packet["queue"], **{"h_" + name: packet[name] for name in SIDE})
        tb.set_all(**values)
        await tb.settle()
        if tb.get("ar_valid") and ready["ar_ready"]:
            addr, rows = tb.get("ar_addr"), tb.get("ar_len") + 1
            assert addr % ROW == 0 and addr % 4096 + ROW * rows <= 4096, "a burst that is no row's or crosses a page"
            self.beats.extend(self.word(addr + ROW * i, ROW) for i in range(rows))
        if self.row is not None and tb.get("r_ready"):
            self.row = None
        if tb.get("aw_valid") and ready["aw_ready"]:
            self.writes.append((tb.get("aw_addr"), tb.get("aw_len") + 1))
        if tb.get("w_valid") and ready["w_ready"]:
            self.writing.append((tb.get("w_data"), tb.get("w_strb"), tb.get("w_last")))
        if answer and tb.get("b_ready"):
            self.answers.popleft()
        self.serve_writes()
        if packet and tb.get("h_ready"):
            self.at += 1
            if ROW * self.at >= len(packet["data"]):
                self.packet, self.at = None, 0
        self.take_frames(t_ready)
        for name in self.events:
            self.events[name] += tb.get(name)
        self.irqs |= tb.get("irq_status")
        assert tb.get("irq") == tb.get("irq_status") & tb.last["irq_enable"]
        await tb.edge()
        await tb.settle()

    def serve_writes(self):
        while self.writes and len(self.writing) >= self.writes[0][1]:
            addr, rows = self.writes.popleft()
            for i in range(rows):
                data, strobes, last = self.writing.popleft()
                assert last == int(i + 1 == rows), "the end of a burst"
                for byte in range(ROW):
                    if strobes >> byte & 1:
                        self.memory[addr + ROW * i + byte] = data >> 8 * byte & 255
            self.answers.append(addr)

    def part(self, name, port, width, bits=None):
        """Of a port's part of an output; that of another port may never have been written."""
        text = getattr(self.tb.dut, name + "_o").value.binstr
        end = len(text) - width * port
        return int(text[end - (bits or width):end], 2)

    def take_frames(self, ready):
        for p in range(self.ports):
            if self.tb.get("t_valid") >> p & ready >> p & 1:
                count = self.part("t_bytes", p, 7)
                self.frames[p] += self.part("t_row", p, 512, bits=8 * count).to_bytes(count, "little")
                if self.part("t_last", p, 1):
                    self.sent[p].append(bytes(self.frames[p]))
                    self.frames[p].clear()

    async def write(self, queue, name, value):
        await self.clock(reg_we=1, reg_queue=queue, reg_word=Q[name], reg_wdata=value & mask(32))

    async def read(self, queue, name):
        await self.clock(reg_queue=queue, reg_word=Q[name])
        self.tb.set(reg_queue=queue, reg_word=Q[name])
        await self.tb.settle()
        return self.tb.get("reg_rdata")

    @staticmethod
    def place(queue, kind):
        return 0x20000 * queue + {"RX": 0, "CQ": 0x1000, "TX": 0x2000, "WB": 0x3000, "BUFFERS": 0x4000, "FRAMES": 0x10000}[kind]

    async def open(self, queue):
        for kind in ("RX", "CQ", "TX"):
            await self.write(queue, kind + "_BASE_LO", self.place(queue, kind))
            await self.write(queue, kind + "_BASE_HI", 0)
            await self.write(queue, kind + "_SIZE", LOG)
        await self.write(queue, "TX_WB_LO", self.place(queue, "WB"))
        await self.write(queue, "TX_WB_HI", 0)
        for i in range(SIZE):
            self.put(self.place(queue, "CQ") + 64 * i, 64, 0)
        self.put(self.place(queue, "WB"), 4, 0)
        await self.write(queue, "CTRL", CONSTS["Q_CTRL_RX"] | CONSTS["Q_CTRL_TX"])

    def descriptor(self, queue, kind, index, value):
        self.put(self.place(queue, kind) + 16 * (index % SIZE), 16, value)

    async def rest(self, idle=300):
        for _ in range(idle):
            await self.clock()


@cocotb.test()
async def receives(dut):
    host = Host(dut)
    fates = cover.point("packet", ["arrives", "finds no buffer", "finds its queue off", "is too long for its buffer"])
    rng = host.tb.rng
    await host.reset()
    opened = range(host.queues - 1)                    # the last queue stays off
    for q in opened:
        await host.open(q)
    given, taken, expected = [0] * host.queues, [0] * host.queues, [deque() for _ in range(host.queues)]
    lost = {"drop_off": 0, "drop_empty": 0, "drop_small": 0}
    put, drops = 0, [0] * host.queues
    for n in range(clocks(40)):
        host.slow = rng.choice([1, 2, 4])
        q = rng.randrange(host.queues)
        if q in opened and rng.randrange(3):           # buffers for some of the packets that come
            for _ in range(rng.randrange(1, SIZE - (given[q] - taken[q]) + 1) if given[q] - taken[q] < SIZE else 0):
                size = rng.choice([2048, 2048, 64])
                cookie = rng.getrandbits(32)
                addr = host.place(q, "BUFFERS") + 2048 * (given[q] % SIZE)
                host.descriptor(q, "RX", given[q], cookie << 96 | size << 64 | addr)
                expected[q].append((addr, size, cookie))
                given[q] += 1
            await host.write(q, "RX_TAIL", given[q] & 0xffff)
            await host.rest(60)
        for _ in range(rng.randrange(1, 4)):
            q = rng.randrange(host.queues)
            data = bytes(rng.getrandbits(8) for _ in range(rng.choice([14, 64, 65, 1536, rng.randrange(14, 400)])))
            side = {name: rng.getrandbits(width) for name, width in SIDE.items()}
            host.packet = {"data": data, "queue": q, **side}
            while host.packet:
                await host.clock()
            host.slow = 1
            await host.rest(80)                        # with its completion
            if q not in opened:
                lost["drop_off"] += 1
                drops[q] += 1
                fates.hit("finds its queue off")
                continue
            if not expected[q]:
                lost["drop_empty"] += 1
                drops[q] += 1
                fates.hit("finds no buffer")
                continue
            addr, size, cookie = expected[q].popleft()
            at, index = host.place(q, "CQ") + 64 * (taken[q] % SIZE), taken[q]
            taken[q] += 1
            put += 1
            error = size < len(data)
            status = int(index // SIZE % 2 == 0) | int(error) << 1
            for name, width, want in (("LEN", 2, 0 if error else len(data)), ("PORT", 1, side["port"]), ("CSUM", 1, side["csum"]), ("HASH", 4, side["hash"]),
                                      ("TIME", 8, side["time"]), ("COOKIE", 4, cookie), ("INDEX", 2, index), ("META_LEN", 1, side["meta_len"]),
                                      ("STATUS", 1, status), ("NUMBER", 4, side["number"]), ("META", 32, side["meta"])):
                assert host.word(at + CONSTS["CQE_" + name], width) == want, f"{name} of completion {index} of queue {q}"
            assert host.irqs >> q & 1, "no interrupt"
            await host.clock(irq_clear=1 << q)
            host.irqs = 0
            if error:
                lost["drop_small"] += 1
                drops[q] += 1
                fates.hit("is too long for its buffer")
            else:
                assert host.memory[addr:addr + len(data)] == data, f"packet {index} of queue {q}"
                fates.hit("arrives")
            assert await host.read(q, "CQ_TAIL") == taken[q]
            assert await host.read(q, "RX_HEAD") == taken[q]
            await host.write(q, "CQ_HEAD", taken[q])
    for name, want in lost.items():
        assert host.events[name] == want, name
    assert host.events["put"] == put and not host.events["bus_error"] and not host.events["bad_doorbell"]
    assert [await host.read(q, "DROPS") for q in range(host.queues)] == drops


@cocotb.test()
async def sends(dut):
    host = Host(dut)
    pieces = cover.point("pieces of a frame", ["one", "two", "three"])
    ends = cover.point("frame", ["sent", "longer than there may be", "for no port"])
    csums = cover.flags("checksum wanted")
    rng = host.tb.rng
    await host.reset()
    for q in range(host.queues):
        await host.open(q)
    tail, want, bad = [0] * host.queues, [[] for _ in range(host.ports)], 0
    for n in range(clocks(36)):
        host.slow = rng.choice([1, 2, 4])
        q, count = rng.randrange(host.queues), rng.randrange(1, 4)
        end = rng.choice(["sent"] * 4 + ["longer than there may be", "for no port"])
        port = rng.randrange(host.ports, 256) if end == "for no port" else rng.randrange(host.ports)
        sizes = [rng.choice([1, 63, 64, 65, rng.randrange(1, 500)]) for _ in range(count)]
        if end == "longer than there may be":
            sizes[-1] = 1537 - (0 if count == 1 else min(sum(sizes[:-1]), 500))
        at = host.place(q, "FRAMES") + rng.randrange(64)
        frame, wanted, start, place = b"", rng.randrange(2), rng.randrange(70), rng.randrange(140)
        csums.hit(bool(wanted))
        for i, size in enumerate(sizes):
            data = bytes(rng.getrandbits(8) for _ in range(size))
            host.memory[at:at + size] = data
            host.descriptor(q, "TX", tail[q] + i, (rng.getrandbits(32) if i else place << 16 | start) << 96 | port << 88
                            | (rng.randrange(2) if i else wanted) << 81 | int(i + 1 == count) << 80 | size << 64 | at)
            at += size + rng.randrange(100)
            frame += data
        tail[q] += count
        pieces.hit(["one", "two", "three"][count - 1])
        ends.hit(end)
        if end == "sent":
            want[port].append(with_checksum(frame, start, place) if wanted else frame)
        else:
            bad += 1
        await host.write(q, "TX_TAIL", tail[q] & 0xffff)
        while host.word(host.place(q, "WB"), 2) != tail[q]:
            await host.clock()
            assert host.tb.clocks < 400000, "TX_HEAD is not written"
        host.slow = 1
        await host.rest(100)
        assert await host.read(q, "TX_HEAD") == tail[q]
        assert host.sent == want, f"frames behind number {n}"
    assert host.events["tx_bad"] == bad
    await host.write(0, "TX_TAIL", tail[0] + SIZE + 1)
    await host.write(0, "RX_TAIL", SIZE + 1)
    await host.rest(2)
    assert host.events["bad_doorbell"] == 2
    assert await host.read(0, "STATUS") & CONSTS["Q_STATUS_DOORBELL"]
    host.tb.check("idle", 1)

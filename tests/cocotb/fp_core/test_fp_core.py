# SPDX-License-Identifier: Apache-2.0
"""fp_core: programs over scapy packets in all threads at once: verdicts, bundles, cycles; never two bundles of a thread in flight."""
import cover
import packets
from bench import Bench, clocks, cocotb, mask, parameter
from spec import CAUSES, CONSTS, SPECIALS, divide, word

VARIANTS = [{"Lanes": 3, "Threads": 4, "ImemDepth": 64}, {"Lanes": 1, "Threads": 2, "ImemDepth": 32}]
HEAD, ROW = CONSTS["HEADROOM"], CONSTS["ROW_BYTES"]
QUIET = {name: 0 for name in ("rnd_we", "imem_we", "start", "row_we", "lm_req", "vrsp_valid", "ersp_valid", "vwake", "ewake", "rxq_we")}
DATA, LEN, X, END = SPECIALS["DATA"], SPECIALS["LEN"], SPECIALS["X"], SPECIALS["DATA_END"]


def bank(lane, register):
    return lane << 4 | register


def programs(last):
    """name -> (one word per bundle, in the last lane or lane 0, what the packet's end must be: (verdict, cause, bundles))"""
    nop = word("NOP")
    r0, r1 = bank(last, 0), bank(last, 1)

    def parse(data):
        if len(data) < 24 or data[12:14] != b"\x08\x00":
            return 2, "NONE", 2 if len(data) < 14 or data[12:14] != b"\x08\x00" else 3
        return (1, "NONE", 3) if data[23] == 17 else (2, "NONE", 3)

    def short(data):
        return (0, "REGION", 1) if len(data) < 40 else (int.from_bytes(data[36:40], "big"), "NONE", 2)

    def remainder(data):
        return divide("MODU", len(data), 7, 1), "NONE", 2

    return {
        "parse": ({0: [word("WJNE", half=1, wswap=1, woff=12, mask=0xffff, cmp=0x800, target=2),
                       word("WJEQ", half=0, woff=23, mask=0xff, cmp=17, target=3), word("EXIT", i=1, imm=2), word("EXIT", i=1, imm=1)]},
                  parse),
        "load": ({last: [word("LD", dst=0, a=DATA, width=2, swap=1, loff=36), word("EXIT", b=r0)]}, short),
        "stack": ({last: [word("ST", a=SPECIALS["FP"], b=LEN, width=3, off=-8 & mask(11)), word("LD", dst=1, a=SPECIALS["FP"], width=3, loff=-8 & mask(11)),
                          word("MUL", dst=1, a=r1, b=r1), word("EXIT", b=r1)]},
                  lambda data: (len(data) ** 2 & mask(32), "NONE", 4)),
        "divide": ({last: [word("MODU", w=1, i=1, a=LEN, imm=7), word("EXIT", b=X)]}, remainder),
        "illegal": ({0: [nop, 0xff << 56]}, lambda data: (0, "ILLEGAL", 2)),
        "endless": ({0: [word("JMP", target=0)]}, lambda data: (0, "WATCHDOG", 9)),
        "adjust": ({last: [word("ADJH", dst=0, i=1, imm=20), word("EXIT", b=LEN)]},
                   lambda data: (len(data) - 20 if len(data) >= 34 else len(data), "NONE", 2)),
        "length": ({0: [word("SUB", dst=0, a=END, b=DATA), word("EXIT", b=bank(0, 0))]}, lambda data: (len(data), "NONE", 2)),
    }


async def load(tb, lanes, program):
    size = max(len(words) for words in program.values())
    for bundle in range(size):
        for lane in range(lanes):
            value = (program.get(lane, []) + [word("NOP")] * size)[bundle]
            await tb.step(**dict(QUIET, imem_we=1, imem_lane=lane, imem_bundle=bundle, imem_data=value))


class Core:
    """Feeds packets to idle contexts and takes what comes out."""

    def __init__(self, tb, wanted):
        self.tb, self.wanted, self.packets, self.begun = tb, wanted, {}, {}
        self.receiving = None    # thread, packet, next byte
        self.done = 0
        self.host = {"watchdog": 9, "cmd_count": 0, "start_entry": 0, "start_ifindex": 1}
        self.idle = set(range(1 << tb.widths["start_thread"]))

    def receive(self, inputs):
        """A beat of a packet, with idle gaps; never beside a store in M1."""
        tb, beat = self.tb, not self.tb.get("store_m1") and not self.tb.rng.chance(3)
        if self.receiving is None:
            if not self.idle or not beat:
                return
            self.receiving = [self.idle.pop(), packets.packet(tb.rng, length=packets.length(tb.rng, 200)), 0]
        if beat:
            thread, data, at = self.receiving
            inputs.update(row_we=1, row_thread=thread, row=(HEAD + at) // ROW,
                          row_data=int.from_bytes(data[at:at + ROW].ljust(ROW, b"\xee"), "little"))
            self.receiving[2] += ROW
            if at + ROW >= len(data):
                inputs.update(start=1, start_thread=thread, start_len=len(data))
                self.packets[thread], self.begun[thread] = data, tb.clocks + 1
                self.receiving = None

    def watch(self):
        """What the core shows in this cycle."""
        tb = self.tb
        if tb.get("done_valid"):
            thread = tb.get("done_thread")
            data = self.packets.pop(thread)
            verdict, cause, bundles = self.wanted(data)
            tb.check("done_ret", verdict, f"length {len(data)} {data.hex()}")
            tb.check("done_cause", CAUSES[cause], f"length {len(data)}")
            tb.check("done_bundles", bundles, f"length {len(data)} {data[:40].hex()}")
            tb.check("done_cycles", tb.clocks + 1 - self.begun[thread])
            self.idle.add(thread)
            self.done += 1
            return cause
        return None


@cocotb.test()
async def runs_programs(dut):
    tb = Bench(dut)
    lanes = parameter(dut, "Lanes")
    ends = cover.point("packets ended by", [cause for cause in CAUSES if cause != "MAP"])
    done = cover.point("program", programs(0))
    for name, (program, wanted) in programs(lanes - 1).items():
        await tb.reset(**QUIET)
        await load(tb, lanes, program)
        core = Core(tb, wanted)
        last_retired = {}
        for _ in range(clocks(300)):
            inputs = dict(QUIET, **core.host)
            inputs["cmd_count"] = tb.rng.choice([0, CONSTS["CMD_FIFO"] - CONSTS["CMD_RESERVE"], CONSTS["CMD_FIFO"]])
            core.receive(inputs)
            tb.set_all(**inputs)
            await tb.settle()
            cause = core.watch()
            if cause:
                ends.hit(cause)
                done.hit(name)
            if tb.get("rt_valid"):
                thread = tb.get("rt_thread")
                assert tb.clocks - last_retired.get(thread, -99) >= CONSTS["TURN"], f"{name}: thread {thread} retires twice in a turn"
                last_retired[thread] = tb.clocks
            await tb.edge()
            await tb.settle()
        assert core.done > 4, f"{name}: only {core.done} packets came out"

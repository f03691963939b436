# SPDX-License-Identifier: Apache-2.0
"""csr_regs: what is written is read, two clocks later; addresses where nothing is are told; a reset of the data path lasts its clocks; time, faults and
microcode words, by "Registers" of fabric.md and regs.def."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter
from nic_spec import REGARRAYS, REGS as SINGLE
from spec import CONSTS

REGS = {**{name: row[0] for name, row in SINGLE.items()}, **{name: row[0] for name, row in REGARRAYS.items()}}
VARIANTS = [{}, {"Cores": 16, "Threads": 8, "Lanes": 2, "ImemDepth": 1024, "Ports": 4, "Queues": 16}]
WRITABLE = {"THREADS": 8, "CORES": 8, "WATCHDOG": 32, "TIME_INC": 32, "ORDER": 2, "RX_MIN": 32}
OUTPUT = {"THREADS": "threads", "CORES": "cores", "WATCHDOG": "watchdog", "ORDER": "order", "RX_MIN": "rx_min"}
RUN, REPORT, RESET, LOSSLESS = 1, 2, 4, 8
NOWHERE = [0x4c, 0x7c, 0x200, 0x3ff, 0x4a8, 0x4fc, 0xa00, 0x20fff0, 0x8000, 0x80000]
QUIET = {"reg_valid": 0, "fault": 0, "posted_fault": 0, "host_busy": 0, "map_done": 0, "snapshot_busy": 0, "port_known": 1}


async def reset(dut):
    tb = Bench(dut)
    await tb.reset(**QUIET)
    return tb


async def access(tb, addr, value=None, **more):
    """A request; the data of a read. Other blocks' read data are random and settled before."""
    tb.set_all(**{**QUIET, "reg_valid": 1, "reg_we": int(value is not None), "reg_addr": addr, "reg_wdata": value or 0, **more})
    await tb.settle()
    assert tb.get("addr") == addr & ~3
    tb.check("write", int(value is not None))
    tb.check("map_req", 0)
    seen = dict(tb.last)
    await tb.edge()
    await tb.settle()
    tb.check("reg_done", 0)
    await tb.step(**QUIET)
    tb.check("reg_done", 1)
    data = tb.get("reg_rdata")
    await tb.step(**QUIET)
    tb.check("reg_done", 0)
    return data, seen


async def read(tb, addr, **more):
    return (await access(tb, addr, **more))[0]


@cocotb.test()
async def keeps_what_is_written(dut):
    tb = await reset(dut)
    registers = cover.point("register", WRITABLE)
    want = {"THREADS": parameter(dut, "Threads"), "CORES": CONSTS["CORES_MAX"], "WATCHDOG": 1048575, "TIME_INC": 0x04000000, "ORDER": 1, "RX_MIN": 1}
    for name in WRITABLE:
        assert await read(tb, REGS[name]) == want[name], name
    for _ in range(clocks(150)):
        name = tb.rng.choice(list(WRITABLE))
        value = tb.rng.word(32)
        await access(tb, REGS[name] + tb.rng.randrange(4), value)
        want[name] = value & mask(WRITABLE[name])
        registers.hit(name)
        other = tb.rng.choice(list(WRITABLE))
        assert await read(tb, REGS[other]) == want[other], other
        for register, port in OUTPUT.items():
            tb.check(port, want[register])


@cocotb.test()
async def says_what_it_has(dut):
    tb = await reset(dut)
    has = {name: parameter(dut, name) for name in ("Cores", "Lanes", "Regs", "Threads", "ImemDepth", "MapWords", "Maps", "Ports", "Queues")}
    assert await read(tb, REGS["ID"]) == 0x4e494a43
    assert await read(tb, REGS["VERSION"]) == 2
    assert await read(tb, REGS["CAP_CORE"]) == has["Lanes"] | has["Regs"] << 4 | has["Threads"] << 16
    assert await read(tb, REGS["CAP_NIC"]) == has["Cores"] | has["Ports"] << 8 | has["Queues"] << 16
    for name, value in (("CAP_IMEM", has["ImemDepth"]), ("CAP_MAP", has["MapWords"]), ("CAP_MAPS", has["Maps"])):
        assert await read(tb, REGS[name]) == value, name
        await access(tb, REGS[name], tb.rng.getrandbits(32))
        assert await read(tb, REGS[name]) == value, f"{name} can be written"
    assert await read(tb, REGS["CAP_EXT"], ext_mib=77) == 77


@cocotb.test()
async def reads_of_others(dut):
    tb = await reset(dut)
    windows = cover.point("window", ["count", "port", "key", "table"])
    for _ in range(clocks(80)):
        kind, high = tb.rng.choice(["count", "port", "key", "table"]), tb.rng.randrange(2)
        base, size = {"count": (REGS["COUNTER"], 4096), "port": (REGS["PORT"], 128), "key": (REGS["RSS_KEY"], 40), "table": (REGS["RSS_TABLE"], 512)}[kind]
        data, seen = await access(tb, base + tb.rng.randrange(size // 8) * 8 + 4 * high)
        want = seen["count"] >> 32 * high & mask(32) if kind == "count" else seen[kind + "_rdata"]
        assert data == want, kind
        windows.hit(kind)
    # None of them was nowhere.
    assert await read(tb, REGS["STATUS"], idle=1, old=0, empty=1) == 0b1001


@cocotb.test()
async def tells_of_accesses_to_nowhere(dut):
    tb = await reset(dut)
    places = cover.point("nowhere", [hex(addr) for addr in NOWHERE] + ["port"])
    for addr in NOWHERE + ["port"]:
        write = tb.rng.choice([None, 5])
        if addr == "port":
            data, _ = await access(tb, REGS["PORT"] + 100, write, port_known=0)
        else:
            data, _ = await access(tb, addr, write)
            assert data == 0
        places.hit(addr if addr == "port" else hex(addr))
        await access(tb, REGS["STATUS"], 0)
        assert await read(tb, REGS["STATUS"], idle=0, old=1, empty=0) == 0b110, addr
        assert await read(tb, REGS["STATUS"], idle=0, old=0, empty=0) == 0, "reading does not clear it"


@cocotb.test()
async def resets_the_data_path(dut):
    tb = await reset(dut)
    await access(tb, REGS["CTRL"], RUN | LOSSLESS)
    assert await read(tb, REGS["CTRL"]) == RUN | LOSSLESS
    tb.check("run", 1)
    tb.check("report", 0)
    tb.check("host_lossless", 1)
    tb.check("data_rst", 0)
    tb.set_all(**{**QUIET, "reg_valid": 1, "reg_we": 1, "reg_addr": REGS["CTRL"], "reg_wdata": REPORT | RESET})
    await tb.settle()
    await tb.edge()
    await tb.settle()
    for n in range(CONSTS["RESET_CLOCKS"]):
        tb.check("data_rst", 1, f"clock {n} of the reset")
        if n == 4:
            # An access to a map register does nothing and is answered.
            tb.set_all(**{**QUIET, "reg_valid": 1, "reg_we": 0, "reg_addr": REGS["MAPDESC"]})
            await tb.settle()
            tb.check("map_req", 0)
            await tb.edge()
            await tb.settle()
        else:
            await tb.step(**QUIET)
        tb.check("reg_done", int(n in (0, 5)))
    tb.check("data_rst", 0)
    assert await read(tb, REGS["CTRL"]) == REPORT
    assert await read(tb, REGS["STATUS"], idle=0, old=0, empty=0, host_busy=1) == 0, "the host side was at rest since"
    # A host side that is busy when the reset ends holds RESET until it is at rest, once.
    await access(tb, REGS["CTRL"], RESET, host_busy=1)
    for _ in range(CONSTS["RESET_CLOCKS"] + 2):
        await tb.step(**{**QUIET, "host_busy": 1})
    tb.check("data_rst", 0)
    assert await read(tb, REGS["STATUS"], idle=0, old=0, empty=0, host_busy=1) == 0b10000
    await tb.step(**QUIET)
    assert await read(tb, REGS["STATUS"], idle=0, old=0, empty=0, host_busy=1) == 0, "it is another time"


@cocotb.test()
async def keeps_the_time(dut):
    tb = await reset(dut)
    await access(tb, REGS["TIME_INC"], 3 << 24 | 1 << 23)
    for _ in range(clocks(20)):
        start = tb.rng.getrandbits(60)
        await access(tb, REGS["TIME_LO"], start & mask(32))
        await access(tb, REGS["TIME_HI"], start >> 32)
        since, first = tb.clocks, tb.get("time")
        assert first - start in range(0, 12), "the time is not what was set"
        await tb.step(**QUIET)
        low, high = await read(tb, REGS["TIME_LO"]), await read(tb, REGS["TIME_HI"])
        assert first <= high << 32 | low <= tb.get("time")
        gone = tb.clocks - since
        assert abs(tb.get("time") - first - 3.5 * gone) <= 1, "the time does not step by TIME_INC"


@cocotb.test()
async def keeps_the_last_fault(dut):
    tb = await reset(dut)
    kinds = cover.point("fault", ["packet", "posted", "both", "none"])
    want = (0, 0, 0, 0)
    for _ in range(clocks(100)):
        kind = tb.rng.choice(["packet", "posted", "both", "none"])
        values = {**QUIET, "fault": int(kind in ("packet", "both")), "posted_fault": int(kind in ("posted", "both"))}
        await tb.step(**values)
        last = tb.last
        if values["fault"]:
            want = (last["fault_cause"], last["fault_ctx"], last["fault_pc"], last["fault_addr"])
        elif values["posted_fault"]:
            want = (4, last["posted_ctx"], last["posted_pc"], last["posted_addr"])
        kinds.hit(kind)
        assert await read(tb, REGS["FAULT_INFO"]) == want[0] | want[1] << 8
        assert await read(tb, REGS["FAULT_PC"]) == want[2]
        assert await read(tb, REGS["FAULT_ADDR_LO"]) | await read(tb, REGS["FAULT_ADDR_HI"]) << 32 == want[3]


@cocotb.test()
async def writes_microcode(dut):
    tb = await reset(dut)
    stores = cover.point("word", ["there", "no such lane", "no such bundle"])
    lanes, depth = parameter(dut, "Lanes"), parameter(dut, "ImemDepth")
    for _ in range(clocks(80)):
        bundle = tb.rng.choice([0, depth - 1, depth, 8191, tb.rng.randrange(8192)])
        lane, low, high = tb.rng.randrange(4), tb.rng.getrandbits(32), tb.rng.getrandbits(32)
        at = REGS["IMEM"] + 32 * bundle + 8 * lane
        await access(tb, at, low)
        tb.set_all(**{**QUIET, "reg_valid": 1, "reg_we": 1, "reg_addr": at + 4, "reg_wdata": high})
        await tb.settle()
        await tb.edge()
        await tb.settle()
        there = bundle < depth and lane < lanes
        stores.hit("there" if there else "no such lane" if bundle < depth else "no such bundle")
        tb.check("imem_we", int(there))
        if there:
            tb.check("imem_lane", lane)
            tb.check("imem_bundle", bundle)
            tb.check("imem_data", high << 32 | low)
        await tb.step(**QUIET)
        tb.check("imem_we", 0)
        await tb.step(**QUIET)
    assert await read(tb, REGS["STATUS"], idle=0, old=0, empty=0) == 0


@cocotb.test()
async def waits_for_the_maps(dut):
    tb = await reset(dut)
    windows = cover.point("map window", ["MAPDESC", "MAPSTATE", "MAPBUF", "MAPCMD", "MAPWIN", "MAPMEM"])
    for _ in range(clocks(60)):
        name = tb.rng.choice(list(windows.bins))
        write, wait = tb.rng.randrange(2), tb.rng.randrange(1, 9)
        tb.set_all(**{**QUIET, "reg_valid": 1, "reg_we": write, "reg_addr": REGS[name]})
        await tb.settle()
        tb.check("map_req", 1)
        await tb.edge()
        await tb.settle()
        for n in range(wait):
            tb.set_all(**{**QUIET, "map_done": int(n + 1 == wait)})
            await tb.settle()
            tb.check("reg_done", int(n + 1 == wait))
            if n + 1 == wait and not write:
                tb.check("reg_rdata", tb.last["map_rdata"])
            await tb.edge()
            await tb.settle()
        windows.hit(name)

# SPDX-License-Identifier: Apache-2.0
"""fp_local: loads and stores on packet and stack, against byte arrays; rows of packets; words for map commands."""
import cover
import packets
from bench import Bench, Pipe, byte_swap, clocks, cocotb, mask, signed
from spec import CONSTS

VARIANTS = [{"Threads": 2, "TW": 1}]
HEAD, ROW, STACK, PACKET = CONSTS["HEADROOM"], CONSTS["ROW_BYTES"], CONSTS["STACK_BYTES"], CONSTS["TAG_PKT"]
QUIET = {"e2_go": 0, "row_we": 0, "lm_req": 0}


class Memory:
    """What the module holds."""

    def __init__(self):
        self.bytes = {}

    def read(self, tag, thread, offset, size):
        return int.from_bytes(bytes(self.bytes.get((tag, thread, offset + i), 0) for i in range(size)), "little")

    def write(self, tag, thread, offset, data):
        for i, byte in enumerate(data):
            self.bytes[tag, thread, offset + i] = byte


def step_of(size):
    """Six bytes lie on the stack as eight do."""
    return 8 if size == 6 else size


def legal(address, length, size):
    tag, offset = address >> 60, address & mask(60)
    if tag == PACKET:
        return HEAD <= offset and offset + size <= HEAD + length
    return tag == CONSTS["TAG_STACK"] and offset + size <= STACK and offset % step_of(size) == 0


async def fill(tb, memory, lengths):
    """A packet per thread through port B, the stack through stores."""
    for thread in range(2):
        await tb.step(**QUIET)
        lengths[thread] = packets.length(tb.rng, 600)
        data = packets.packet(tb.rng, length=lengths[thread])
        data += bytes(tb.rng.getrandbits(8) for _ in range(640 - len(data)))
        for i in range(0, len(data), ROW):
            await tb.step(**dict(QUIET, row_we=1, row_thread=thread, row=(HEAD + i) // ROW,
                                 row_data=int.from_bytes(data[i:i + ROW], "little")))
            memory.write(PACKET, thread, HEAD + i, data[i:i + ROW])
        for offset in range(0, STACK, 8):
            value = tb.rng.getrandbits(64)
            await tb.step(**dict(QUIET, e2_go=1, e2_thread=thread, e2_addr=CONSTS["TAG_STACK"] << 60 | offset, e2_width=3, e2_swap=0,
                                 e2_value=value))
            memory.write(CONSTS["TAG_STACK"], thread, offset, value.to_bytes(8, "little"))
    await tb.step(**QUIET)


def choose_access(tb, lengths):
    rng, thread, width = tb.rng, tb.rng.randrange(2), tb.rng.randrange(5)
    tag = rng.choice([PACKET, PACKET, CONSTS["TAG_STACK"]])
    size, end = 6 if width == 4 else 1 << width, HEAD + lengths[thread] if tag == PACKET else STACK
    offset = rng.choice([rng.randrange(HEAD if tag == PACKET else 0, end), end - size, end - size + 1, HEAD, HEAD - 1, 0])
    if tag != PACKET and not rng.chance(8):
        offset &= ~(step_of(size) - 1)
    return {"thread": thread, "width": width, "addr": tag << 60 | max(0, offset), "swap": rng.randrange(2), "sign": rng.randrange(2),
            "value": rng.word(), "size": size, "len": lengths[thread]}


@cocotb.test()
async def loads_and_stores(dut):
    tb = Bench(dut)
    memory, lengths = Memory(), [0, 0]
    kinds = cover.point("tag, store, width, swap", [(tag, store, width, swap) for tag in (1, 2) for store in (False, True)
                                                    for width in range(5 if store else 4) for swap in (0, 1)])
    crossing = cover.cross("packet access across rows, store", [False, True], [False, True])
    illegal = cover.cross("illegal: tag, width", [1, 2], range(5))
    others = cover.point("port B used by", ["receiver", "engine packet", "engine stack", "nobody"])
    for n in range(clocks(5000)):
        if n % 1500 == 0:
            await fill(tb, memory, lengths)
            words, loads, access, in_m1 = Pipe(1), Pipe(1), None, None
        e1 = choose_access(tb, lengths)
        inputs = dict(QUIET, e1_front=HEAD, e1_end=HEAD + e1["len"], e1_width=e1["width"])
        want_legal = False
        if access:
            want_legal = legal(access["addr"], access["len"], access["size"])
            access["store"] = want_legal and (access["size"] == 6 or tb.rng.chance(2))
            access["load"] = not access["store"] and not tb.rng.chance(8)
            inputs.update({"e2_" + k: access[k] for k in ("thread", "addr", "value", "width", "swap", "sign")},
                          e2_load=int(access["load"]), e2_go=int(access["store"]))
        # port B; the receiver keeps off a store in M1, the others have no such rule
        user = tb.rng.choice(["receiver", "engine packet", "engine stack", "nobody"])
        if user == "receiver" and in_m1 and in_m1["store"]:
            user = "nobody"
        thread, row, data = tb.rng.randrange(2), HEAD // ROW + tb.rng.randrange(8), tb.rng.getrandbits(256)
        word = tb.rng.randrange(HEAD // 8, HEAD // 8 + 20) if user == "engine packet" else tb.rng.randrange(STACK // 8)
        if user == "receiver":
            inputs.update(row_we=1, row_thread=thread, row=row, row_data=data)
        elif user != "nobody":
            inputs.update(lm_req=1, lm_tag=PACKET if user == "engine packet" else CONSTS["TAG_STACK"], lm_thread=thread, lm_word=word)
        tb.set_all(**inputs)
        await tb.settle()
        if access:
            tb.check("e2_legal", int(want_legal), str(access))
        tb.check("m1_store", int(bool(in_m1 and in_m1["store"])))
        # memories are read and written at the edge that ends M1
        m2 = None
        if in_m1 and not in_m1["store"]:
            m2 = dict(in_m1, got=memory.read(in_m1["addr"] >> 60, in_m1["thread"], in_m1["addr"] & mask(16), in_m1["size"]))
        word_read = memory.read(PACKET if user == "engine packet" else CONSTS["TAG_STACK"], thread, word * 8, 8)
        if in_m1 and in_m1["store"]:
            check_window_write(tb, in_m1)
        await tb.edge()
        await tb.settle()
        if in_m1 and in_m1["store"]:
            value = in_m1["value"] & mask(8 * in_m1["size"])
            stored = value.to_bytes(in_m1["size"], "big" if in_m1["swap"] else "little")
            memory.write(in_m1["addr"] >> 60, in_m1["thread"], in_m1["addr"] & mask(16), stored)
        if user == "receiver":
            memory.write(PACKET, thread, row * ROW, data.to_bytes(32, "little"))
        others.hit(user)
        was = words.step((user, word_read))
        if was and was[0].startswith("engine"):
            tb.check("lm_data", was[1], was[0])
        done = loads.step(m2)
        if access:
            tag = access["addr"] >> 60
            if want_legal:
                kinds.hit((tag, access["store"], access["width"], access["swap"]))
                if tag == PACKET:
                    crossing.hit(((access["addr"] & 31) + access["size"] > 32, access["store"]))
            else:
                illegal.hit((tag, access["width"]))
        in_m1 = dict(access, legal=want_legal) if access else None
        access = e1
        check_loaded(tb, done)


def check_window_write(tb, access):
    """A store to the packet is shown to the window memories in M1."""
    tb.check("m1_thread", access["thread"])
    offset, size = access["addr"] & mask(11), access["size"]
    if access["addr"] >> 60 != PACKET:
        tb.check("m1_be", 0)
        return
    tb.check("m1_be", sum(1 << (offset + i) % ROW for i in range(size)), str(access))
    tb.check("m1_row", offset // ROW)
    if any((offset + i) % ROW < 8 for i in range(size)):
        tb.check("m1_row0", (offset + size - 1) // ROW)


def check_loaded(tb, access):
    """Two clocks after M1 the value is there."""
    if access is None:
        return
    value = byte_swap(access["got"], access["size"]) if access["swap"] else access["got"]
    if access["sign"]:
        value = signed(value, 8 * access["size"]) & mask(64)
    tb.check("m3_value", value if access["legal"] and access["load"] else 0, str(access))

# SPDX-License-Identifier: Apache-2.0
"""fp_region: which local accesses are legal, against the sentence of machine.md."""
import cover
from bench import Bench, clocks, cocotb, mask
from spec import CONSTS

HEAD, STACK, LOWEST, BUFFER = CONSTS["HEADROOM"], CONSTS["STACK_BYTES"], CONSTS["HEAD_MIN"], CONSTS["PKT_BUFFER"]
PLACES = ["before", "first", "inside", "last", "across", "behind", "far"]


def size_of(width):
    return 6 if width == 4 else 1 << width


def legal(address, front, behind, width):
    tag, rest, size = address >> 60, address & mask(60), size_of(width)
    if tag == CONSTS["TAG_PKT"]:
        return front <= rest and rest + size <= behind
    if tag == CONSTS["TAG_STACK"]:
        return rest + size <= STACK and rest % (8 if width == 4 else size) == 0
    return False


def offset_at(tb, place, first, end, size):
    """An offset that lies where the place says, of a region from first to end."""
    return {
        "before": lambda: first - tb.rng.randrange(1, 9), "first": lambda: first, "inside": lambda: tb.rng.randrange(first, end),
        "last": lambda: end - size, "across": lambda: end - size + tb.rng.randrange(1, 9), "behind": lambda: end + tb.rng.randrange(64),
        "far": lambda: tb.rng.word(60),
    }[place]()


@cocotb.test()
async def checks(dut):
    tb = Bench(dut)
    tags = ["packet", "stack", "other"]
    seen = cover.cross("tag, place, width", tags, PLACES, range(5))
    verdicts = cover.cross("tag, width, legal", tags[:2], range(5), [False, True])
    for _ in range(clocks(6000)):
        front = tb.rng.choice([HEAD, LOWEST, tb.rng.randrange(LOWEST, BUFFER - 1)])
        length, width = min(BUFFER - front, tb.rng.choice([1, 2, 7, 8, 60, 1536, tb.rng.randrange(1, 1793)])), tb.rng.randrange(5)
        tag, place, size = tb.rng.choice(tags), tb.rng.choice(PLACES), size_of(width)
        number = {"packet": CONSTS["TAG_PKT"], "stack": CONSTS["TAG_STACK"], "other": tb.rng.choice([0, *range(3, 16)])}[tag]
        first, end = (0, STACK) if tag == "stack" else (front, front + length)
        offset = offset_at(tb, place, first, end, size) & mask(60)
        if tb.rng.chance(8):
            offset |= 1 << tb.rng.randrange(11, 60)
        address = number << 60 | offset
        await tb.step(e1_front=front, e1_end=front + length, e1_width=width)
        tb.set(e2_addr=address, e2_width=width)
        await tb.settle()
        want = legal(address, front, front + length, width)
        tb.check("e2_legal", int(want), f"{address:#x} front {front} length {length} width {width}")
        if want:
            tb.check("e2_stack", int(tag == "stack"))
        seen.hit((tag, place, width))
        if tag != "other":
            verdicts.hit((tag, width, want))


@cocotb.test()
async def every_offset(dut):
    """All offsets of a packet of each length up to 40 at both ends, all widths; all of the stack."""
    tb = Bench(dut)
    for width in range(5):
        for length in range(1, 41):
            await tb.step(e1_front=HEAD, e1_end=HEAD + length, e1_width=width)
            for offset in (*range(HEAD - 9, HEAD + 2), *range(HEAD + length - 9, HEAD + length + 2)):
                address = CONSTS["TAG_PKT"] << 60 | offset
                tb.set(e2_addr=address, e2_width=width)
                await tb.settle()
                tb.check("e2_legal", int(legal(address, HEAD, HEAD + length, width)), f"{address:#x} length {length} width {width}")
        for offset in range(STACK + 16):
            address = CONSTS["TAG_STACK"] << 60 | offset
            tb.set(e2_addr=address, e2_width=width)
            await tb.settle()
            tb.check("e2_legal", int(legal(address, HEAD, HEAD, width)), f"{address:#x} width {width}")

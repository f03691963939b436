# SPDX-License-Identifier: Apache-2.0
"""pkt_toeplitz: what each byte of a string adds to its hash: for every bit that is set, the 32 bits of the key that begin there. Another key
counts when its tables are made; one that comes before that begins anew."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter

VARIANTS = [{"Bytes": 36}, {"Bytes": 4}]
KEY = 0x6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa
# Published examples of the hash: source and destination address, source and destination port.
PUBLISHED = [(0x420995bba18e64500aea06e6, 0x51ccc178), (0xc75c6f0241458c5337961283, 0xc626b0ea)]
MAKE = 256


def words(key, string, size):
    result = 0
    for i in range(8 * size):
        if string >> 8 * size - 1 - i & 1:
            result ^= (key >> 8 * size - i & mask(32)) << 32 * (size - 1 - i // 8)
    return result


@cocotb.test()
async def hashes(dut):
    tb = Bench(dut)
    size = parameter(dut, "Bytes")
    strings = cover.point("string", ["zeros", "ones", "one bit", "any"])
    changes = cover.point("another key", ["after the last one's tables", "with their last entry", "before"])
    key = used = None
    left = 0
    for n in range(clocks(3000)):
        rst = n < 2 or tb.rng.chance(2000)
        changed = rst or tb.rng.chance(400) or (left == 1 and tb.rng.chance(4))
        kind = tb.rng.choice(["zeros", "ones", "one bit", "any"])
        string = {"zeros": 0, "ones": mask(8 * size), "one bit": 1 << n % (8 * size), "any": tb.rng.getrandbits(8 * size)}[kind]
        dut.rst_i.value = int(rst)
        hashed = used
        await tb.step(key=key or 0, key_we=int(changed and not (rst and tb.rng.chance(2))), string=string)
        if left == 1 and not rst:
            used = key
        if rst:
            used = None
        if changed:
            changes.hit("after the last one's tables" if left == 0 else "with their last entry" if left == 1 else "before")
            key, left = tb.rng.getrandbits(8 * size + 32), MAKE
        elif left:
            left -= 1
        tb.check("ready", int(used is not None))
        if hashed is not None:
            tb.check("words", words(hashed, string, size), kind)
            strings.hit(kind)


@cocotb.test()
async def published(dut):
    tb = Bench(dut)
    if parameter(dut, "Bytes") != 36:
        return
    await tb.reset(key=KEY, key_we=0)
    for _ in range(MAKE):
        await tb.step(key=KEY, key_we=0)
    for string, want in PUBLISHED:
        await tb.step(key=KEY, key_we=0, string=string << 8 * 24)
        got = tb.get("words")
        value = 0
        for i in range(36):
            value ^= got >> 32 * i & mask(32)
        assert value == want, f"{value:#x}, not {want:#x}"

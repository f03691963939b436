# SPDX-License-Identifier: Apache-2.0
"""pkt_toeplitz: for every bit of the string that is set, the 32 bits of the key that begin there; while it is not enabled the last hash stays."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter

VARIANTS = [{"Bits": 96}, {"Bits": 256}, {"Bits": 32}]
KEY = 0x6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa
# Published examples of the hash: source and destination address, source and destination port.
PUBLISHED = [(0x420995bba18e64500aea06e6, 0x51ccc178), (0xc75c6f0241458c5337961283, 0xc626b0ea)]


def toeplitz(key, string, bits):
    result = 0
    for i in range(bits):
        if string >> bits - 1 - i & 1:
            result ^= key >> bits - 1 - i & mask(32)
    return result


@cocotb.test()
async def hashes(dut):
    tb = Bench(dut)
    bits = parameter(dut, "Bits")
    strings = cover.point("string", ["zeros", "ones", "one bit", "any"])
    enabled = cover.point("enabled", [0, 1])
    want = None
    for n in range(clocks(800)):
        kind = tb.rng.choice(["zeros", "ones", "one bit", "any"])
        string = {"zeros": 0, "ones": mask(bits), "one bit": 1 << n % bits, "any": tb.rng.getrandbits(bits)}[kind]
        key = tb.rng.getrandbits(bits + 31)
        en = tb.rng.randrange(4) != 0
        await tb.step(en=en, key=key, string=string)
        enabled.hit(int(en))
        if en:
            want = toeplitz(key, string, bits)
            strings.hit(kind)
        if want is not None:
            tb.check("hash", want, kind)


@cocotb.test()
async def published(dut):
    tb = Bench(dut)
    if parameter(dut, "Bits") != 96:
        return
    for string, want in PUBLISHED:
        await tb.step(en=1, key=KEY >> 320 - 127, string=string)
        tb.check("hash", want)

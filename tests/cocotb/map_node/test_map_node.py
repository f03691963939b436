# SPDX-License-Identifier: Apache-2.0
"""map_node: where a lookup goes on from an entry, and what it has found, in chains of a hash table and in a trie."""
import cover
from bench import Bench, clocks, cocotb, mask

DATA_BYTES = 20      # of a trie's key, behind four with its length


def first_bits(data, n):
    """The first n bits of bytes, most significant first."""
    return int.from_bytes(data, "big") >> 8 * len(data) - n


@cocotb.test()
async def follows(dut):
    tb = Bench(dut)
    kinds = cover.cross("trie, entry is good, has the key, there is a next one", *[[False, True]] * 4)
    flags = cover.cross("trie, same, flag", *[[False, True]] * 3)
    for _ in range(clocks(4000)):
        trie, good, words = tb.rng.chance(2), not tb.rng.chance(5), tb.rng.randrange(1, 4)
        low, high, flag = tb.rng.choice([0, 8 * tb.rng.randrange(1 << 20)]), tb.rng.choice([0, 8 * tb.rng.randrange(1 << 20)]), tb.rng.chance(2)
        word0 = high << 32 | low | flag
        size = 8 * words
        if trie:
            data_bytes = min(size - 4, DATA_BYTES)
            data, of_node = tb.rng.randbytes(DATA_BYTES), None
            n, length = tb.rng.randrange(8 * data_bytes + 1), tb.rng.randrange(8 * data_bytes + 1)
            if tb.rng.chance(2):
                length = max(n, length)
            of_node = bytearray(data)
            at = tb.rng.choice([n - 1, n, tb.rng.randrange(8 * data_bytes)])      # one bit differs, or any after n
            if not tb.rng.chance(3) and 0 <= at < 8 * data_bytes:
                of_node[at // 8] ^= 0x80 >> at % 8
            key, node = length | int.from_bytes(data, "little") << 32, n | int.from_bytes(of_node, "little") << 32
            same = n <= length and first_bits(data, n) == first_bits(of_node, n)
            bit = n < 8 * DATA_BYTES and data[n // 8] >> 7 - n % 8 & 1
            following = high if bit else low
            found, more = same and not flag, same and following
        else:
            key = node = tb.rng.getrandbits(192)
            if tb.rng.chance(2):
                node ^= 1 << tb.rng.randrange(192)
            same = (key ^ node) & mask(64 * words) == 0
            following = low
            found, more = same, not same and following
        entry, best = tb.rng.getrandbits(32), tb.rng.getrandbits(32)
        await tb.step(word=node << 64 | word0, key=key, key_words=words, trie=int(trie))
        tb.set_all(good=int(good), entry=entry, best=best)
        await tb.settle()
        tb.check("next", following)
        tb.check("more", int(bool(good and more)))
        tb.check("result", entry if good and found else best)
        if not trie:
            tb.check("fresh", int(good and same and not flag))
        kinds.hit((trie, good, same, following != 0))
        flags.hit((trie, same, bool(flag)))

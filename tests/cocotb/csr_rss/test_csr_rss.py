# SPDX-License-Identifier: Apache-2.0
"""csr_rss: key and table are what was written; the key starts as the published one, the table with queue 0."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Queues": 4}, {"Queues": 1}, {"Queues": 16}]
KEY = 0x6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa


@cocotb.test()
async def holds(dut):
    tb = Bench(dut)
    queues = parameter(dut, "Queues")
    writes = cover.point("write", ["key", "table", "no word of the key", "nothing"])
    await tb.reset(key_we=0, table_we=0)
    key, table = [KEY >> 32 * (9 - w) & 0xffffffff for w in range(10)], [0] * 128
    for _ in range(clocks(3000)):
        key_we, table_we, data = tb.rng.chance(4), tb.rng.chance(2), tb.rng.getrandbits(32)
        word, row, entry = tb.rng.randrange(16), tb.rng.randrange(128), tb.rng.randrange(128)
        tb.set_all(key_we=int(key_we), key_word=word, table_we=int(table_we), table_entry=row, wdata=data, entry=entry)
        await tb.settle()
        tb.check("key", key[word] if word < 10 else 0)
        tb.check("table", table[row])
        tb.check("queue", table[entry])
        tb.check("hash_key", sum(key[w] << 32 * (9 - w) for w in range(10)))
        await tb.edge()
        await tb.settle()
        if key_we and word < 10:
            key[word] = data
        if table_we:
            table[row] = data % queues
        writes.hit("no word of the key" if key_we and word >= 10 else "key" if key_we else "table" if table_we else "nothing")

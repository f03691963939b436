# SPDX-License-Identifier: Apache-2.0
"""map_type: what each map type of the contract means."""
import cover
from bench import Bench, cocotb
from spec import CONSTS

KINDS = {"TYPE_HASH": ("hash",), "TYPE_PERCPU_HASH": ("hash", "planes"), "TYPE_LRU_HASH": ("hash", "lru"),
         "TYPE_LRU_PERCPU_HASH": ("hash", "planes", "lru"), "TYPE_LPM_TRIE": ("trie",)}


@cocotb.test()
async def types(dut):
    tb = Bench(dut, clock=False)
    seen = cover.point("type", [*KINDS, "other"])
    names = {CONSTS[name]: name for name in KINDS}
    for number in range(256):
        tb.set(type=number)
        await tb.settle()
        name = names.get(number, "other")
        for output in ("hash", "planes", "lru", "trie"):
            tb.check(output, int(output in KINDS.get(name, ())), f"type {number}")
        seen.hit(name)

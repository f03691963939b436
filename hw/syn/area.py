#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""area.py NETLIST.json [BASE.json]: what a netlist mapped by Yosys takes, by module, as one JSON object on a line. Modules that
are left empty in it are taken from BASE.

LUT: look-up tables, and LUT sites used as memory or shift registers. block: RAMB36, or DP16KD (ECP5), or RAM40_4K (iCE40).
A memory of an ECP5's LUTs takes three slices, six LUT, for 16 words of 4 bits.
"""
import collections
import json
import os
import re
import sys

LUT_MEMORY = {"RAM32M": 4, "RAM64M": 4, "RAM32M16": 8, "RAM64M8": 8, "RAM32X1D": 2, "RAM64X1D": 2, "RAM128X1D": 4,
              "SRL16E": 1, "SRLC32E": 1, "TRELLIS_DPR16X4": 6}
LUT = re.compile(r"LUT\d|INV|SB_LUT4|ICESTORM_LC")
FF = re.compile(r"FD[RSCP]E|TRELLIS_FF|SB_DFF\w*")
BLOCK = {"DP16KD": 1, "PDPW16KD": 1, "SB_RAM40_4K": 1}
DSP = re.compile(r"DSP48E[12]|MULT18X18D|SB_MAC16")
CARRY = {"CCU2C": 2}
DEPTH = 2


def cost(kind):
    """What one cell takes: LUT, of these memory, FF, block, DSP."""
    memory = LUT_MEMORY.get(kind, 0)
    block = (0.5 if "18" in kind else 1) if kind.startswith("RAMB") else BLOCK.get(kind, 0)
    lut = memory + CARRY.get(kind, 0) + bool(LUT.fullmatch(kind))
    return collections.Counter(lut=lut, memory=memory, ff=bool(FF.fullmatch(kind)), block=block, dsp=bool(DSP.fullmatch(kind)))


def short(name, module):
    return module["attributes"].get("hdlname", name).lstrip("\\")


class Area:
    def __init__(self, modules):
        self.modules = modules
        self.known = {}

    def is_cell(self, kind):
        return kind not in self.modules or "blackbox" in self.modules[kind]["attributes"] or "whitebox" in self.modules[kind]["attributes"]

    def total(self, name):
        if name not in self.known:
            total = collections.Counter()
            for cell in self.modules[name]["cells"].values():
                kind = cell["type"]
                total.update(cost(kind) if self.is_cell(kind) else self.total(kind))
            self.known[name] = total
        return self.known[name]

    def rows(self, names, path, depth):
        """A row for each kind of module inside these modules, all its instances together."""
        inside = collections.defaultdict(list)
        for name in names:
            for cell in self.modules[name]["cells"].values():
                if not self.is_cell(cell["type"]):
                    inside[short(cell["type"], self.modules[cell["type"]])].append(cell["type"])
        for module, types in inside.items():
            total = collections.Counter()
            for kind in types:
                total.update(self.total(kind))
            yield {"module": path + module, "count": len(types), **total}
            if depth > 1:
                yield from self.rows(types, path + module + "/", depth - 1)


def modules_of(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)["modules"]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: area.py NETLIST.json [BASE.json]")
    modules = modules_of(sys.argv[1])
    top = next(n for n, m in modules.items() if int(str(m["attributes"].get("top", "0")), 2))
    if len(sys.argv) == 3:
        base = modules_of(sys.argv[2])
        modules = base | {n: m for n, m in modules.items() if n not in base or "blackbox" not in m["attributes"]}
    name = os.path.basename(sys.argv[1])[:-len(".json")]
    area = Area(modules)
    rows = list(area.rows([top], "", DEPTH))
    print(json.dumps({"name": name, "top": name.split("-")[0], "family": name.split("-")[1], **area.total(top), "modules": rows}))


main()

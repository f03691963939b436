#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""timing.py NETLIST.json: the longest paths of a flat netlist that Yosys has mapped to a Xilinx family, as one JSON object.

The delays are a model, in ns, per kind of cell, with nets by their fan-out. Nothing is placed: the model is for comparing
stages with each other and one version with the next.
"""
import collections
import json
import math
import os
import re
import sys

PATHS = 12
LUT, CARRY_IN, CARRY, MUXF, INV = 0.10, 0.15, 0.06, 0.06, 0.0
FF_OUT, SETUP, LUTRAM_OUT, LUTRAM_ADDR, BRAM_OUT, SRL_OUT, DSP = 0.08, 0.05, 0.55, 0.15, 0.9, 0.6, 1.6
LUTRAM_SITES = {"RAM32M": 4, "RAM64M": 4, "RAM32M16": 8, "RAM64M8": 8, "RAM32X1D": 2, "RAM64X1D": 2, "RAM128X1D": 4}
CLOCKS = {"C", "CLK", "WCLK", "CLKARDCLK", "CLKBWRCLK"}


def net_delay(fan_out):
    return 0.33 + 0.04 * math.log2(max(1, fan_out))


class Timing:
    def __init__(self, module):
        self.cells = module["cells"]
        self.fan_out = collections.Counter()
        self.driver = {}
        self.name = {}
        self.known = {}
        for name, net in module["netnames"].items():
            for i, bit in enumerate(net["bits"]):
                old = self.name.get(bit)
                if isinstance(bit, int) and (old is None or (name[0] != "$", -len(name)) > (old[0] != "$", -len(old))):
                    self.name[bit] = f"{name}[{i}]"
        for cell in self.cells.values():
            for port, bits in cell["connections"].items():
                for bit in bits:
                    if cell["port_directions"][port] == "output":
                        self.driver[bit] = cell
                    else:
                        self.fan_out[bit] += 1

    def arrival(self, bit):
        """When a net's driver is stable after the clock edge, and where the path to it starts."""
        if bit not in self.driver:
            return 0.0, None
        if bit not in self.known:
            self.known[bit] = (0.0, None)
            self.known[bit] = self.through(self.driver[bit], bit)
        return self.known[bit]

    def latest(self, cell, ports, delay, dedicated=False):
        best = (0.0, None)
        for port in ports:
            for bit in cell["connections"].get(port, []):
                if isinstance(bit, int):
                    at, start = self.arrival(bit)
                    after = at + delay + (0 if dedicated else net_delay(self.fan_out[bit]))
                    best = max(best, (after, start or ""), key=lambda path: path[0])
        return best

    def through(self, cell, bit):
        kind = cell["type"]
        inputs = [p for p, d in cell["port_directions"].items() if d == "input"]
        here = self.name.get(bit)
        if kind.startswith("FD"):
            return FF_OUT, here
        if kind.startswith("LUT"):
            return self.latest(cell, inputs, LUT)
        if kind == "INV":
            return self.latest(cell, inputs, INV, dedicated=True)
        if kind.startswith("MUXF"):
            return max(self.latest(cell, ["I0", "I1"], MUXF, dedicated=True), self.latest(cell, ["S"], MUXF))
        if kind == "CARRY4":
            return max(self.latest(cell, ["S", "DI", "CYINIT"], CARRY_IN), self.latest(cell, ["CI"], CARRY, dedicated=True))
        if kind in LUTRAM_SITES:
            read = [p for p in inputs if p.startswith(("ADDR", "DPRA")) and p != "ADDR" + max("D", "H" if "8" in kind else "D")]
            return max((LUTRAM_OUT, here), self.latest(cell, read, LUTRAM_ADDR))
        if kind.startswith("RAMB"):
            return BRAM_OUT, here
        if kind.startswith("SRL"):
            return SRL_OUT, here
        if kind.startswith("DSP48"):
            if int(cell["parameters"].get("AREG", "0"), 2):
                return DSP, here
            return self.latest(cell, ["A", "B"], DSP)
        return 0.0, here

    def longest(self):
        worst = {}
        for cell in self.cells.values():
            if not cell["type"].startswith(("FD", "RAM", "SRL", "DSP")):
                continue
            for port, bits in cell["connections"].items():
                if cell["port_directions"][port] != "input" or port in CLOCKS:
                    continue
                for bit in bits:
                    at, start = self.arrival(bit)
                    if start is None:
                        continue
                    out = [b for p, bs in cell["connections"].items() if cell["port_directions"][p] == "output" for b in bs]
                    end = re.sub(r"\d+\]", "]", self.name.get(out[0], "?")) if out else "?"
                    at += net_delay(self.fan_out[bit]) + SETUP
                    worst[end] = max(worst.get(end, (0, "")), (at, start))
        paths = sorted(worst.items(), key=lambda w: -w[1][0])[:PATHS]
        return [{"ns": round(at, 3), "from": start, "to": end} for end, (at, start) in paths]


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: timing.py NETLIST.json")
    sys.setrecursionlimit(100000)
    with open(sys.argv[1], encoding="utf-8") as file:
        modules = json.load(file)["modules"]
    top = next(m for m in modules.values() if int(str(m["attributes"].get("top", "0")), 2))
    print(json.dumps({"name": os.path.basename(sys.argv[1])[:-len(".json")], "paths": Timing(top).longest()}))


main()

# SPDX-License-Identifier: Apache-2.0
"""A module under test, clock by clock: drive inputs, look at outputs, step."""
import os
import random
import zlib

import cocotb
from cocotb.triggers import Timer


def mask(bits):
    return (1 << bits) - 1


def signed(value, bits):
    value &= mask(bits)
    return value - (1 << bits) if value >> (bits - 1) else value


def byte_swap(value, size):
    return int.from_bytes((value & mask(8 * size)).to_bytes(size, "little"), "big")


class Random(random.Random):
    """Random numbers of one test: the same in every run with the same SEED."""

    def __init__(self, name):
        super().__init__(zlib.crc32(f"{os.environ.get('SEED', '1')} {name}".encode()))

    def chance(self, one_in):
        return self.randrange(one_in) == 0

    def word(self, bits=64):
        """A number that is often one of those at which arithmetic breaks."""
        kind = self.randrange(8)
        if kind == 0:
            return self.choice([0, 1, mask(bits), 1 << (bits - 1), mask(bits - 1)])
        if kind == 1:
            return 1 << self.randrange(bits)
        if kind == 2:
            return self.getrandbits(min(bits, 8))
        if kind == 3:
            return mask(bits) ^ self.getrandbits(min(bits, 8))
        if kind == 4:
            return self.getrandbits(bits) & mask(min(bits, 32))
        return self.getrandbits(bits)


class Pipe:
    """What was put in `stages` clocks ago; None until then."""

    def __init__(self, stages):
        self.queue = [None] * stages

    def step(self, value):
        self.queue.append(value)
        return self.queue.pop(0)


class Bench:
    """Ports by their name without _i and _o. Inputs that a test does not name hold random values, new in every clock."""

    def __init__(self, dut, name="test", clock=True):
        self.dut = dut
        self.rng = Random(f"{dut._name} {name}")
        self.errors = 0
        self.clocks = 0
        self.clocked = clock
        self.inputs = {}
        for port in dut:
            if port._name.endswith("_i") and port._name not in ("clk_i", "rst_i"):
                self.inputs[port._name[:-2]] = port
        self.widths = {name: len(port) for name, port in self.inputs.items()}
        self.last = {}
        if clock:
            dut.clk_i.value = 0

    def set(self, **values):
        for name, value in values.items():
            value &= mask(self.widths[name])
            if self.last.get(name) != value:
                self.inputs[name].value = value
                self.last[name] = value

    def set_all(self, **values):
        """As set, and everything else random."""
        for name, width in self.widths.items():
            if name not in values:
                values[name] = self.rng.getrandbits(width)
        self.set(**values)

    def get(self, name):
        return int(getattr(self.dut, name + "_o").value)

    async def settle(self):
        await Timer(1, units="step")

    async def edge(self):
        self.dut.clk_i.value = 1
        await Timer(1, units="step")
        self.dut.clk_i.value = 0
        self.clocks += 1

    async def step(self, **values):
        """Inputs of this clock, its edge; outputs afterwards are those of the next."""
        self.set_all(**values)
        await self.settle()
        await self.edge()
        await self.settle()

    async def reset(self, clocks=3, **values):
        self.dut.rst_i.value = 1
        for _ in range(clocks):
            await self.step(**values)
        self.dut.rst_i.value = 0

    def check(self, name, want, about=""):
        got = self.get(name)
        assert got == want, f"clock {self.clocks}: {name}_o is {got:#x}, not {want:#x} {about}"


def clocks(default):
    """How many clocks a test runs; CLOCKS_TIMES multiplies it for long runs."""
    return int(default * float(os.environ.get("CLOCKS_TIMES", "1")))


def parameter(dut, name):
    return int(getattr(dut, name).value)


__all__ = ["Bench", "Pipe", "Random", "byte_swap", "clocks", "cocotb", "mask", "parameter", "signed"]

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs conformance cases through a plug-in, a process that executes one program.

usage: run.py [--plugin CMD] [--xdp-prologue | --known] [--allow-refused | --refused LIST]
              [--cache FOLDER] [-v] [FILE|FOLDER...]

The plug-in gets the program as hex bytes on standard input and the memory, if the case has one, as
hex bytes in its first argument; what follows the command's name in CMD comes after that. It prints
r0 in hex. A non-zero exit or text on standard error is an error.

A case is a text file with the parts
  -- asm      assembly of the public suites, see common_asm.py; or, where it has a `=`, for llvm-mc,
              with the macros of prelude.s; or
  -- raw      instructions as 64-bit numbers, one a line
  -- mem      memory as hex bytes: r1 is its address and r2 its length; without it both are 0
  -- result   r0 at the exit; or
  -- error    the plug-in must report an error
and lines that start with # as comments. Numbers are hex behind 0x. Of asm and raw, raw counts; the
public suites' parts `c` and `no register offset` say nothing here.

--xdp-prologue  for plug-ins that run XDP programs: memory is the packet, and instructions in front
                of the program make r1 and r2 from the context
--known         instructions in front of the program make the memory, of constants and on the stack, so
                that a compiler may work out the answer; cases without memory or with too much of it,
                and those that look beyond it, are left out
--allow-refused exit code 3 of the plug-in means that it does not take this program; not a failure
--refused LIST  the same, but only for the cases in the file LIST, and those have to be refused; a
                line of it is a pattern for names of cases and the plug-in's sentence
--cache FOLDER  keeps assembled programs there for the next run
"""
import argparse
import collections
import concurrent.futures
import fnmatch
import hashlib
import os
import pathlib
import shlex
import struct
import subprocess
import sys
import tempfile

import common_asm

HERE = pathlib.Path(__file__).resolve().parent
PARTS = {"asm", "raw", "mem", "result", "error", "c", "no register offset"}
REFUSED = 3
STACK, OWN_STACK = 512, 64      # bytes; those that cases use themselves
TIMEOUT_S = 300
LEFT_OUT = "without memory, or with too much of it, or looking beyond it"


class BadCase(Exception):
    pass


def parse(path):
    """The parts of a case by name, without comments."""
    parts, name = {}, None
    for line in path.read_text().splitlines():
        if line.startswith("-- "):
            name = line[3:].strip()
            if name not in PARTS or name in parts:
                raise BadCase(f"part {name!r} is unknown or there twice")
            parts[name] = []
        elif name and not line.startswith("#"):
            parts[name].append(line)
    if not {"asm", "raw"} & parts.keys() or ("result" in parts) == ("error" in parts):
        raise BadCase("a case has asm or raw, and one of result and error")
    return {name: "\n".join(lines) for name, lines in parts.items()}


def assemble(text, cache):
    code = cache / (hashlib.sha256(text.encode()).hexdigest() + ".bin")
    if not code.exists():
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            obj, new = pathlib.Path(folder, "o"), pathlib.Path(folder, "bin")
            for command in (
                    ["llvm-mc", "-triple=bpfel", "-mcpu=v3", "-filetype=obj", "-o", obj],
                    ["objcopy", "-I", "elf64-little", "-O", "binary", "-j", ".text", obj, new]):
                done = subprocess.run(command, input=text, capture_output=True, text=True)
                if done.returncode:
                    raise BadCase(done.stderr.strip())
            new.rename(code)
    return code.read_bytes()


def program_of(parts, cache):
    if "raw" in parts:
        words = parts["raw"].split()
        return b"".join(struct.pack("<Q", int(word, 0)) for word in words)
    if "=" not in parts["asm"]:
        return common_asm.assemble(parts["asm"])
    return assemble((HERE / "prelude.s").read_text() + parts["asm"] + "\n", cache)


def read_list(path):
    """[(pattern, sentence)] of a file of expected refusals."""
    lines = [line for line in path.read_text().splitlines() if line and line[0] != "#"]
    return [(pattern, sentence) for pattern, sentence in (line.split(None, 1) for line in lines)]


def instruction(opcode, dst=0, src=0, off=0, imm=0):
    return struct.pack("<BBhi", opcode, src << 4 | dst, off, imm)


def xdp_prologue(length):
    """r1 = packet, r2 = its length; a shorter packet exits with r0 = -1."""
    return b"".join((
        instruction(0x61, dst=2, src=1, off=4),         # r2 = ctx->data_end
        instruction(0x61, dst=1, src=1, off=0),         # r1 = ctx->data
        instruction(0xbf, dst=3, src=1),                # r3 = r1
        instruction(0x07, dst=3, imm=length),           # r3 += length
        instruction(0xbd, dst=3, src=2, off=2),         # if r3 <= r2 goto +2
        instruction(0xb7, dst=0, imm=-1),               # r0 = -1
        instruction(0x95),                              # exit
        instruction(0xb7, dst=2, imm=length),           # r2 = length
        instruction(0xb7, dst=3),                       # r3 = 0
    ))


def known_memory(memory):
    """r1 = the memory, at the far end of the stack, r2 = its length."""
    return b"".join(
        instruction(0x18, dst=2, imm=low) + instruction(0, imm=high) + instruction(0x7b, dst=10, src=2, off=8 * n - STACK)
        for n, (low, high) in enumerate(struct.iter_unpack("<ii", memory + bytes(-len(memory) % 8)))) + b"".join((
            instruction(0xbf, dst=1, src=10),               # r1 = r10
            instruction(0x07, dst=1, imm=-STACK),           # r1 -= 512
            instruction(0xb7, dst=2, imm=len(memory)),      # r2 = length
        ))


def execute(plugin, program, memory):
    """(exit code, output, error text) of the plug-in; the code is None when it gives no answer."""
    argument = [memory.hex(" ")] if memory else []
    try:
        done = subprocess.run([plugin[0], *argument, *plugin[1:]], input=program.hex(" ") + "\n",
                              capture_output=True, text=True, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return None, "", ""
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def check(path, options, cache):
    """(verdict, sentence): verdict is True, False, or None when the plug-in may and does refuse."""
    try:
        parts = parse(path)
        program = program_of(parts, cache)
        memory = bytes.fromhex(parts.get("mem", ""))
        expected = int(parts["result"], 0) if "result" in parts else None
    except (BadCase, common_asm.BadLine, ValueError) as reason:
        return False, f"the case is malformed: {reason}"
    if options.known:
        if not memory or expected is None or len(memory) > STACK - OWN_STACK:
            return None, LEFT_OUT
        program, memory = known_memory(memory) + program, b""
    if memory and options.xdp_prologue:
        program = xdp_prologue(len(memory)) + program
    code, output, error = execute(shlex.split(options.plugin), program, memory)
    if code is None:
        return False, f"no answer within {TIMEOUT_S} s"
    if code < 0:
        return False, f"the plug-in died of signal {-code}: {error}"
    failed = code != 0 or error
    if expected is None:
        return bool(failed), "an error was expected, r0 is " + output
    listed = [text for pattern, text in options.refused if fnmatch.fnmatch(path.stem, pattern)]
    if code == REFUSED and (options.allow_refused or any(text in error for text in listed)):
        return None, error
    if listed:
        return False, f"the list of refusals expects {listed[0]!r}, exit {code}: {output or error}"
    if failed:
        return False, f"exit {code}: {error}"
    try:
        actual = int(output, 16)
    except ValueError:
        return False, f"{output!r} is not a number"
    return actual == expected, f"r0 is {actual:#x}, expected {expected:#x}"


def run(cases, options, cache):
    """Checks all cases, as many at a time as there are processors; True when none failed."""
    passed = failed = 0
    refused = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda path: check(path, options, cache), cases)
        for path, (verdict, sentence) in zip(cases, results):
            if verdict is None:
                refused[sentence] += 1
            elif verdict:
                passed += 1
            else:
                failed += 1
                print(f"FAIL {path.name}: {sentence}")
            if options.verbose and verdict is not False:
                print(f"ok   {path.name}" if verdict else f"none {path.name}: {sentence}")
    for sentence, count in refused.most_common():
        print(f"{count} left out: {sentence}" if sentence == LEFT_OUT else f"{count} refused: {sentence}")
    print(f"{passed} passed, {failed} failed")
    return passed and not failed


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n\n")[0])
    parser.add_argument("--plugin", default="build/nicjit-conformance-plugin")
    prologues = parser.add_mutually_exclusive_group()
    prologues.add_argument("--xdp-prologue", action="store_true")
    prologues.add_argument("--known", action="store_true")
    refusals = parser.add_mutually_exclusive_group()
    refusals.add_argument("--allow-refused", action="store_true")
    refusals.add_argument("--refused", type=pathlib.Path)
    parser.add_argument("--cache", type=pathlib.Path)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("paths", nargs="*", type=pathlib.Path, default=[HERE])
    options = parser.parse_args()
    try:
        options.refused = read_list(options.refused) if options.refused else []
    except ValueError:
        parser.error(f"{options.refused} has a line that is not a pattern and a sentence")
    cases = [path for root in options.paths
             for path in (sorted(root.glob("**/*.data")) if root.is_dir() else [root])]
    with tempfile.TemporaryDirectory() as folder:
        cache = options.cache or pathlib.Path(folder)
        cache.mkdir(parents=True, exist_ok=True)
        return 0 if run(cases, options, cache) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FileNotFoundError as reason:
        sys.exit(f"run.py: {reason.filename} is missing")

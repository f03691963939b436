#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs XDP programs in the interpreter and in the kernel and compares what they leave.

usage: check_kernel.py [--xdpref PATH] FOLDER... | OBJECT PCAP...

A folder holds one program NAME.c, captures, and perhaps maps-in.json; out.pcap is not an input.
Verdicts, packets and maps must be the same. A program that reads the clock cannot be compared in
its maps: it runs with the real clock on both sides, and only verdicts and packets count. One that
asks for random numbers is only run. Packets below 14 bytes are left out: the kernel takes none.

Exit 0: all the same; 1: something differs; 3: this kernel does not let us run programs.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

CLANG = ["clang", "-O2", "-g", "-target", "bpf", "-I/usr/include/x86_64-linux-gnu", "-c"]
CLOCK, RANDOM = 5, 7


class NotPermitted(Exception):
    pass


def helpers_of(obj):
    text = subprocess.run(["llvm-objdump", "-d", obj], check=True, capture_output=True, text=True)
    return {int(number, 0) for number in re.findall(r"\tcall (\d+)$", text.stdout, re.M)}


def run(xdpref, oracle, obj, pcap, maps_in, scratch, options):
    files = {kind: scratch / f"{oracle}.{kind}" for kind in ("results", "pcap", "maps")}
    command = [xdpref, "--oracle", oracle, "--obj", obj, "--rx", pcap, "--skip-short",
               "--results", files["results"], "--results-data", "--tx", files["pcap"],
               "--maps-out", files["maps"], *options]
    if maps_in:
        command += ["--maps-in", maps_in]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 3:
        raise NotPermitted(done.stderr.strip())
    if done.returncode:
        return done.stderr.strip()
    results = [json.loads(line) for line in files["results"].read_text().splitlines()]
    return {"results": results, "pcap": files["pcap"].read_bytes(),
            "maps": files["maps"].read_text()}


def difference(ref, kernel, with_maps):
    """A sentence about the first difference, or None."""
    for oracle, outcome in (("ref", ref), ("kernel", kernel)):
        if isinstance(outcome, str):
            return f"{oracle}: {outcome}"
    for ours, theirs in zip(ref["results"], kernel["results"]):
        if ours != theirs:
            return f"packet {ours['n']}:\n  ref    {ours}\n  kernel {theirs}"
    if len(ref["results"]) != len(kernel["results"]) or ref["pcap"] != kernel["pcap"]:
        return "the packets that were sent differ"
    if with_maps and ref["maps"] != kernel["maps"]:
        pairs = zip(ref["maps"].splitlines(), kernel["maps"].splitlines())
        ours, theirs = next((pair for pair in pairs if pair[0] != pair[1]), ("", ""))
        return f"the maps differ:\n  ref    {ours}\n  kernel {theirs}"
    return None


def cases(paths, scratch):
    """(name, object, capture, maps-in or None) for the arguments."""
    if paths[0].is_file():
        for pcap in paths[1:]:
            yield f"{paths[0].stem} {pcap.name}", paths[0], pcap, None
        return
    for folder in paths:
        for source in sorted(folder.glob("*.c")):
            obj = scratch / f"{source.stem}.o"
            subprocess.run([*CLANG, source, "-o", obj], check=True)
            maps_in = folder / "maps-in.json"
            for pcap in sorted(folder.glob("*.pcap")):
                if pcap.name != "out.pcap":
                    yield (f"{source.stem} {pcap.name}", obj, pcap,
                           maps_in if maps_in.exists() else None)


def main():
    parser = argparse.ArgumentParser(usage="check_kernel.py [--xdpref PATH] FOLDER... | OBJECT PCAP...")
    parser.add_argument("--xdpref", default="build/xdpref")
    parser.add_argument("paths", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        for name, obj, pcap, maps_in in cases(arguments.paths, scratch):
            helpers = helpers_of(obj)
            options = ["--clock", "real"] if CLOCK in helpers else []
            outcomes = [run(arguments.xdpref, oracle, obj, pcap, maps_in, scratch, options)
                        for oracle in ("ref", "kernel")]
            if RANDOM in helpers and not any(isinstance(outcome, str) for outcome in outcomes):
                wrong = None
            else:
                wrong = difference(*outcomes, with_maps=not helpers & {CLOCK, RANDOM})
            count = 0 if isinstance(outcomes[0], str) else len(outcomes[0]["results"])
            if wrong:
                failed += 1
                print(f"FAIL {name}: {wrong}")
            elif count:
                passed += 1
                print(f"ok   {name} ({count} packets)")
            else:
                print(f"none {name}: no packet that the kernel takes")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NotPermitted as reason:
        print(reason, file=sys.stderr)
        sys.exit(3)

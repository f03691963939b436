# SPDX-License-Identifier: Apache-2.0
"""run.py: changes one operator or constant at a time in the RTL or the C model and asks the suites whether they notice.

A mutant of a Verilog module is judged by its own benches, by those of the modules it is part of when it has none, by the proofs
about it, and, with --deep or when there is no bench, by random microcode in lock step. A mutant of the C model is judged by the lock step that reaches its file: the
host side's or the outer memory's own, random traffic through the whole NIC, the rings, instruction tests, random microcode. One that survives all of them is listed; equivalent.txt has those that change nothing, each with the reason.
Works on copies of the tree in build/mutation."""
import argparse
import concurrent.futures
import os
import pathlib
import queue
import random
import re
import resource
import shutil
import subprocess
import sys
import time

import mutants

ROOT = pathlib.Path(__file__).resolve().parents[2]
RTL = "hw/rtl/*/*.v"
ISS = "sim/iss/*.c"
LIMIT = 120   # seconds of processor time; a mutant that takes longer hangs


class Tree:
    """A copy of the repository, with what is built."""

    def __init__(self, path, build):
        self.path = path
        shutil.rmtree(path, ignore_errors=True)
        names = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True,
                               text=True).stdout.split("\n")
        for name in filter(None, names):
            if (ROOT / name).exists():
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, path / name)
        if build:
            for name in ("tests/isa", "tests/fabric", "tests/host", "sim", "jit", "driver", "hw", "verilated", "verilated-dma", "verilated-ext"):
                if (ROOT / "build" / name).exists():
                    shutil.copytree(ROOT / "build" / name, path / "build" / name, symlinks=True)
            for file in (ROOT / "build").glob("*"):
                if file.is_file():
                    shutil.copy2(file, path / "build" / file.name)

    def run(self, *command):
        """(killed the mutant?, output)"""
        env = dict(os.environ, B="build", PYTHONDONTWRITEBYTECODE="1", JOBS="1")
        run = subprocess.run(command, cwd=self.path, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                             check=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT)))
        return run.returncode != 0, run.stdout


def has_bench(module):
    return (ROOT / f"tests/cocotb/{module}/test_{module}.py").exists(), (ROOT / f"tests/rtl/{module}").is_dir()


def benches_of(file):
    """The modules whose benches are asked: the module itself, or, when it has none, those that contain it or whose bench does, by levels up."""
    level, seen = [pathlib.Path(file).stem], set()
    sources = {p.stem: p.read_text(encoding="ascii") for p in ROOT.glob(RTL)}
    for bench in ROOT.glob("tests/rtl/*/tb_*.v"):
        sources[bench.parent.name] += bench.read_text(encoding="ascii")
    while level:
        found = [m for m in level if any(has_bench(m))]
        if found:
            return found
        seen |= set(level)
        level = [m for m, text in sources.items() if m not in seen and any(re.search(rf"^\s*{c} (#|\w+ \()", text, re.M) for c in level)]
    return []


def proofs_of(file):
    """Of the module, and that its simulator's form does the same."""
    rows = (ROOT / "hw/formal/forms.def").read_text(encoding="ascii")
    forms = re.findall(rf"^({pathlib.Path(file).stem})\b", rows, re.M)[:1]
    return forms + [p.stem for p in ROOT.glob("hw/formal/*.v") if p.stem not in forms
                    and re.search(rf"^//@ sources:.*\b{re.escape(file)}\b", p.read_text(encoding="ascii"), re.M)]


def judges_rtl(tree, mutant, deep):
    python = str(ROOT / "build/venv/bin/python")
    for bench in benches_of(mutant.file):
        in_python, in_verilog = has_bench(bench)
        if in_python:
            yield f"cocotb {bench}", lambda b=bench: run_bench(tree, python, b)
        if in_verilog:
            yield f"bench {bench}", lambda b=bench: tree.run("sh", "tests/rtl/run.sh", f"tests/rtl/{b}")
    for proof in proofs_of(mutant.file):
        yield f"proof {proof}", lambda p=proof: tree.run("python3", "-B", "hw/formal/run.py", "--no-breaks", p)
    if deep or not benches_of(mutant.file):
        yield "lock step", lambda: lock_step(tree)


def run_bench(tree, python, bench):
    killed, output = tree.run(python, "-B", "tests/cocotb/run.py", "--jobs", "1", bench)
    return (None if ": no test ran" in output else killed), output


# What judges a file of the C model, by how its name begins: the closest one first, then whatever else runs it.
OF_DMA, OF_EXT, OF_RINGS = ("dma-lockstep", "1", "3", "60000"), ("ext-lockstep", "1", "10", "20000"), ("host-test", "both", "1", "4")
OF_NIC, OF_TRIES, OF_ISA, OF_CODE = ("fabric-test", "both", "0", "1000", "36"), ("fabric-lpm", "both", "0", "100", "3"), ("isa-test", "iss"), \
    ("isa-random", "1", "100")
OF_REGISTERS, OF_KEYS, OF_OUTSIDE = ("fabric-wild", "1", "10"), ("fabric-keys", "1", "5"), ("fuzz", "--ext", "--seed", "1", "--cases", "30", "--rtl-every", "10")
ISS_JUDGES = [
    ("dma_host", [OF_DMA, OF_RINGS]), ("host", [OF_RINGS, OF_REGISTERS, OF_NIC]), ("csr", [OF_REGISTERS, OF_NIC, OF_RINGS, OF_CODE]),
    ("map_ext_join", [OF_OUTSIDE, OF_CODE, OF_NIC]), ("map_ext", [OF_EXT, OF_OUTSIDE, OF_CODE, OF_NIC]), ("map", [OF_ISA, OF_CODE, OF_NIC, OF_TRIES]),
    ("fp", [OF_ISA, OF_CODE, OF_NIC]), ("pkt_inspect", [OF_NIC, OF_KEYS]), ("", [OF_NIC, OF_REGISTERS, OF_CODE, OF_RINGS])]


def judges_iss(tree, mutant, _deep):
    name = pathlib.Path(mutant.file).name
    for program, *arguments in next(judges for start, judges in ISS_JUDGES if name.startswith(start)):
        yield program, lambda p=program, a=arguments: build_and(tree, p, *a)


def build_and(tree, program, *arguments):
    broken, output = tree.run("make", "-s", f"build/{program}")
    if broken:
        return None, output
    return tree.run(f"build/{program}", *arguments)


def lock_step(tree):
    return build_and(tree, "isa-random", "1", "100")


def judge(tree, mutant, deep):
    """Who killed it, None when nobody did, or "not a program" when it does not build."""
    path = tree.path / mutant.file
    text = path.read_text(encoding="ascii")
    path.write_text(mutants.apply(mutant, text), encoding="ascii")
    try:
        for name, run in (judges_rtl if mutant.file.endswith(".v") else judges_iss)(tree, mutant, deep):
            killed, _ = run()
            if killed is None:
                return "not a program"
            if killed:
                return name
        return None
    finally:
        path.write_text(text, encoding="ascii")


def listed(name):
    """Keys of mutants in a file; what stands behind " # " is the reason."""
    lines = (ROOT / "tests/mutation" / name).read_text(encoding="ascii").splitlines()
    return [line.split(" # ")[0].strip() for line in lines if line and not line.startswith("#")]


def key(mutant, texts):
    """A mutant without its line number, which changes."""
    return re.sub(r":\d+:", ":", mutants.describe(mutant, texts[mutant.file]), count=1)


def choose(args, every, key_of):
    """The mutants to run, and the kept ones that are no longer there."""
    if args.kept:
        found = {key_of(m): m for of_kind in every.values() for m in of_kind}
        keys = listed("kept.txt")
        return [found[k] for k in keys if k in found], [k for k in keys if k not in found]
    rng, chosen = random.Random(args.seed), []
    for kind, of_kind in every.items():
        if args.kind in (kind, "both"):
            of_kind = [m for m in of_kind if not args.files or args.files in m.file]
            chosen += rng.sample(of_kind, min(args.count // (2 if args.kind == "both" else 1), len(of_kind)))
    return chosen, []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=40, help="mutants, half of them RTL (40)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--files", help="only files whose name has this in it")
    parser.add_argument("--kind", choices=["rtl", "iss", "both"], default="both")
    parser.add_argument("--kept", action="store_true", help="those of kept.txt: each must be killed")
    parser.add_argument("--deep", action="store_true", help="RTL mutants that survive run in lock step, too (a minute each)")
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("JOBS") or os.cpu_count()))
    args = parser.parse_args()
    texts, every = {}, {}
    for kind, pattern in (("rtl", RTL), ("iss", ISS)):
        files = sorted(str(p.relative_to(ROOT)) for p in ROOT.glob(pattern))
        texts.update({f: (ROOT / f).read_text(encoding="ascii") for f in files})
        every[kind] = [m for f in files for m in mutants.of_file(f, texts[f])]
    chosen, missing = choose(args, every, lambda m: key(m, texts))
    known = listed("equivalent.txt")
    there = {key(m, texts) for of_kind in every.values() for m in of_kind}
    stale = [line for line in known if line not in there]
    skipped = [m for m in chosen if key(m, texts) in known]
    chosen = [m for m in chosen if key(m, texts) not in known]
    trees = queue.Queue()
    with_build = args.deep or any(m.file.endswith(".c") or not benches_of(m.file) for m in chosen)
    for number in range(args.jobs):
        trees.put(Tree(ROOT / f"build/mutation/{'kept' if args.kept else 'drawn'}{number}", with_build))

    def one(mutant):
        tree, start = trees.get(), time.time()
        try:
            return mutant, judge(tree, mutant, args.deep), time.time() - start
        finally:
            trees.put(tree)

    by, survivors = {}, []
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for mutant, killer, seconds in pool.map(one, chosen):
            print(f"{'killed by ' + killer if killer else 'SURVIVES':28} {mutants.describe(mutant, texts[mutant.file])} ({seconds:.0f} s)", flush=True)
            by[killer and killer.split()[0]] = by.get(killer and killer.split()[0], 0) + 1
            if not killer:
                survivors.append(mutant)
    nothing = by.pop("not", 0)
    if args.kept and nothing:
        missing.append(f"{nothing} do not build")
    by.pop(None, None)
    killed = sum(by.values())
    print(f"\n{killed} of {killed + len(survivors)} mutants killed ({', '.join(f'{n} by {k}' for k, n in sorted(by.items()))}); "
          f"{nothing} do not build, {len(skipped)} known to be equivalent")
    for mutant in survivors:
        print(f"FAIL survivor: {key(mutant, texts)}")
    for line in missing:
        print(f"FAIL kept.txt: choose another mutant for what has changed: {line}")
    for line in stale:
        print(f"FAIL equivalent.txt: there is no such mutant any more: {line}")
    print(f"{killed} passed, {len(survivors) + len(missing) + len(stale)} failed")
    return 1 if survivors or missing or stale else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""run.py [MODULE...]: builds each module that has a folder here with each set of parameters its bench names, runs the bench,
adds up functional coverage. A module's own complaint ("%m: ...") and a coverage bin that nothing hit are failures, too.

A bench's file may have: VARIANTS, a list of parameter sets; NOT_ON, a simulator -> the reason why the bench does not run there."""
import argparse
import concurrent.futures
import contextlib
import glob
import importlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import xml.etree.ElementTree

from cocotb.runner import get_runner

HERE = pathlib.Path(__file__).parent.resolve()
ROOT = HERE.parents[1]
FOLDERS = sorted(p for p in (ROOT / "hw/rtl").iterdir() if p.is_dir())
PATHS = [HERE / "lib", ROOT / "hw/gen"]
BUILD_ARGS = {
    "icarus": ["-g2005"] + [arg for folder in FOLDERS for arg in ("-y", str(folder))],
    "verilator": ["-O1", "--x-assign", "fast", "-Wno-fatal", "-CFLAGS", "-O1"] + [arg for folder in FOLDERS for arg in ("-y", str(folder))],
}


def source_of(module):
    found = glob.glob(f"{ROOT}/hw/rtl/**/{module}.v", recursive=True) or glob.glob(f"{HERE}/{module}/{module}.v")
    if len(found) != 1:
        raise SystemExit(f"no single hw/rtl/*/{module}.v")
    return found[0]


def run_variant(module, number, parameters, out):
    """Builds and runs in this process' own folder; output goes to a file."""
    sim = os.environ.get("SIM", "icarus")
    runner = get_runner(sim)
    if sim == "verilator":
        verilate_then_build = runner._build_command

        def with_ports():
            """The module's inputs are copies of its caller's in each evaluation: what cocotb writes goes to those of the caller."""
            verilate, *build = verilate_then_build()
            return [verilate, ["sed", "-i", rf"s/&(TOP\.{module}__DOT__\([a-z0-9_]*_[io]\))/\&(TOP.\1)/", f"{out}/Vtop__Syms.cpp"], *build]
        runner._build_command = with_ports
    runner.build(sources=[source_of(module)], hdl_toplevel=module, parameters=parameters, always=True, build_dir=out,
                 includes=[ROOT / "hw/gen", ROOT / "hw/rtl/lib", ROOT / "hw/rtl/map"], build_args=BUILD_ARGS[sim])
    runner.test(hdl_toplevel=module, test_module=f"test_{module}", build_dir=out, test_dir=out, results_xml=f"{out}/results.xml",
                extra_env={"COVER_FILE": f"{out}/cover.json", "COCOTB_ANSI_OUTPUT": "0", "VARIANT": str(number)})


def start_variant(job):
    """One variant in a process of its own: cocotb's runner changes the working directory and prints what it runs."""
    module, number, parameters, base = job
    out = base / f"{module}.{number}"
    out.mkdir(parents=True, exist_ok=True)
    for old in ("results.xml", "cover.json"):
        (out / old).unlink(missing_ok=True)
    env = dict(os.environ, PYTHONPATH=os.pathsep.join(map(str, [HERE / module, *PATHS])))
    start = time.time()
    run = subprocess.run([sys.executable, __file__, "--variant", module, str(number), json.dumps(parameters), str(out)], env=env,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    (out / "log").write_text(run.stdout, encoding="utf-8")
    return job, out, run, time.time() - start


def name_of(module, parameters):
    return module + "".join(f" {k}={v}" for k, v in parameters.items())


def judge(module, parameters, out, run):
    """(passed, list of failures)"""
    passed, failures = 0, []
    name = name_of(module, parameters)
    try:
        cases = list(xml.etree.ElementTree.parse(out / "results.xml").iter("testcase"))
    except (OSError, xml.etree.ElementTree.ParseError):
        cases = []
    for case in cases:
        if list(case.iter("failure")) or list(case.iter("error")):
            why = re.findall(r"^ *(?:AssertionError|\w+Error|\w+Exception).*", run.stdout, re.M)
            failures.append(f"{name} {case.get('name')}: {why[0].strip() if why else 'see ' + str(out / 'log')}")
        else:
            passed += 1
    if not cases:
        failures.append(f"{name}: no test ran, see {out / 'log'}: {' '.join(run.stdout.split()[-30:])}")
    complaints = re.findall(rf"^{module}(?:\.[\w.\[\]]+)?: .*", run.stdout, re.M)
    if complaints:
        failures.append(f"{name}: complains {len(complaints)} times, first: {complaints[0]}")
    return passed, failures


def load_bench(module):
    """The bench's VARIANTS and NOT_ON; its tests do not run here."""
    sys.path[:0] = [str(HERE / module)]
    with contextlib.redirect_stdout(io.StringIO()):
        bench = importlib.import_module(f"test_{module}")
    sys.path.pop(0)
    return getattr(bench, "VARIANTS", [{}]), getattr(bench, "NOT_ON", {})


def add_coverage(total, module, path):
    if not path.exists():
        return
    for point, bins in json.loads(path.read_text(encoding="ascii")).items():
        into = total.setdefault(module, {}).setdefault(point, {})
        for answer, count in bins.items():
            into[answer] = into.get(answer, 0) + count


def report_coverage(coverage, base):
    """Writes JSON and a table; returns (points that are covered, failures)."""
    (base / "coverage.json").write_text(json.dumps(coverage, indent=1), encoding="ascii")
    rows, passed, failures = ["module            point                                     bins    hit       least"], 0, []
    for module, points in sorted(coverage.items()):
        for point, bins in points.items():
            missed = [answer for answer, count in bins.items() if count == 0]
            rows.append(f"{module:17} {point:40} {len(bins):5} {len(bins) - len(missed):6} {min(bins.values()):11}")
            if missed:
                failures.append(f"coverage {module}: {point}: never {', '.join(missed[:8])}{' ...' if len(missed) > 8 else ''}")
            else:
                passed += 1
    (base / "coverage.txt").write_text("\n".join(rows) + "\n", encoding="ascii")
    return passed, failures


def without_bench():
    """Modules of the RTL that have neither a bench nor a line in none.txt, and lines that say it of one that is gone or has a bench."""
    there = {p.stem for p in (ROOT / "hw/rtl").rglob("*.v")}
    benches = {p.parent.name for p in HERE.glob("*/test_*.py")}
    lines = (HERE / "none.txt").read_text(encoding="ascii").splitlines()
    excused = {line.split(" # ")[0] for line in lines if not line.startswith("#")}
    return [f"{m} has no bench in tests/cocotb, and no line in none.txt" for m in sorted(there - benches - excused)] + \
        [f"none.txt: {m} has a bench, or is no module" for m in sorted(excused & benches | excused - there)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*")
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("JOBS") or os.cpu_count()))
    args = parser.parse_args()
    sim = os.environ.get("SIM", "icarus")
    if sim not in BUILD_ARGS:
        raise SystemExit(f"SIM={sim}: the benches run on {' and '.join(BUILD_ARGS)}")
    base = pathlib.Path(os.environ.get("B", "build")).resolve() / "cocotb" / sim
    modules = args.modules or sorted(p.parent.name for p in HERE.glob("*/test_*.py"))
    sys.path[:0] = [str(p) for p in PATHS]
    jobs, skipped = [], []
    for module in modules:
        variants, not_on = load_bench(module)
        if sim in not_on:
            skipped.append(f"skipped: {module} on {sim}: {not_on[sim]}")
        else:
            jobs += [(module, number, parameters, base) for number, parameters in enumerate(variants)]
    passed, failures, coverage = 0, [], {}
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for job, out, run, seconds in pool.map(start_variant, jobs):
            module, _, parameters, _ = job
            good, bad = judge(module, parameters, out, run)
            print(f"{name_of(module, parameters):50} {good:3} passed {len(bad):3} failed {seconds:6.1f} s", flush=True)
            passed += good
            failures += bad
            add_coverage(coverage, module, out / "cover.json")
    if not args.modules:
        bad = without_bench()
        failures += bad
        passed += not bad
    good, bad = report_coverage(coverage, base)
    passed += good
    failures += bad
    print(f"coverage: {base}/coverage.txt and .json: {good} points covered, {len(bad)} not")
    for line in skipped + [f"FAIL {f}" for f in failures]:
        print(line)
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--variant"]:
        run_variant(sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4]), sys.argv[5])
    else:
        sys.exit(main())

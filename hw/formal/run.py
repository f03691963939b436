# SPDX-License-Identifier: Apache-2.0
"""run.py [PROOF...]: proves hw/formal/<proof>.v and the rows of forms.def with Yosys' SAT solver (some of these rows are but simulated), and shows that each broken variant of the module is refuted.
A proof says in //@ lines: sources; induction, the longest induction step tried, or none for a bounded proof; bound, the clocks from
reset within which a broken variant must fail (and all of a bounded proof); break, a file and the sed expression that breaks it."""
import argparse
import concurrent.futures
import os
import pathlib
import re
import resource
import subprocess
import sys
import time

from forms import INCLUDES, forms, unlisted

HERE = pathlib.Path(__file__).parent
LIMIT = 120   # seconds of processor time for one call of the solver
SCRIPT = """read_verilog -DSYNTHESIS -formal -Ihw/gen -Ihw/rtl/lib {sources} {proof}
hierarchy -check -top {top}
proc
memory -nordff
flatten
opt -full -nodffe -nosdff
clean -purge
sat -verify -prove-asserts -set-assumes -tempinduct {method} {top}
"""


class Proof:
    def __init__(self, path):
        self.path, self.name = path, path.stem
        self.settings, self.breaks = {}, []
        for key, value in re.findall(r"^//@ (\w+): (.*)$", path.read_text(encoding="ascii"), re.M):
            if key == "break":
                file, edit = value.split(": ", 1)
                self.breaks.append((file, edit))
            else:
                self.settings[key] = value


def solve(proof, out, method, replaced=None):
    """As yosys(); refuted by a bounded run. replaced is (file, the path of its other text)."""
    names = sorted({*proof.settings["sources"].split(), *map(str, pathlib.Path("hw/rtl/lib").glob("*.v"))})
    sources = [str(replaced[1]) if replaced and name == replaced[0] else name for name in names]
    return yosys(SCRIPT.format(sources=" ".join(sources), proof=proof.path, top=f"{proof.name}_proof", method=method), out, "baseonly" in method)


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))


def yosys(text, out, refute):
    """proven, refuted (where that is the aim), or a reason why it is neither"""
    script = out.with_suffix(".ys")
    script.write_text(text, encoding="ascii")
    run = subprocess.run(["yosys", "-Q", "-l", out.with_suffix(".log"), script], capture_output=True, text=True, check=False, preexec_fn=limit)
    if run.returncode < 0:
        return f"no answer in {LIMIT} s"
    if run.returncode == 0:
        return "proven"
    if "proof did fail" in run.stderr:
        return "refuted" if refute else "not proven"
    return (run.stderr.strip().splitlines() or ["failed"])[-1]


def simulate(form, out, simulated):
    """the same, differs in clock .., or why it does not run"""
    bench, program = out.with_suffix(".bench.v"), out.with_suffix(".vvp")
    bench.write_text(form.bench(simulated), encoding="ascii")
    run = subprocess.run(["iverilog", "-g2012", "-DSYNTHESIS", "-Ihw/gen", *INCLUDES.split(), *(f"-y{path[2:]}" for path in INCLUDES.split()), "-sbench", "-o", program, bench],
                         capture_output=True, text=True, check=False)
    if run.returncode == 0:
        run = subprocess.run(["vvp", "-n", program], capture_output=True, text=True, check=False, preexec_fn=limit)
    return (run.stdout.strip() or run.stderr.strip() or "says nothing").splitlines()[-1]


def bounded(proof):
    return f"-tempinduct-baseonly -maxsteps {proof.settings['bound']}"


def prove(proof, out):
    """(what, failure or None)"""
    steps = proof.settings["induction"]
    what = f"within {proof.settings['bound']} clocks" if steps == "none" else f"by induction over up to {steps} clocks"
    answer = solve(proof, out / proof.name, bounded(proof) if steps == "none" else f"-maxsteps {steps}")
    return f"{proof.name} proven {what}", None if answer == "proven" else f"{answer}: see {out / proof.name}.log"


def spoil(file, edit, broken):
    """Writes the edited file; returns whether it is another one."""
    text = subprocess.run(["sed", "-e", edit, file], capture_output=True, text=True, check=False).stdout
    broken.write_text(text, encoding="ascii")
    return text not in ("", pathlib.Path(file).read_text(encoding="ascii"))


def compare(form, out, broken):
    """Both forms of a module do the same, and the simulator's does not when it is broken."""
    name = out / f"form-{form.module}{form.number}{'-break' if broken else ''}"
    spoilt = name.with_suffix(".v") if broken else None
    settings = "".join(f" {key}={value}" for key, value in form.parameters.items() if not key.endswith(("_i", "_o")))
    same = f"seen to do the same in {form.steps} clocks at random" if form.random else "proven to do the same"
    what = f"{form.module}{settings}: the simulator's form {f'refuted when broken by {form.edit}' if broken else same}"
    if broken and not spoil(form.file, form.edit, spoilt):
        return what, f"the edit changes nothing in {form.file}"
    if form.random:
        answer = simulate(form, name, spoilt)
        return what, None if answer.startswith("differs" if broken else "the same") else f"{answer}: see {name}.bench.v"
    answer = yosys(form.prepare(name, spoilt), name, broken)
    if answer == "proven":
        answer = yosys(form.solve(name, broken), name, broken)
    return what, None if answer == ("refuted" if broken else "proven") else f"{answer}: see {name}.log"


def refute(proof, number, out):
    """A broken variant must fail within the bound."""
    file, edit = proof.breaks[number]
    what = f"{proof.name} refuted when broken by {edit}"
    broken = out / f"{proof.name}-break{number}.v"
    if not spoil(file, edit, broken):
        return what, f"the edit changes nothing in {file}"
    answer = solve(proof, out / f"{proof.name}-break{number}", bounded(proof), (file, broken))
    return what, None if answer == "refuted" else answer


def timed(job):
    start = time.time()
    return job[0](*job[1:]), time.time() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("proofs", nargs="*")
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("JOBS") or os.cpu_count()))
    parser.add_argument("--no-breaks", action="store_true", help="the proofs alone")
    args = parser.parse_args()
    os.chdir(HERE.parents[1])
    out = pathlib.Path(os.environ.get("B", "build")) / "formal"
    out.mkdir(parents=True, exist_ok=True)
    proofs = [Proof(path) for path in sorted(pathlib.Path("hw/formal").glob("*.v")) if not args.proofs or path.stem in args.proofs]
    jobs = [(prove, proof, out) for proof in proofs] + [(compare, form, out, False) for form in forms(args.proofs)]
    if not jobs:
        parser.error(f"there is no proof of {' '.join(args.proofs)}")
    if not args.no_breaks:
        jobs += [(refute, proof, number, out) for proof in proofs for number in range(len(proof.breaks))]
        jobs += [(compare, form, out, True) for form in forms(args.proofs)]
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for (what, failure), seconds in pool.map(timed, jobs):
            passed, failed = passed + (failure is None), failed + (failure is not None)
            print(f"{'ok' if failure is None else 'FAIL'} {what}{': ' + failure if failure else ''} ({seconds:.1f} s)", flush=True)
    for proof in proofs:
        if not proof.breaks:
            failed += 1
            print(f"FAIL {proof.name}: has no broken variant that shows it can fail")
    for module in unlisted():
        failed += 1
        print(f"FAIL {module}: has a form for Verilator and no row in hw/formal/forms.def")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

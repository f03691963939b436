#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Millions of packets over the C model, hundreds of thousands over the RTL in lock step with it: generated traffic while the host changes maps,
programs are replaced and the data path is reset, and every example under several loads. Each packet is accounted for: in = out + drops.
SCALE=n does n times as much; JOBS runs at a time."""
import concurrent.futures
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

B = Path(os.environ.get("B", "build"))
SCALE = int(os.environ.get("SCALE", "1"))
JOBS = int(os.environ.get("JOBS", os.cpu_count()))
OUT = B / "tests/fabric"
CAPTURE = Path("bpf-examples/real/real.pcap")
LOADS = {"line rate": "--load line", "random": "--load poisson:40 --order strict", "bursts, 4 cores": "--load burst:200:2000 --order off --cores 4"}
ISS_ROUNDS, RTL_ROUNDS = 20 * SCALE, 3 * SCALE  # of the capture, at each of two ports
COLUMNS = ("seeds", "C model", "RTL", "reloads", "resets", "host calls", "failed")


def captured():
    data, at, count = CAPTURE.read_bytes(), 24, 0
    while at < len(data):
        at += 16 + struct.unpack("<I", data[at + 8:at + 12])[0]
        count += 1
    return count


class Failed(Exception):
    pass


def run(*command):
    r = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    return r.returncode, r.stdout + r.stderr, r.stdout


def seeds(program, model, *args):
    """A row of what the seeds of a test did."""
    code, text, _ = run(B / program, *args)
    tally = re.search(r"^(\d+) passed, (\d+) failed$", text, re.M)
    if code or not tally or int(tally[2]):
        raise Failed(text[-2000:])
    note = {what: int(n) for n, what in re.findall(r"(\d+) (packets|reloads|resets|host calls)", text)}
    packets = note.pop("packets", 0)
    return note | {"seeds": int(tally[1]), "C model": packets, "RTL": packets if model == "both" else 0}


def image(example, where):
    """With per-CPU maps for 4 cores, which are the most."""
    fw = Path(where) / f"{example}.fw"
    named = run("tests/tools/program.sh", example, "-p")[1].split()
    code, text, _ = run(B / "nicjit", B / f"examples/{example}.o", *named, "--cpus", 64, "-o", fw)
    if code:
        raise Failed(text)
    return fw


def account(report, offered):
    """In = out + drops."""
    drops, verdicts = report["drops"], report["verdicts"]
    processed = report["packets"]
    forwarded = verdicts["XDP_PASS"] + verdicts["XDP_TX"] + verdicts["XDP_REDIRECT"]
    if offered != processed + drops["BAD"] + drops["FULL"] + report["refused"]:
        raise Failed(f"{offered} packets offered, {processed} processed, {drops} dropped, {report['refused']} refused")
    if sum(verdicts.values()) != processed:
        raise Failed(f"{processed} packets processed, verdicts {verdicts}")
    if forwarded != report["sent"] + report["to_host"] + drops["NO_TARGET"] + drops["PORT_FULL"] + drops["HOST_FULL"]:
        raise Failed(f"{forwarded} packets forwarded, {report['sent']} sent, {report['to_host']} to the host, {drops} dropped")


def example_run(example, model, rounds, load):
    with tempfile.TemporaryDirectory(dir=OUT) as own:  # other jobs compile the same example meanwhile
        code, text, out = run(B / "nicsim", "--fw", image(example, own), "--model", model, "--rx", f"0:{CAPTURE}", "--rx", f"1:{CAPTURE}",
                              "--repeat", rounds, *load.split(), "--json")
    if code:
        raise Failed(text[-2000:])
    offered = 2 * rounds * captured()
    account(json.loads(out), offered)
    return {"C model": offered, "RTL": offered if model == "both" else 0}


def chunks(part, program, model, cores, first, count, size):
    """Jobs of so many seeds."""
    where = [] if model is None else [model, cores]
    for seed in range(first, first + count, size):
        yield part, seeds, (program, model or "both", *where, seed, min(size, first + count - seed))


def jobs():
    examples = sorted(p.stem for p in (B / "examples").glob("*.fw"))
    # the slow ones first
    yield from chunks("RTL in lock step", "fabric-test", "both", 0, 1000, 800 * SCALE, 20)
    yield from chunks("prefixes change, in lock step", "fabric-lpm", "both", 0, 100, 20 * SCALE, 5)
    yield from chunks("wild host, in lock step", "fabric-wild", None, 0, 1, 40 * SCALE, 10)
    yield from chunks("hash keys change, in lock step", "fabric-keys", None, 0, 1, 40 * SCALE, 10)
    for cores in (1, 2, 4, 16):
        yield from chunks(f"C model, {cores} core{'s' if cores > 1 else ''}", "fabric-test", "iss", cores, 0, 1500 * SCALE, 100)
    yield from chunks("prefixes change, C model", "fabric-lpm", "iss", 2, 0, 200 * SCALE, 50)
    for example in examples:
        yield "examples in lock step", example_run, (example, "both", RTL_ROUNDS, LOADS["line rate"])
        for load, options in LOADS.items():
            yield f"examples, {load}", example_run, (example, "iss", ISS_ROUNDS, options)


def work(job):
    part, function, args = job
    try:
        return job, function(*args), None
    except Failed as why:
        return job, {"failed": 1}, str(why)


def table(totals):
    rows = [("", *COLUMNS)] + [(part, *(str(row.get(c) or "") for c in COLUMNS)) for part, row in totals.items()]
    rows.append(("all", *(str(sum(row.get(c, 0) for row in totals.values())) for c in COLUMNS)))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print(row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:])), sep="  ")


def main():
    started = time.monotonic()
    todo = list(jobs())
    totals = {part: {} for part, _, _ in todo}
    OUT.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        done = concurrent.futures.as_completed([pool.submit(work, job) for job in todo])
        for n, future in enumerate(done, 1):
            (part, _, args), row, why = future.result()
            for column, count in row.items():
                totals[part][column] = totals[part].get(column, 0) + count
            packets = [sum(row.get(c, 0) for row in totals.values()) for c in ("C model", "RTL")]
            print(f"{time.monotonic() - started:6.0f} s  {n:3} of {len(todo)}  {packets[0]:8} packets on the C model, {packets[1]:7} on RTL  {part}: "
                  f"{' '.join(map(str, args[2:] if args[0] in ('fabric-test', 'fabric-lpm') else args))}", flush=True)
            if why:
                print(f"FAIL {part}: {' '.join(map(str, args))}\n{why}", flush=True)
    table(totals)
    failed = sum(row.get("failed", 0) for row in totals.values())
    print(f"{len(todo) - failed} passed, {failed} failed, {time.monotonic() - started:.0f} s")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""What the tests of the driver have in common: checks and their count, captures, objects made on the fly."""
import os
import re
import struct
import subprocess
import sys
import tempfile

from testpmd import TIMEOUT, Testpmd

SOON = TIMEOUT / 10  # what waits for nothing has ended by then
passed = failed = 0
case = ""


def check(good, what):
    global passed, failed
    passed += bool(good)
    failed += not good
    if not good:
        print("FAIL %s: %s" % (case, what))
    return good


def frames(path):
    with open(path, "rb") as f:
        data = f.read()
    at, out = 24, []
    while at < len(data):
        n = struct.unpack_from("<I", data, at + 8)[0]
        out.append(data[at + 16:at + 16 + n])
        at += 16 + n
    return out


def write_capture(path, all_frames):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for n, frame in enumerate(all_frames):
            f.write(struct.pack("<IIII", n, 0, len(frame), len(frame)) + frame)


def accounts(x):
    """Every frame of the wire is accounted for."""
    verdicts = sum(x["xdp_offload_%s_packets" % v] for v in ("aborted", "drop", "pass", "tx", "redirect"))
    lost = sum(x["host_%s_packets" % v] for v in ("queue_off", "no_buffer", "completions_full", "small_buffer", "unread"))
    check(x["wire0_rx_packets"] == verdicts, "received %d, verdicts %d" % (x["wire0_rx_packets"], verdicts))
    check(x["host_packets"] == x["rx_good_packets"] + lost, "for the host %d, received there %d, lost %d" % (
        x["host_packets"], x["rx_good_packets"], lost))


def at_rest(t, count):
    """Waits until so many frames of the wire have verdicts of the NIC, and those that it passes have arrived."""
    def is_so(x):
        return x["wire0_rx_packets"] == count == sum(x["xdp_offload_%s_packets" % v] for v in ("aborted", "drop", "pass", "tx", "redirect")) and \
            x["xdp_offload_pass_packets"] == x["host_packets"] == x["rx_good_packets"]
    return t.settled(lambda: is_so(t.xstats()), True)


def build(path, text):
    """An object of a program's text."""
    with open(path + ".bpf.c", "w") as f:
        f.write('#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n%s\nchar l[] SEC("license") = "GPL";\n' % text)
    machine = subprocess.run(["gcc", "-print-multiarch"], capture_output=True, text=True, check=True).stdout.strip()
    subprocess.run([os.environ.get("BPF_CC", "clang"), "-O2", "-g", "-target", "bpf", "-I/usr/include/" + machine, "-c", path + ".bpf.c", "-o", path + ".o"], check=True)


def check_dead(code, text, gone):
    """Of port.c's test dies: packets came before, and no call waits long for what is dead."""
    calls = re.findall(r"^([a-z ]+): -?\d+, (\d+) ms$", text, re.M)
    check(code == 0 and re.search(r"^received [1-9]\d*, removed %d$" % gone, text, re.M), text[-600:])
    check(len(calls) == 10 and max(int(ms) for _, ms in calls) < 1000 * SOON, calls)
    check(not gone or "mbufs missing 0" in text, text[-200:])


def run_cases(cases):
    """Those named on the command line, or all; each with a directory of its own. Ends the program."""
    global case
    for case, test in cases:
        if len(sys.argv) > 1 and case not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as directory:
            try:
                test(directory)
            except Exception as e:  # a case that breaks off is a failure like others
                check(False, "%s: %s" % (type(e).__name__, e))
            Testpmd.kill_all()
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed != 0)

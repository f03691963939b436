# SPDX-License-Identifier: Apache-2.0
"""make dpdk-demo: a recorded capture through the Verilated NIC under stock testpmd, the program in the NIC; then one that the NIC can't take."""
import os
import subprocess
import sys

from cases import frames
from test_pmd import REAL
from testpmd import B, Testpmd

def run(title, program):
    print("\n%s\n    --vdev=net_nicjit0,model=rtl,wire=pcap:%s,xdp_prog=%s" % (title, REAL, program))
    t = Testpmd("model=rtl,step=16,wire=pcap:%s,xdp_prog=%s" % (REAL, program))
    for line in t.text.splitlines():
        if line.startswith("nicjit:"):
            print("    log: " + line)
    print("    show rxq info 0 0: " + [x for x in t.do("show rxq info 0 0").splitlines() if x.startswith("Burst mode")][0])
    t.do("set fwd rxonly")
    t.do("start")
    where = t.ask("/nicjit/xdp,0")["mode"]
    t.settled(lambda: sum(v for k, v in t.xstats().items() if k.startswith("xdp_%s_" % where) and k.endswith("_packets")), len(frames(REAL)))
    x = t.xstats()
    print("    on the wire %d, dropped %d, passed to the application %d" % (
        x["wire0_rx_packets"], x["xdp_%s_drop_packets" % where], x["xdp_%s_pass_packets" % where]))
    t.quit()
    return x["xdp_%s_drop_packets" % where], x["xdp_%s_pass_packets" % where]


def build(path, entries):
    machine = subprocess.run(["gcc", "-print-multiarch"], capture_output=True, text=True, check=True).stdout.strip()
    subprocess.run([os.environ.get("BPF_CC", "clang"), "-O2", "-g", "-target", "bpf", "-I/usr/include/" + machine, "-DENTRIES=%d" % entries,
                    "-c", "tests/dpdk/demo.c", "-o", path], check=True)
    return path


os.makedirs(B + "/dpdk", exist_ok=True)
objects = os.path.relpath(B + "/dpdk")
offloaded = run("A program that drops UDP, in the NIC:", build(objects + "/drop_udp.o", 256))
on_host = run("The same with a map that the NIC has no memory for:", build(objects + "/drop_udp_large.o", 500000000))
print("\nBoth the same: %s" % ("yes" if offloaded == on_host else "no, %s and %s" % (offloaded, on_host)))
sys.exit(offloaded != on_host)

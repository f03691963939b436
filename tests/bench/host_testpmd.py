# SPDX-License-Identifier: Apache-2.0
"""Mpps that reach testpmd: net_null, and our port with its built-in generator, without a program and with programs on the host. The NIC is the C model, in
the same core, which is what takes the time. Seconds are those of the processor in the forwarding thread: others on the machine don't count."""
import json
import os
import sys
import time

sys.path.insert(0, "tests/dpdk")
from testpmd import B, Testpmd

SECONDS = 3
GEN = "wire=gen:64"


def rate(args, port, more=()):
    t = Testpmd(args, more=more)
    t.do("set portlist %d" % port)
    t.do("set fwd rxonly")
    t.do("start")
    time.sleep(1)
    x = [(busy(t), seen(t, port))]
    time.sleep(SECONDS)
    x.append((busy(t), seen(t, port)))
    t.quit()
    return (x[1][1] - x[0][1]) / (x[1][0] - x[0][0]) / 1e6


def busy(t):
    """Seconds that the thread which forwards has had a processor."""
    place = "/proc/%d/task" % t.process.pid
    for task in os.listdir(place):
        with open("%s/%s/stat" % (place, task)) as f:
            name, rest = f.read().rsplit(")", 1)
        if "worker" in name:
            user, system = rest.split()[11:13]
            return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    raise RuntimeError("testpmd has no thread that forwards")


def seen(t, port):
    x = t.xstats(port)
    return x["rx_good_packets"]


rows = [("net_null, rxonly", rate("wire=loop", 1, ["--vdev=net_null0"])), ("ours, no program", rate(GEN, 0))]
for name in ("pass_all", "proto_count", "firewall", "mac_swap"):
    rows.append(("ours, %s on the host" % name, rate(GEN + ",xdp_mode=host,xdp_prog=%s/examples/%s.o" % (B, name), 0)))
print(json.dumps([{"name": n, "mpps": round(r, 3)} for n, r in rows]))

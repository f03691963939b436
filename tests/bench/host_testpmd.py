# SPDX-License-Identifier: Apache-2.0
"""Mpps that reach testpmd: net_null, and our port with its built-in generator, without a program and with programs on the host. The NIC is the C model, in
the same core, which is what takes the time."""
import json
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
    x = [(time.monotonic(), seen(t, port))]
    time.sleep(SECONDS)
    x.append((time.monotonic(), seen(t, port)))
    t.quit()
    return (x[1][1] - x[0][1]) / (x[1][0] - x[0][0]) / 1e6


def seen(t, port):
    x = t.xstats(port)
    return x["rx_good_packets"]


rows = [("net_null, rxonly", rate("wire=loop", 1, ["--vdev=net_null0"])), ("ours, no program", rate(GEN, 0))]
for name in ("pass_all", "proto_count", "firewall", "mac_swap"):
    rows.append(("ours, %s on the host" % name, rate(GEN + ",xdp_mode=host,xdp_prog=%s/examples/%s.o" % (B, name), 0)))
print(json.dumps([{"name": n, "mpps": round(r, 3)} for n, r in rows]))

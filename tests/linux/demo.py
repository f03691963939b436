#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""demo.py IMAGE NICPCI: a stock kernel with our module; what a user would type, and what it prints."""
import re, sys, time

from guest import Guest
from bench import ping, soon, start


def show(guest, command, grep=None):
    print(f"# {command}")
    for line in guest.run(command)[1].splitlines():
        if grep is None or any(g in line for g in grep):
            print(f"    {line.strip()}")


def main():
    image, nicpci = sys.argv[1:]
    began = time.monotonic()
    with Guest(image, nicpci) as guest:
        print(f"the guest is up after {time.monotonic() - began:.0f} s: {' '.join(guest.ok('cat /proc/version').split()[:3])}")
        start(guest)
        handled = lambda: sum(map(int, re.findall(r"xdp_offload_(?:drop|pass): (\d+)", guest.ok("ethtool -S eth0"))))
        show(guest, "ethtool -i eth0", ("driver", "bus-info"))
        show(guest, "ip link set dev eth0 xdpoffload obj /files/blocklist.o sec xdp")
        show(guest, "ip link show eth0")
        show(guest, "bpftool prog show", ("offloaded_to",))
        key, value = "key 10 0 0 9", "value " + " ".join("1" + "0" * 15)
        print("20 frames from 10.0.0.9 come in by port 0")
        guest.send(0, [ping(i) for i in range(20)])
        soon(handled, lambda n: n >= 20)
        show(guest, "ethtool -S eth0 | grep -E 'offload_(drop|pass)'")
        show(guest, f"bpftool map update name blocklist {key} {value}")
        print("the same 20 frames again")
        guest.send(0, [ping(i) for i in range(20)])
        soon(handled, lambda n: n >= 40)
        show(guest, "ethtool -S eth0 | grep -E 'offload_(drop|pass)'")
        show(guest, f"bpftool map lookup name blocklist {key}")
        show(guest, "ip link set dev eth0 xdpoffload off")
        show(guest, "ip link set dev eth0 xdpoffload obj /files/no_room.o sec xdp", ("[nicjit]", "load failed"))
        show(guest, "nicctl load --dev eth0 /files/no_room.o")
        show(guest, "ip link show eth0", ("xdp",))
        loaded = guest.ok("nicctl load --dev eth0 /files/ttl_dec.o")
        print(f"# nicctl load --dev eth0 /files/ttl_dec.o\n    {loaded}")
        show(guest, f"nicctl prog dump jited id {loaded.split()[-1]}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_dpdk.py IMAGE NICPCI BUILD: stock dpdk-testpmd in the guest drives the NIC over PCI: uio_pci_generic, physical addresses, hugepages. Frames that the program
passes are forwarded back to the wire they came by; programs are replaced, in the NIC and on the host, and then the NIC goes."""
import collections, pathlib, subprocess, sys, tempfile, time, traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import bench
from bench import capture, check
from guest import PATIENCE, Gone, Guest

REAL = "bpf-examples/real/real.pcap"
NIC = "0000:00:01.0"
PREPARE = """for m in /modules/*.ko; do insmod $m; done; mkdir -p /dpdk /dev/hugepages /var/run; mount -t hugetlbfs dev /dev/hugepages; mount -t tmpfs run /var/run
mount -t 9p -o trans=virtio,ro,cache=loose,version=9p2000.L dpdk /dpdk; for d in proc sys dev dev/hugepages var/run files; do mount --bind /$d /dpdk/$d; done
echo 1af4 1110 > /sys/bus/pci/drivers/uio_pci_generic/new_id; test -e /dev/uio0"""
TESTPMD = f"(busybox chroot /dpdk /bin/dpdk-testpmd -l 0-1 -m 64 -a {NIC},xdp_prog=/files/%s.o -- --total-num-mbufs=4096 --no-mlockall --stats-period=2 --rxq=2 --txq=2 --txd=1024" \
    " >/tmp/testpmd 2>&1; echo ENDED >>/tmp/testpmd) & until grep -q 'ENDED\\|statistics for port' /tmp/testpmd; do sleep 0.3; done; cat /tmp/testpmd"


def passed_by(build, example):
    """What the NIC alone hands to the host: nicsim."""
    with tempfile.NamedTemporaryFile() as f:
        subprocess.run([f"{build}/nicsim", "--fw", f"{build}/examples/{example}.fw", "--model", "iss", "--rx", REAL, "--host", f.name], check=True, stdout=subprocess.DEVNULL)
        return capture(f.name)


def send(guest, back):
    """The capture, of which so many come back; what has not is never more than a socket holds."""
    frames, got = capture(REAL), []
    for at in range(0, len(frames), 16):
        guest.send(0, frames[at:at + 16])
        missing = at + 16 - (len(frames) - back) - len(got)
        got += guest.take(0, max(0, missing - 64), PATIENCE) + guest.take(0, quiet=0.02)
    return got


def forwards(guest, where, want):
    got = send(guest, len(want))
    got += guest.take(0, max(0, len(want) - len(got)), PATIENCE) + guest.take(0, quiet=1)
    check(f"what {where} passes comes back", collections.Counter(got) == collections.Counter(want), f"{len(got)} frames, {len(want)} wanted\n" + guest.run("nicctl stats")[1])


def session(guest, build):
    guest.ok(PREPARE)
    said = guest.ok(TESTPMD % "vlan_ipv6_parser")
    check("EAL finds the NIC, and takes physical addresses", "Probe PCI driver: net_nicjit_pci" in said and "IOVA mode 'PA'" in said, said)
    check("nothing is refused", "nicjit:" not in said and "ENDED" not in said, said)
    check("the program is in the NIC", "in the NIC: vlan_ipv6" in guest.ok("nicctl prog show"), guest.ok("nicctl prog show"))
    want = passed_by(build, "vlan_ipv6_parser")
    forwards(guest, "the program", want)
    guest.ok("nicctl prog load /files/vlan_ipv6_parser.o mode host")
    check("the host has it", "on the host: vlan_ipv6" in guest.ok("nicctl prog show"), guest.ok("nicctl prog show"))
    forwards(guest, "the same on the host", want)
    guest.ok("nicctl prog load /files/firewall.o")
    send(guest, 0)
    guest.take(0, quiet=1)
    said = guest.ok("nicctl map dump flows")
    check("a map in the NIC is read", len(said.splitlines()) > 5, said)
    guest.ok("nicctl prog load /files/drop_all.o")
    forwards(guest, "a program that drops all", [])
    gone(guest)


def gone(guest):
    """Without the NIC every command ends soon, with a sentence."""
    guest.ok("nicctl prog load /files/firewall.o")
    guest.nics[0].kill()
    before = time.monotonic()
    for command in ("prog load /files/drop_all.o", "map lookup flows {}", "prog unload"):
        code, said = guest.run("nicctl " + command)
        check(f"{command}: refused without a NIC", code != 0 and "gone" in said, said)
    check("in time", time.monotonic() - before < 120, time.monotonic() - before)


def main():
    image, nicpci, build = sys.argv[1:]
    share = f"local,path={pathlib.Path(image).resolve()}/root,mount_tag=dpdk,security_model=none,readonly=on"
    try:
        with Guest(image, nicpci, cpus=2, mib=768, kernel="hugepages=64", qemu=["-virtfs", share]) as guest:
            session(guest, build)
    except (Gone, AssertionError, OSError, subprocess.CalledProcessError):
        check("the run comes to its end", False, traceback.format_exc())
    print(f"{bench.passed} passed, {bench.failed} failed")
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main())

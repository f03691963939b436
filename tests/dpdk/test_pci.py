# SPDX-License-Identifier: Apache-2.0
"""The driver on PCI: found by its numbers, registers by real loads and stores (board.c), its vectors as VFIO sets them."""
import json
import os
import re
import subprocess

from cases import accounts, check, check_dead, frames, run_cases
from testpmd import B, TIMEOUT, Testpmd

REAL = "bpf-examples/real/real.pcap"
PLACE = "0000:17:00.0"
VENDOR, DEVICE, GUESTS_VENDOR, GUESTS_DEVICE = (int(re.search(r"#define %s (\d+)" % x, open("hw/spec/pci.h").read() + open("hw/spec/window.h").read()).group(1))
                                                for x in ("NIC_PCI_VENDOR", "NIC_PCI_DEVICE", "IVSHMEM_VENDOR", "IVSHMEM_DEVICE"))


def board(tmp, device=DEVICE, **more):
    """The environment in which there is one."""
    place = tmp + "/devices/" + PLACE
    os.makedirs(place, exist_ok=True)
    for name, text in (("vendor", "0x%04x" % VENDOR), ("device", "0x%04x" % device), ("subsystem_vendor", "0x0000"), ("subsystem_device", "0x0000"), ("class", "0x020000"),
                       ("numa_node", "-1"), ("resource", "0x0 0x0 0x0\n" * 6)):
        with open(place + "/" + name, "w") as f:
            f.write(text + "\n")
    if not os.path.islink(place + "/driver"):
        os.symlink("drivers/vfio-pci", place + "/driver")
    return dict({"LD_PRELOAD": B + "/dpdk/board.so", "SYSFS_PCI_DEVICES": tmp + "/devices"}, **more)


def app(environment, test, args=""):
    """Exit code and output of tests/dpdk/port.c on the board."""
    r = subprocess.run([B + "/dpdk/port", "--no-huge", "-m", "512", "-l", "0-1", "--no-telemetry", "--file-prefix=nicjit-pci%d" % os.getpid(), "-d", "librte_net_nicjit.so",
                        "-a", PLACE + args, "--", *test.split()], env=dict(os.environ, LD_LIBRARY_PATH=B + "/dpdk", **environment), capture_output=True, text=True, timeout=2 * TIMEOUT)
    return r.returncode, r.stdout + r.stderr


def numbers(tmp):
    """dpdk-pmdinfo.py shows the numbers, and a device with others is left alone."""
    plugin = B + "/dpdk/librte_net_nicjit.so"
    with open(plugin, "rb") as f:
        told = [json.loads(x) for x in re.findall(rb"PMD_INFO_STRING= (\{[^\0]*\})", f.read())]
    pci = [x for x in told if x["name"] == "net_nicjit_pci"]
    check(len(pci) == 1 and pci[0]["pci_ids"] == [[VENDOR, DEVICE, 65535, 65535], [GUESTS_VENDOR, GUESTS_DEVICE, 65535, 65535]] and "vfio-pci" in pci[0]["kmod"], told)
    shown = subprocess.run(["dpdk-pmdinfo.py", plugin], capture_output=True, text=True)
    if "elftools" in shown.stderr:
        print("note: dpdk-pmdinfo.py lacks pyelftools")
    else:
        ids = [d.get("pci_ids") for d in json.loads(shown.stdout) if d["name"] == "net_nicjit_pci"]
        wanted = [{"vendor": "%04x" % v, "device": "%04x" % d} for v, d in ((VENDOR, DEVICE), (GUESTS_VENDOR, GUESTS_DEVICE))]
        check(ids == [wanted], shown.stdout + shown.stderr)
    code, text = app(board(tmp, device=DEVICE + 1), "life 1")
    check(code == 2 and "nicjit" not in text.replace("nicjit-pci", ""), text[-500:])


def packets(tmp):
    """A program in the NIC under testpmd, replaced, with a map; every frame accounted for."""
    t = Testpmd(None, more=["-a", PLACE + ",xdp_prog=%s/examples/firewall.o,mac=02:00:00:00:00:07" % B], environment=board(tmp, BOARD_WIRE="pcap:" + REAL))
    check("02:00:00:00:00:07" in t.do("show port info 0").upper(), "its address")
    check(t.ask("/nicjit/xdp,0").get("mode") == "offload", t.text[-600:])
    t.do("start")
    total = len(frames(REAL))
    t.settled(lambda: t.xstats()["wire0_rx_packets"], total)
    check(t.ask("/nicjit/map_update,0,flows,%s,%s" % ("01" * 16, "02" * 16)) == {"result": "done"}, "update")
    check(t.ask("/nicjit/map_lookup,0,flows,%s" % ("01" * 16)) == "02" * 16, "lookup")
    check(t.ask("/nicjit/load,0,%s/examples/drop_all.o" % B).get("mode") == "offload", "replaced")
    t.do("stop")
    t.do("port stop 0")
    x = t.xstats()
    accounts(x)
    check(x["wire0_rx_packets"] == total and x["xdp_offload_drop_packets"] and x["xdp_offload_pass_packets"], x)
    check(t.quit() == 0, "testpmd ends with an error")


def interrupts(tmp):
    """Received by interrupts alone, queue 0 by vector 0; without MSI-X a sentence."""
    code, text = app(board(tmp, BOARD_WIRE="pcap:" + REAL), "sleep")
    woken = re.search(r"woken (\d+), received (\d+)", text)
    check(code == 0 and woken and int(woken.group(2)) == len(frames(REAL)) and int(woken.group(1)) > 3, text[-600:])
    code, text = app(board(tmp, BOARD_MSIX="0"), "sleep")
    check(code == 1 and "receive interrupts need MSI-X and the kernel's driver vfio-pci" in text, text[-600:])


def life(tmp):
    """Started, stopped, set up and reset in any order; no mbuf is lost."""
    code, text = app(board(tmp, BOARD_WIRE="gen:64"), "life 60 100")
    check(code == 0 and "mbufs missing 0" in text and "received 0," not in text, "%d, %s" % (code, re.findall("received.*", text) or text[-400:]))


def broken(tmp):
    """A BAR that is too short, arguments that are wrong, a board that does not answer: sentences, no crash."""
    code, text = app(board(tmp, BOARD_BAR="4096"), "life 1")
    check(code == 2 and "BAR 0 has 4096 bytes of memory, the NIC's registers have 16777216" in text, text[-400:])
    for args, sentence in ((",mac=x", "mac=x: it takes an address"), (",xdp_mode=x", "xdp_mode=x: a mode is"), (",xdp_prog=", "xdp_prog=: it needs a value"),
                           (",wire=loop", "arguments are mac= xdp_prog=")):
        code, text = app(board(tmp), "life 1", args)
        check(code == 2 and sentence in text, "%s: %d, %s" % (args, code, text[-400:]))
    code, text = app(board(tmp, BOARD_GONE_AFTER="1"), "life 1")
    check(code == 2 and "nicjit: " in text, text[-400:])
    for name, gone in (("BOARD_GONE_AFTER", 1), ("BOARD_STUCK_AFTER", 0)):
        check_dead(*app(board(tmp, BOARD_WIRE="gen:64", **{name: "900"}), "dies"), gone)


if __name__ == "__main__":
    run_cases([("numbers", numbers), ("packets", packets), ("interrupts", interrupts), ("life", life), ("broken", broken)])

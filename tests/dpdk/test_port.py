# SPDX-License-Identifier: Apache-2.0
"""The port under applications of the public interface, DPDK's own tests, real network tools, and faults of all kinds."""
import json
import os
import random
import re
import shutil
import subprocess
import threading
import time

from cases import SOON, accounts, build, check, check_dead, frames, run_cases
from testpmd import B, TIMEOUT, Testpmd

REAL = "bpf-examples/real/real.pcap"
ASAN = B + "/asan/dpdk"


def app(args, test, plugin=B + "/dpdk", sanitize=False):
    """Exit code and output of tests/dpdk/port.c."""
    env = dict(os.environ, LD_LIBRARY_PATH=plugin)
    if sanitize:
        env.update(sanitizers())
    r = subprocess.run([B + "/dpdk/port", "--no-huge", "-m", "512", "--no-pci", "-l", "0-1", "--no-telemetry", "--file-prefix=nicjit-port%d" % os.getpid(),
                        "-d", "librte_net_nicjit.so", "--vdev=net_nicjit0," + args, "--", *test.split()], env=env, capture_output=True, text=True, timeout=2 * TIMEOUT)
    return r.returncode, r.stdout + r.stderr


def sanitizers():
    """For a program that was built without them and loads what was built with them."""
    libraries = [subprocess.run(["gcc", "-print-file-name=" + x], capture_output=True, text=True).stdout.strip() for x in ("libasan.so", "libubsan.so")]
    return {"LD_PRELOAD": " ".join(libraries), "ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0", "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}


def features(tmp):
    """docs/dpdk/features/nicjit.ini says neither more nor less than what the driver does."""
    code, text = app("wire=gen:64", "features")
    does = dict(re.findall(r"^feature (.+) = ([YP])$", text, re.M))
    # The build and the other cases show these.
    does.update({"Multiprocess aware": "P", "Linux": "Y", "x86-64": "Y", "Usage doc": "Y"})
    with open("docs/dpdk/features/nicjit.ini") as f:
        says = dict(re.findall(r"^([^;\[].*?) *= ([YP])$", f.read(), re.M))
    check(code == 0, text[-500:])
    for name in sorted(set(does) | set(says)):
        check(does.get(name) == says.get(name), "%s: the driver has %s, the table says %s" % (name, does.get(name), says.get(name)))


def sleep(tmp):
    """Received by interrupts alone, the NIC running in a thread of its own."""
    code, text = app("wire=pcap:" + REAL, "sleep")
    woken, got = map(int, re.search(r"woken (\d+), received (\d+)", text).groups())
    check(code == 0 and got == len(frames(REAL)) and woken > 3, text[-300:])


def turns(tmp):
    """Interrupts of two queues turned on and off by two threads at once: each is what its thread made it."""
    code, text = app("step=1", "turns")
    check(code == 0 and "wrong 0" in text, text[-300:])


def life(tmp):
    """Ports and queues started, stopped and set up in any order, polled or in a thread; no mbuf is lost."""
    for args in ("wire=gen:64", "wire=gen:1500,thread=1", "wire=loop", "wire=gen,xdp_mode=host,xdp_prog=%s/examples/mac_swap.o" % B):
        code, text = app(args, "life 200")
        check(code == 0 and "mbufs missing 0" in text, "%s: %d, %s" % (args, code, text[-300:]))


def api(tmp):
    """rte_pmd_nicjit.h, by an application that is linked to the driver."""
    build(tmp + "/large", 'struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 300000000); __type(key, int); __type(value, long); } large SEC(".maps");'
          'SEC("xdp") int prog(struct xdp_md *ctx) { int k = 1; return bpf_map_lookup_elem(&large, &k) ? XDP_PASS : XDP_DROP; }')
    r = subprocess.run([B + "/dpdk/api", "--no-huge", "-m", "512", "--no-pci", "-l", "0", "--no-telemetry", "--file-prefix=nicjit-api%d" % os.getpid(),
                        "--vdev=net_nicjit0,wire=gen:64", "--", B + "/examples/firewall.o", tmp + "/large.o"], capture_output=True, text=True, timeout=2 * TIMEOUT)
    check(r.returncode == 0 and "\n0 failed" in "\n" + r.stdout, r.stdout + r.stderr)


def exhausted(tmp):
    """No mbufs for a while: counted, and it goes on."""
    code, text = app("wire=gen:64", "exhausted")
    check(code == 0, text[-300:])


def unsendable(tmp):
    """Frames that are empty, too long, of too many parts for the NIC or for the ring: freed and counted, and those between them leave."""
    code, text = app("wire=loop", "unsendable")
    check(code == 0, text[-300:])


def sums(tmp):
    """Checksums that the port makes, of frames in several parts, in tunnels, behind extensions; those that it can't are refused."""
    for model in ("iss", "rtl"):
        code, text = app("wire=loop,model=" + model, "sums")
        check(code == 0, model + ": " + text[-300:])


def broken(tmp):
    """A device that is gone at some time, and one that writes nonsense: sentences, no crash, no mbuf handed out twice."""
    for args in ("gone_after=1", "gone_after=300", "gone_after=1500", "gone_after=6000", "gone_after=30000", "damage_every=1", "damage_every=7", "damage_every=100"):
        code, text = app("wire=gen:64," + args, "life 100")
        check(code in (0, 1, 2), "%s ends with %d: %s" % (args, code, text[-300:]))
        check(code == 0 or "nicjit" in text, "%s: no sentence: %s" % (args, text[-300:]))


def dead(tmp):
    """A device that is gone, or hangs, under traffic, polled or in a thread of its own: no command waits for it, and what can't be done is said."""
    for args, gone in (("gone_after=3000", 1), ("stuck_after=3000", 0), ("gone_after=900,thread=1", 1), ("stuck_after=900,thread=1", 0)):
        check_dead(*app("wire=gen:64," + args, "dies"), gone)
    for args in ("gone_after=9000", "stuck_after=9000"):
        t = Testpmd("wire=gen:64,%s,xdp_prog=%s/examples/firewall.o" % (args, B))
        t.do("start")
        t.settled(lambda: str(t.ask("/ethdev/stats,0")))
        for command in ("load,0,%s/examples/drop_all.o,,offload" % B, "load,0,%s/examples/drop_all.o,,host" % B, "map_lookup,0,flows," + "01" * 16, "map_update,0,flows,%s,%s" % ("01" * 16, "02" * 16),
                        "map_dump,0,flows", "unload,0"):
            before = time.monotonic()
            answer = t.ask("/nicjit/" + command)
            check(time.monotonic() - before < SOON, "%s, %s: %.1f s" % (args, command, time.monotonic() - before))
            check("error" in answer, "%s, %s: %s" % (args, command, answer))
            if command[0] in "lu":
                check(("the NIC is gone: its registers read all ones" if args[0] == "g" else "the NIC hangs: its clock stands still") in answer[1], "%s: %s" % (args, answer))
            check("firewall" in t.ask("/nicjit/xdp,0")["state"], "%s, %s: what ran before is not what is shown" % (args, command))
        check(t.quit() == 0, "testpmd ends with an error")


def sanitized(tmp):
    """The same under address and undefined behaviour sanitizers."""
    if not check(os.path.exists(ASAN + "/librte_net_nicjit.so"), "it is not built: make dpdk-sanitized"):
        return
    for args, test in (("wire=gen:64", "life 100"), ("wire=gen:64,damage_every=3", "life 60"), ("wire=gen:64,gone_after=3000", "life 60"), ("wire=gen:64,gone_after=3000", "dies"),
                       ("wire=gen:64,stuck_after=3000", "dies"), ("wire=loop", "unsendable"), ("wire=loop", "sums"),
                       ("wire=gen:200,thread=1", "life 40"), ("wire=gen:64,xdp_prog=%s/examples/firewall.o" % B, "exhausted"),
                       ("wire=gen:64,xdp_mode=host,xdp_prog=%s/examples/firewall.o" % B, "life 60")):
        code, text = app(args, test, plugin=ASAN, sanitize=True)
        check(code in (0, 1) and "Sanitizer" not in text and "runtime error" not in text, "%s %s ends with %d: %s" % (args, test, code, text[-1500:]))
    sanitized_testpmd()


def sanitized_testpmd():
    """Programs loaded and replaced, in the NIC and on the host, maps read and written."""
    before = dict(os.environ)
    os.environ.update(sanitizers())
    try:
        t = Testpmd("wire=gen:64,xdp_prog=%s/examples/firewall.o" % B, plugin=ASAN)
    finally:
        os.environ.clear()
        os.environ.update(before)
    t.do("start")
    for name in ("proto_count", "mac_swap", "flow_exporter", "firewall"):
        if name == "firewall":
            t.do("stop")  # packets would fill its table
        for mode in ("offload", "host"):
            check(t.ask("/nicjit/load,0,%s/examples/%s.o,,%s" % (B, name, mode)).get("mode") == mode, name + " " + mode)
            t.ask("/nicjit/trace,0")
    check(t.ask("/nicjit/map_update,0,flows,%s,%s" % ("01" * 16, "02" * 16)) == {"result": "done"}, "update")
    check(t.ask("/nicjit/map_lookup,0,flows,%s" % ("01" * 16)) == "02" * 16, "lookup")
    t.ask("/nicjit/map_dump,0,flows")
    t.quit()
    check("Sanitizer" not in t.text and "runtime error" not in t.text, t.text[-1500:])


def thousand(tmp):
    """A program replaced 1,000 times under load, and 40 times on the host: nothing is lost, no memory either."""
    t = Testpmd("wire=gen:64,step=8,xdp_prog=%s/examples/pass_all.o" % B)
    t.do("start")
    before = 0
    for i in range(1000):
        name = ("drop_all", "pass_all", "mac_swap")[i % 3]
        answer = t.ask("/nicjit/load,0,%s/examples/%s.o" % (B, name))
        if not check(isinstance(answer, dict) and name in answer["state"], "load %d of %s: %s" % (i, name, answer)):
            break
        before = t.resident() if i == 100 else before
    check(t.resident() - before < 2048, "%d KiB more after 900 programs" % (t.resident() - before))
    for i in range(50):
        check(t.ask("/nicjit/load,0,%s/examples/drop_all.o,,host" % B).get("mode") == "host", "load on the host")
        before = t.resident() if i == 10 else before
    check(t.resident() - before < 2048, "%d KiB more after 40 programs on the host" % (t.resident() - before))
    t.do("stop")
    t.do("port stop 0")
    x = t.xstats()
    accounts(x)
    check(x["xdp_offload_drop_packets"] and x["xdp_offload_tx_packets"] and x["xdp_offload_pass_packets"], "the programs did not run: %s" % x)
    check(t.quit() == 0, "testpmd ends with an error")


def abuse(tmp):
    """Telemetry with nonsense, also from several sides at once."""
    t = Testpmd("wire=gen:64,xdp_prog=%s/examples/firewall.o" % B)
    t.do("start")
    names = ["xdp", "load", "unload", "maps", "map_dump", "map_lookup", "map_update", "map_delete", "map_batch", "stage", "btf", "prog_dump", "trace", "why",
             "object", "ports", "routes", "map_pop"]
    words = ["0", "", "1", "-1", "99999999999999999999", "flows", "x" * 200, "00" * 16, "00" * 17, "=", "@", "@1", "%s%n", "a=b=c", B + "/examples/pass_all.o", "/dev/null",
             "README.md", "end", "auto", "0x", "\x7f", "ff" * 400, "9" * 900, "{}", "[0]", "1.5", "null", "-", "../../dev/zero"]

    def bother(seed):
        r = random.Random(seed)
        for _ in range(250):
            try:
                t.ask("/nicjit/" + r.choice(names) + "".join("," + r.choice(words) for _ in range(r.randrange(7))))
            except (ValueError, KeyError, OSError):
                pass  # what DPDK itself answers to a command that it does not take

    for name in names:
        if name not in ("ports", "stage"):
            for port in ("77", "-1", "0x0", "1.5", "null", "[0]", "{}", "9" * 500):
                check("there is no such port" in str(t.ask("/nicjit/%s,%s" % (name, port))), "%s of port %s: %s" % (name, port, t.ask("/nicjit/%s,%s" % (name, port))))
    for tail in ("x" * 1200, "0," + "1" * 5000, "," * 1000):  # a request has 1,023 bytes; what is beyond them is another one, or none
        for name in ("load", "map_update", "stage"):
            try:
                t.ask("/nicjit/%s,%s" % (name, tail))
            except (ValueError, KeyError, OSError):
                pass
    sides = [threading.Thread(target=bother, args=(n,)) for n in range(3)]
    for s in sides:
        s.start()
    for s in sides:
        s.join()
    check(t.alive(), "it died")
    answer = t.ask("/nicjit/load,0,%s/examples/drop_all.o" % B)
    check(isinstance(answer, dict) and answer["mode"] == "offload", "it does not load any more: %s" % answer)
    accounts_after(t)
    check(t.quit() == 0, "testpmd ends with an error")


def storm(tmp):
    """Telemetry of several sides asks and loads while the port stops, starts and gets other queues, and another one comes and goes."""
    sanitize = os.path.exists(ASAN + "/librte_net_nicjit.so")
    t = Testpmd("wire=gen:64", plugin=ASAN if sanitize else B + "/dpdk", environment=sanitizers() if sanitize else {}, options=["--rxq=2", "--txq=2"])
    over = threading.Event()

    def ask(seed):
        r = random.Random(seed)
        while not over.is_set():
            port, mode, name = r.randrange(2), r.choice(("offload", "host")), r.choice(("proto_count", "mac_swap", "firewall"))
            try:
                t.ask("/nicjit/" + r.choice(("load,%d,%s/examples/%s.o,,%s" % (port, B, name, mode), "map_dump,%d,0" % port, "maps,%d" % port, "xdp,%d" % port, "trace,%d" % port,
                                             "prog_dump,%d" % port, "unload,%d" % port)))
            except (ValueError, KeyError, OSError):
                pass

    sides = [threading.Thread(target=ask, args=(n,)) for n in range(3)]
    for s in sides:
        s.start()
    try:
        for turn in range(6):
            check("is attached" in t.do("port attach net_nicjit1,wire=gen:64"), "attach %d" % turn)
            t.do("port stop all")
            t.do("port config all rxq %d" % (1 + turn % 4))
            t.do("port config all txq %d" % (1 + turn % 4))
            t.do("port start all")
            t.do("start")
            time.sleep(0.1)
            t.do("stop")
            t.do("port stop all")
            check("done" in t.do("port detach 1").lower(), "detach %d" % turn)
            t.do("port start 0")
    finally:
        over.set()
        for s in sides:
            s.join()
    check(t.quit() == 0, "testpmd ends with an error")
    check("Sanitizer" not in t.text and "runtime error" not in t.text, t.text[-1500:])


def accounts_after(t):
    t.do("stop")
    t.do("port stop 0")
    accounts(t.xstats())


def secondary(tmp):
    """dpdk-proc-info sees port and counters of a process with hugepages; another application sets address, MTU and link, as the process itself sees then."""
    with open("/proc/sys/vm/nr_hugepages") as f:
        before = int(f.read())
    huge = tmp + "/huge"
    os.mkdir(huge)
    prefix = "nicjit-second%d" % os.getpid()
    if os.getuid() or subprocess.run(["mount", "-t", "hugetlbfs", "-o", "pagesize=2M", "nodev", huge], capture_output=True).returncode:
        print("note: no hugepages to be had, a secondary process was not tried")
        return
    primary = None
    try:
        subprocess.run(["sysctl", "-q", "vm.nr_hugepages=%d" % (before + 160)], check=True)
        env = dict(os.environ, LD_LIBRARY_PATH=B + "/dpdk")
        primary = subprocess.Popen(["dpdk-testpmd", "-m", "256", "--huge-dir", huge, "--no-pci", "-l", "0-1", "--file-prefix=" + prefix, "-d", "librte_net_nicjit.so",
                                    "--vdev=net_nicjit0,wire=pcap:%s,xdp_prog=%s/examples/firewall.o" % (REAL, B), "--", "--total-num-mbufs=2048", "--no-mlockall", "--stats-period=1"],
                                   env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(TIMEOUT):
            time.sleep(1)
            info = subprocess.run(["dpdk-proc-info", "--huge-dir", huge, "--no-pci", "--file-prefix=" + prefix, "--proc-type=secondary", "-d", "librte_net_nicjit.so",
                                   "--", "-p", "1", "--xstats"], env=env, capture_output=True, text=True, timeout=TIMEOUT)
            if "wire0_rx_packets: %d\n" % len(frames(REAL)) in info.stdout:
                break
        check(re.search(r"^wire0_rx_packets: %d$" % len(frames(REAL)), info.stdout, re.M), "its counters: " + (info.stdout + info.stderr)[-1500:])
        check(re.search(r"^xdp_offload_drop_packets: [1-9]", info.stdout, re.M), "the program's: " + info.stdout[-500:])
        ours = subprocess.run([B + "/dpdk/port", "--huge-dir", huge, "--no-pci", "--file-prefix=" + prefix, "--proc-type=secondary", "--no-telemetry", "-d", "librte_net_nicjit.so",
                               "--", "look"], env=env, capture_output=True, text=True, timeout=TIMEOUT)
        check(ours.returncode == 0, "ours ends with %d: %s" % (ours.returncode, (ours.stdout + ours.stderr)[-500:]))
        check(primary.poll() is None, "the primary process died")
        info = subprocess.run(["dpdk-telemetry.py", "-f", prefix], input="/ethdev/info,0\n/ethdev/link_status,0\nquit\n", capture_output=True, text=True).stdout
        for said in ('"mac_addr": "02:00:00:00:00:09"', '"mtu": 1400', '"promiscuous": 0', '"all_multicast": 0', '"status": "DOWN"'):
            check(said in info, "%s is not what the primary process has: %s" % (said, info))
        primary.terminate()
        primary.communicate()
        where = ["-m", "64", "--huge-dir", huge, "--no-pci", "--file-prefix=%s-told" % prefix, "--no-telemetry", "-d", "librte_net_nicjit.so"]
        primary = subprocess.Popen([B + "/dpdk/port", *where, "-l", "0-1", "--vdev=net_nicjit0,wire=gen:64", "--", "told"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        check(any(line == "ready\n" for line in primary.stdout), "a primary process of ours does not start")
        subprocess.run([B + "/dpdk/port", *where, "--proc-type=secondary", "--", "look"], env=env, capture_output=True, timeout=TIMEOUT)
        said = primary.communicate(timeout=TIMEOUT)[0]
        check(primary.returncode == 0, "who is told of a link that goes waits in vain: " + said)
    finally:
        if primary:
            primary.kill()
            primary.communicate()
        subprocess.run(["umount", huge])
        subprocess.run(["sysctl", "-q", "vm.nr_hugepages=%d" % before])


def dpdk_test(name, *devices):
    env = dict(os.environ, LD_LIBRARY_PATH=B + "/dpdk", DPDK_TEST=name)
    r = subprocess.run(["dpdk-test", "-l", "0-1", "--no-huge", "-m", "1024", "--no-pci", "--no-telemetry", "--file-prefix=nicjit-auto%d" % os.getpid(), "-d",
                        "librte_net_nicjit.so", *("--vdev=" + d for d in devices)], env=env, capture_output=True, text=True, timeout=2 * TIMEOUT)
    check(r.returncode == 0, r.stderr[-800:])
    return r.stdout


def autotest(tmp):
    """DPDK's own tests that take a port: the event device's transmit adapter over two of ours; cycles a packet, of as many as a link can have in two seconds."""
    text = dpdk_test("event_eth_tx_adapter_autotest", "net_nicjit0,wire=loop", "net_nicjit1,wire=loop", "event_sw0")
    check("Tests Failed :       0" in text and re.search(r"Tests Passed : +[1-9]", text), text[-800:])
    text = dpdk_test("pmd_perf_autotest", "net_nicjit0,wire=loop,speed=10")
    check("Test OK" in text and re.search(r"^29\d{3} packet, ", text, re.M) and re.search(r"^Result: [1-9]\d+ cycles per packet$", text, re.M), text[-800:])


def space(name, *words, **more):
    return subprocess.run(["ip", "netns", "exec", name, *words], capture_output=True, text=True, timeout=TIMEOUT, **more)


def iperf(t, a, b):
    """iperf3 over TCP, 2 MiB each way: what arrived crossed a NIC's wire. It stops counting when the sender is done, so some is still under way."""
    if not shutil.which("iperf3"):
        print("note: there is no iperf3")
        return
    server = subprocess.Popen(["ip", "netns", "exec", b, "iperf3", "-s", "--forceflush"], stdout=subprocess.PIPE, text=True)
    try:
        check(any("listening" in line for line in server.stdout), "iperf3 -s does not listen")
        for port, way in enumerate(([], ["-R"])):
            before = t.xstats(port)["wire0_rx_bytes"]
            r = space(a, "iperf3", "-c", "10.99.0.2", "-n", "2M", "-J", *way)
            end = json.loads(r.stdout).get("end", {})
            sent, received = (end.get("sum_" + x, {}).get("bytes", 0) for x in ("sent", "received"))
            check(r.returncode == 0 and sent >= 2 << 20 and 1 << 18 <= received <= t.xstats(port)["wire0_rx_bytes"] - before, "iperf3 %s: %s %s" % (way, {k: end[k] for k in end if k.startswith("sum")}, r.stderr[-300:]))
    finally:
        server.kill()
        server.communicate()


def bridge(tmp):
    """Two NICs bridged by testpmd, a network namespace on each side: ping and a TCP transfer cross; UDP is dropped by the program in the NIC."""
    if os.getuid() or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        print("note: no network namespaces without root, and in a root folder that is no mount")
        return
    a, b = "nicjit-a%d" % os.getpid(), "nicjit-b%d" % os.getpid()
    build(tmp + "/udp", '#include <linux/if_ether.h>\n#include <linux/ip.h>\nSEC("xdp") int prog(struct xdp_md *ctx) { void *d = (void *)(long)ctx->data, *e = (void *)(long)ctx->data_end;'
          'struct iphdr *ip = d + 14; return (void *)(ip + 1) <= e && ((struct ethhdr *)d)->h_proto == 8 && ip->protocol == 17 ? XDP_DROP : XDP_PASS; }')
    t = Testpmd("wire=tap:njta%d,xdp_prog=%s/udp.o" % (os.getpid() % 10000, tmp), more=["--vdev=net_nicjit1,wire=tap:njtb%d" % (os.getpid() % 10000)])
    try:
        for name, wire, address in ((a, "njta%d" % (os.getpid() % 10000), "10.99.0.1/24"), (b, "njtb%d" % (os.getpid() % 10000), "10.99.0.2/24")):
            for command in ("ip netns add " + name, "ip link set %s netns %s" % (wire, name)):
                subprocess.run(command.split(), check=True)
            for command in ("ip addr add %s dev %s" % (address, wire), "ip link set %s up" % wire, "ip link set lo up"):
                space(name, *command.split())
        t.do("start")
        r = space(a, "ping", "-c", "5", "-i", "0.2", "-W", "5", "10.99.0.2")
        check(" 0% packet loss" in r.stdout, "ping: " + r.stdout + r.stderr)
        data = os.urandom(300000)
        server = subprocess.Popen(["ip", "netns", "exec", b, "python3", "-c", "import socket,sys\ns=socket.create_server(('10.99.0.2',7))\nprint('up',flush=True)\n"
                                   "c=s.accept()[0]\nn=b''\nwhile True:\n x=c.recv(65536)\n if not x: break\n n+=x\nsys.stdout.write(n.hex())"], stdout=subprocess.PIPE, text=True)
        server.stdout.readline()
        sent = space(a, "python3", "-c", "import socket,sys\nc=socket.create_connection(('10.99.0.2',7))\nc.sendall(bytes.fromhex(sys.stdin.read()))", input=data.hex())
        check(sent.returncode == 0 and bytes.fromhex(server.communicate(timeout=TIMEOUT)[0]) == data, "a TCP transfer: " + sent.stderr)
        iperf(t, a, b)
        before = t.xstats()["xdp_offload_drop_packets"]
        space(a, "python3", "-c", "import socket\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n[s.sendto(b'x'*40,('10.99.0.2',9)) for _ in range(10)]")
        t.settled(lambda: t.xstats()["xdp_offload_drop_packets"], before + 10)
        check(t.xstats()["xdp_offload_drop_packets"] == before + 10, "10 UDP packets: %s dropped" % (t.xstats()["xdp_offload_drop_packets"] - before))
        check(t.quit() == 0, "testpmd ends with an error")
    finally:
        for name in (a, b):
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


if __name__ == "__main__":
    run_cases([("features", features), ("sleep", sleep), ("turns", turns), ("life", life), ("api", api), ("exhausted", exhausted), ("unsendable", unsendable), ("sums", sums), ("broken", broken), ("dead", dead), ("sanitized", sanitized), ("thousand", thousand),
               ("abuse", abuse), ("storm", storm), ("secondary", secondary), ("autotest", autotest), ("bridge", bridge)])

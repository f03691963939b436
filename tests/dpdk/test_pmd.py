# SPDX-License-Identifier: Apache-2.0
"""The poll-mode driver under stock DPDK programs."""
import collections
import json
import os
import re
import shutil
import struct
import subprocess
import threading
import time

from cases import accounts, build, check, frames, run_cases
from testpmd import B, Testpmd

REAL = "bpf-examples/real/real.pcap"
RESIZING = ("too_big",)


def routes(example):
    path = "bpf-examples/%s/routes.json" % example
    return path if os.path.exists(path) else None


def expected(example, tmp):
    """What the NIC alone, with its host streams, hands to the host and sends: nicsim."""
    more = ["--fib", routes(example)] if routes(example) else []
    host, tx = tmp + "/host.pcap", [tmp + "/tx%d.pcap" % wire for wire in (0, 1)]
    subprocess.run([B + "/nicsim", "--fw", "%s/examples/%s.fw" % (B, example), "--model", "iss", "--rx", REAL, "--tx", "0:" + tx[0], "--tx", "1:" + tx[1], "--host", host,
                    "--json", *more], check=True, stdout=subprocess.DEVNULL)
    return frames(host), [f for name in tx for f in frames(name)]


def check_bytes(x, mode, host, tx):
    """Those of the verdicts are the bytes that crossed, where no program makes a packet longer or shorter."""
    count = {v: x["xdp_%s_%s_bytes" % (mode, v)] for v in ("aborted", "drop", "pass", "tx", "redirect")}
    all_in, to_host, sent = (sum(map(len, some)) for some in (frames(REAL), host, tx))
    check(count["pass"] == to_host and count["tx"] + count["redirect"] == sent and sum(count.values()) == all_in,
          "bytes of verdicts %s, of frames: in %d, to the host %d, sent %d" % (count, all_in, to_host, sent))
    check(x["wire0_rx_bytes"] == all_in and x["rx_good_bytes"] == (x["host_bytes"] if mode == "host" else to_host), "bytes received")


def run(example, model, mode, tmp):
    """Frames through a program whose verdicts don't depend on their order, in the NIC or on the host, and from the port to a capture."""
    want_host, want_tx = expected(example, tmp)
    out, tx = tmp + "/out.pcap", [tmp + "/wire%d.pcap" % wire for wire in (0, 1)]
    fib = ",xdp_fib=" + routes(example) if routes(example) else ""
    t = Testpmd("model=%s,wire=pcap:%s:%s,wire1=pcap::%s,xdp_mode=%s,xdp_prog=%s/examples/%s.o%s" % (model, REAL, *tx, mode, B, example, fib),
                more=["--vdev=net_pcap0,tx_pcap=" + out])
    t.do("start")
    x = t.xstats()
    t.settled(lambda: t.xstats()["wire0_rx_packets"], len(frames(REAL)))
    if mode == "offload":
        t.settled(lambda: t.xstats()["rx_good_packets"], len(want_host))
    else:
        t.settled(lambda: t.xstats()["xdp_host_pass_packets"], len(want_host))
        t.settled(lambda: t.xstats()["wire0_tx_host_packets"] + t.xstats()["wire1_tx_host_packets"], len(want_tx))
    x = t.xstats()
    check(("XDP offloaded: " if mode == "offload" else "XDP on the host: ") in t.do("show rxq info 0 0"), "the state is not shown")
    accounts(x)
    if example not in RESIZING:
        check_bytes(x, mode, want_host, want_tx)
    check(t.quit() == 0, "testpmd ends with an error: " + t.text[-300:])
    got = frames(out)
    check(collections.Counter(got) == collections.Counter(want_host), "%d frames for the host, %d wanted" % (len(got), len(want_host)))
    got = [f for name in tx for f in frames(name)]
    check(collections.Counter(got) == collections.Counter(want_tx), "%d frames sent by the program, %d wanted" % (len(got), len(want_tx)))


def queues(tmp):
    """Flows are spread over the queues, of rings that get their next power of two; stop, start and restart of single queues."""
    t = Testpmd("wire=gen:64", options=["--rxq=4", "--txq=4", "--rxd=200", "--txd=1000"])
    check("Number of RXDs: 256" in t.do("show rxq info 0 3") and "Number of TXDs: 1024" in t.do("show txq info 0 3"), "sizes of the rings")
    t.do("set fwd rxonly")
    t.do("start")
    t.settled(lambda: t.xstats()["rx_good_packets"] > 4000, True)
    x = t.xstats()
    check(all(x["rx_q%d_packets" % q] > 500 for q in range(4)), "queues get %s" % [x["rx_q%d_packets" % q] for q in range(4)])
    t.do("stop")
    check("stopped" in t.do("port 0 rxq 1 stop") + t.do("show rxq info 0 1"), "a queue does not stop")
    t.do("start")
    t.settled(lambda: t.xstats()["host_q1_queue_off_packets"] > 100, True)
    t.do("stop")
    x = t.xstats()
    of_queue = [{k: x["host_q%d_%s_packets" % (q, k)] for k in ("queue_off", "no_buffer", "completions_full", "small_buffer")} for q in range(4)]
    check(of_queue[1]["queue_off"] > 100 and all(of_queue[q]["queue_off"] == 0 for q in (0, 2, 3)), "of the queue that is off: %s" % of_queue)
    for cause in of_queue[0]:
        check(sum(c[cause] for c in of_queue) == x["host_%s_packets" % cause], "%s of the queues and of all: %s" % (cause, of_queue))
    check(all(0 <= x["host_q%d_packets" % q] - x["rx_q%d_packets" % q] <= 256 for q in (0, 2, 3)), "packets of the queues: %s" % x)
    t.do("port 0 rxq 1 start")
    for command in ("port stop 0", "port start 0", "start", "stop", "port stop 0", "port start 0"):
        text = t.do(command)
        check("Fail" not in text and "error" not in text.lower(), "%s: %s" % (command, text))
    before = t.xstats()["rx_good_packets"]
    t.do("start")
    t.settled(lambda: t.xstats()["rx_good_packets"] > before + 1000, True)
    check(t.xstats()["rx_good_packets"] > before + 1000, "nothing is received after a restart")
    check(t.quit() == 0, "testpmd ends with an error")


def rss(tmp):
    """Key and table can be read and set; turned off, all frames come by queue 0, and turned on again as the table says."""
    t = Testpmd("wire=gen:64", options=["--rxq=4", "--txq=4"])
    t.do("set fwd rxonly")
    key = "11" * 40
    t.do("port config 0 rss-hash-key ipv4 " + key)
    check(key in t.do("show port 0 rss-hash key").lower(), "the key is not the one that was set")
    for at in range(0, 128, 8):
        t.do("port config 0 rss reta " + ",".join("(%d,2)" % i for i in range(at, at + 8)))
    t.do("port config 0 rss reta (5,1),(64,3)")
    table = re.findall(r"hash index=(\d+), queue=(\d+)", t.do("show port 0 rss reta 128 (0xffffffffffffffff,0xffffffffffffffff)"))
    check([int(queue) for _, queue in table] == [{5: 1, 64: 3}.get(i, 2) for i in range(128)], "two entries changed, and the table is %s" % table)
    t.do("port config 0 rss reta (5,2),(64,2)")
    t.do("clear port xstats 0")
    t.do("start")
    t.settled(lambda: t.xstats()["rx_good_packets"] > 1000, True)
    x = t.xstats()
    check(x["rx_q2_packets"] > 900 and sum(x["rx_q%d_packets" % q] for q in (0, 1, 3)) < 100, "the table does not hold: %s" % x)
    check("return code = -22" in t.do("port config 0 rss reta (5,4)"), "a queue that is not there: " + t.text[-300:])
    for kinds, queue in (("none", 0), ("all", 2)):
        t.do("stop")
        t.do("port config all rss " + kinds)
        check(("RSS disabled" in t.do("show port 0 rss-hash")) == (queue == 0), kinds + ": what is said of it")
        t.settled(lambda: t.xstats()["wire0_rx_packets"])
        t.do("clear port xstats 0")
        t.do("start")
        t.settled(lambda: t.xstats()["rx_good_packets"] > 1500, True)
        x = t.xstats()
        check(x["rx_q%d_packets" % queue] > 1000 and sum(x["rx_q%d_packets" % q] for q in range(4) if q != queue) < 400, "rss %s: %s" % (kinds, [x["rx_q%d_packets" % q] for q in range(4)]))
    check(t.quit() == 0, "testpmd ends with an error")


def swaps(tmp):
    """Programs replaced under traffic: nothing is lost, and every frame has one verdict."""
    t = Testpmd("wire=gen:64,xdp_prog=%s/examples/pass_all.o" % B)
    t.do("start")
    for i in range(60):
        name = ("drop_all", "pass_all", "firewall", "mac_swap", "proto_count")[i % 5]
        answer = t.ask("/nicjit/load,0,%s/examples/%s.o" % (B, name))
        check(isinstance(answer, dict) and answer.get("mode") == "offload" and name in answer["state"], "load of %s: %s" % (name, answer))
    check(t.ask("/nicjit/unload,0")["mode"] == "none", "unload")
    t.do("stop")
    t.do("port stop 0")
    x = t.xstats()
    accounts(x)
    check(x["xdp_offload_drop_packets"] and x["xdp_offload_tx_packets"], "the programs did not run: %s" % x)
    check(t.quit() == 0, "testpmd ends with an error")


def dump(t, name):
    """All entries, page by page; the program puts in more meanwhile."""
    entries, page = [], t.ask("/nicjit/map_dump,0," + name)
    while isinstance(page, str) and page and len(entries) < 5000:
        entries += [e.split(" ") for e in page.split(";")[:-1]]
        page = t.ask("/nicjit/map_dump,0,%s,%s" % (name, entries[-1][0]))
    return entries


def maps(tmp):
    """Maps of the program in the NIC, read and written while it runs."""
    t = Testpmd("wire=pcap:%s,xdp_prog=%s/examples/firewall.o" % (REAL, B))
    t.do("start")
    t.settled(lambda: t.xstats()["wire0_rx_packets"], len(frames(REAL)))
    listed = t.ask("/nicjit/maps,0")
    check(listed["0"]["name"] == "flows" and listed["0"]["key_size"] == 16, "the maps are %s" % listed)
    key, value = "0102030405060708090a0b0c0d0e0f10", "11" * 16
    check(t.ask("/nicjit/map_update,0,flows,%s,%s" % (key, value)) == {"result": "done"}, "update")
    check(t.ask("/nicjit/map_lookup,0,flows,%s" % key) == value, "lookup")
    check([key, value] in dump(t, "flows"), "dump")
    check("exists" in t.ask("/nicjit/map_update,0,0,%s,%s,1" % (key, value)).get("error", ""), "update with NOEXIST")
    check(t.ask("/nicjit/map_delete,0,flows,%s" % key) == {"result": "done"}, "delete")
    check("No such" in t.ask("/nicjit/map_lookup,0,flows,%s" % key).get("error", ""), "lookup of what is deleted")
    for bad in ("/nicjit/map_lookup,0,flows,12", "/nicjit/map_lookup,0,nothing,12", "/nicjit/map_update,0,flows,%s" % key, "/nicjit/load,0",
                "/nicjit/load,0,README.md", "/nicjit/xdp,99", "/nicjit/xdp,x", "/nicjit/xdp,", "/nicjit/map_dump,0,flows,zz",
                "/nicjit/map_update,0,flows,%s,%s,x" % (key, value), "/nicjit/map_update,0,flows,%s,%s,-1" % (key, value), "/nicjit/map_batch,0,flows,1x,%s" % key,
                "/nicjit/map_lookup,0,flows,%s,-" % key, "/nicjit/btf,0,x", "/nicjit/prog_dump,0,1x"):
        check("error" in t.ask(bad), bad)
    check(t.ask("/nicjit/map_lookup,0,flows,%s" % key) == {"error": "No such file or directory"}, "what is wrong has written")
    check(t.alive(), "it died")
    check(t.quit() == 0, "testpmd ends with an error")


def later_routes(tmp):
    """Routes by telemetry, in the NIC and on the host, for a program that has none; files that are none."""
    want_host, want_tx = expected("router", tmp)
    for mode in ("offload", "host"):
        tx = [tmp + "/%s%d.pcap" % (mode, wire) for wire in (0, 1)]
        t = Testpmd("wire=pcap:%s:%s,wire1=pcap::%s,xdp_mode=%s,xdp_prog=%s/examples/router.o" % (REAL, *tx, mode, B))
        check(t.ask("/nicjit/routes,0," + routes("router")).get("mode") == mode, mode + ": routes")
        for file in ("/nowhere", "README.md"):
            check("error" in t.ask("/nicjit/routes,0," + file) and file in "".join(t.ask("/nicjit/routes,0," + file)), mode + ": routes of " + file)
        check("error" in t.ask("/nicjit/routes,0"), "no file")
        t.do("set fwd rxonly")
        t.do("start")
        t.settled(lambda: t.xstats()["xdp_%s_redirect_packets" % mode] + t.xstats()["xdp_%s_pass_packets" % mode], len(frames(REAL)))
        t.settled(lambda: sum(t.xstats()["wire%d_tx_packets" % n] for n in (0, 1)), len(want_tx))
        check(t.quit() == 0, "testpmd ends with an error")
        got = [f for name in tx for f in frames(name)]
        check(collections.Counter(got) == collections.Counter(want_tx), "%s: %d frames sent, %d wanted" % (mode, len(got), len(want_tx)))


def spoilt_routes(tmp):
    """A program whose routes can't be read any more when it is loaded: nothing runs, neither it nor the one before."""
    build(tmp + "/lookup", """struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 3); __type(key, __u32); __type(value, __u64); } other SEC(".maps");
SEC("xdp") int prog(struct xdp_md *ctx)
{
	struct bpf_fib_lookup where = {.family = 2, .ifindex = ctx->ingress_ifindex};
	bpf_fib_lookup(ctx, &where, sizeof(where), 0);
	__u32 zero = 0;
	__u64 *n = bpf_map_lookup_elem(&other, &zero);
	return n && *n ? XDP_PASS : XDP_DROP;
}""")
    file = tmp + "/routes.json"
    shutil.copy(routes("router"), file)
    t = Testpmd("wire=gen:64,xdp_mode=offload,xdp_fib=%s,xdp_prog=%s/examples/router.o" % (file, B))
    t.do("set fwd rxonly")
    check(t.ask("/nicjit/xdp,0")["mode"] == "offload", "routes that are good")
    with open(file, "w") as f:
        f.write("[{")
    answer = t.ask("/nicjit/load,0,%s/lookup.o" % tmp)
    check("error" in answer and file in "".join(answer), "a file that is spoilt: %s" % answer)
    check(t.ask("/nicjit/xdp,0")["mode"] == "none", "something runs: %s" % t.ask("/nicjit/xdp,0"))
    t.do("start")
    t.settled(lambda: t.xstats()["rx_good_packets"] > 100, True)
    x = t.xstats()
    check(x["rx_good_packets"] > 100 and not x["xdp_offload_drop_packets"], "frames are dropped by a program that is not there: %s" % x)
    check(t.quit() == 0, "testpmd ends with an error")


def build_locked(tmp, kind):
    """An object with a map of that kind, of values with a lock in them."""
    build(tmp + "/locked", """
struct value { struct bpf_spin_lock lock; __u32 a; __u64 b; };
struct { __uint(type, BPF_MAP_TYPE_%s); __uint(max_entries, 1); __type(key, __u32); __type(value, struct value); } locked SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } plain SEC(".maps");
SEC("xdp") int prog(struct xdp_md *ctx)
{
	__u32 zero = 0, a;
	struct value *v = bpf_map_lookup_elem(&locked, &zero);
	__u64 *p = bpf_map_lookup_elem(&plain, &zero), b;
	if (!v || !p)
		return XDP_PASS;
	bpf_spin_lock(&v->lock);
	a = ++v->a;
	b = ++v->b;
	bpf_spin_unlock(&v->lock);
	return a == (__u32)b ? XDP_DROP : XDP_ABORTED;
}
""" % kind)


def locked(tmp):
    """BPF_F_LOCK: what the host writes under traffic, a program that holds the lock sees whole or not at all; the lock itself it never writes."""
    for kind in ("HASH", "ARRAY"):
        locked_in(tmp, kind)


def locked_in(tmp, kind):
    build_locked(tmp, kind)
    lock = 4
    for mode in ("offload", "host"):
        t = Testpmd("wire=gen:64,xdp_mode=%s,xdp_prog=%s/locked.o" % (mode, tmp))
        t.do("start")
        value = lambda n: struct.pack("<IIQ", 77, n, n).hex()
        check(t.ask("/nicjit/map_update,0,locked,00000000,%s,0" % value(1)) == {"result": "done"}, mode + ": the first")
        for n in range(20):
            answer = t.ask("/nicjit/map_update,0,locked,00000000,%s,%d" % (value(1000000 * n), lock))
            check(answer == {"result": "done"}, "%s: %s" % (mode, answer))
        done = subprocess.run([B + "/nicctl", "-f", t.prefix, "map", "update", "locked", "0", '{"a": 19000000, "b": 19000000}', "lock"], capture_output=True, text=True)
        check(done.returncode == 0, "%s: nicctl: %s" % (mode, done.stderr))
        check("Invalid" in t.ask("/nicjit/map_update,0,plain,00000000,%s,%d" % ("00" * 8, lock)).get("error", ""), mode + ": a map without lock")
        t.settled(lambda: t.xstats()["xdp_%s_drop_packets" % mode] > 100, True)
        t.do("stop")
        t.do("port stop 0")  # a lookup takes no lock, and must not meet a program that holds it
        back = struct.unpack("<IIQ", bytes.fromhex(t.ask("/nicjit/map_lookup,0,locked,00000000")))
        x = t.xstats()
        check(back[0] == 0 and back[1] == back[2] >= 19000000, "%s: %s" % (mode, back))
        check(x["xdp_%s_drop_packets" % mode] > 100 and x["xdp_%s_aborted_packets" % mode] == 0, "%s: %s seen in part" % (mode, x["xdp_%s_aborted_packets" % mode]))
        check(t.quit() == 0, "testpmd ends with an error")


def later(t, clocks=20000):
    """Packets that the program has dropped when so many clocks of the NIC have gone by."""
    end = t.xstats()["cycles"] + clocks
    t.settled(lambda: t.xstats()["cycles"] > end, True)
    return t.xstats()["xdp_offload_drop_packets"]


def link_down(tmp):
    """A link that is down stays so while telemetry writes values for which the NIC rests, and goes on."""
    build_locked(tmp, "ARRAY")
    t = Testpmd("wire=gen:64,xdp_prog=%s/locked.o" % tmp)
    t.do("start")
    over = threading.Event()

    def write():
        while not over.is_set():
            t.ask("/nicjit/map_update,0,locked,00000000,%s" % ("00" * 16))
            time.sleep(0.002)

    side = threading.Thread(target=write)
    side.start()
    try:
        late = []
        for turn in range(8):
            t.do("set link-down port 0")
            before = later(t)  # what the NIC had has ended
            late.append(later(t) - before)
            t.do("set link-up port 0")
    finally:
        over.set()
        side.join()
    check(max(late) == 0, "packets while the link was down: %s" % late)
    check(t.quit() == 0, "testpmd ends with an error")


def fallback(tmp):
    """A map larger than the NIC's memory: the host runs the program, says why, and its maps are there."""
    build(tmp + "/large", 'struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 300000000); __type(key, int); __type(value, long); } large SEC(".maps");'
          'SEC("xdp") int prog(struct xdp_md *ctx) { int k = 299999999; long *v = bpf_map_lookup_elem(&large, &k);'
          'if (!v) return XDP_ABORTED; __sync_fetch_and_add(v, 1); return *v & 1 ? XDP_DROP : XDP_PASS; }')
    t = Testpmd("wire=gen:64,xdp_prog=%s/large.o" % tmp)
    check("runs on the host, the NIC can't" in t.text and "does not fit" in t.text, "the reason is not said: " + t.text)
    check(t.ask("/nicjit/xdp,0")["mode"] == "host", "the mode")
    t.do("start")
    t.settled(lambda: t.xstats()["rx_good_packets"] > 2000, True)
    t.do("stop")
    x = t.xstats()
    check(abs(x["xdp_host_drop_packets"] - x["xdp_host_pass_packets"]) <= 1, "verdicts: %s" % x)
    count = bytes.fromhex(t.ask("/nicjit/map_lookup,0,large,ffa2e111"))
    check(struct.unpack("<Q", count)[0] == x["xdp_host_drop_packets"] + x["xdp_host_pass_packets"], "the map's count")
    check(isinstance(t.ask("/nicjit/load,0,%s/large.o,,offload" % tmp), list), "it is offloaded")
    check(t.ask("/nicjit/load,0,%s/examples/drop_all.o" % B)["mode"] == "offload", "back to the NIC")
    t.do("start")
    check(t.ask("/nicjit/unload,0")["mode"] == "none", "unload")
    t.do("clear port xstats 0")
    t.settled(lambda: t.xstats()["rx_good_packets"] > 500, True)
    x = t.xstats()
    check(x["rx_good_packets"] > 500 and x["xdp_offload_drop_packets"] == 0, "behind unload the NIC is not plain: %s" % x)
    check(t.quit() == 0, "testpmd ends with an error")


def left_out(tmp):
    """A program that no slot has to hold and that is not safe stays out of the NIC, by name; the others are offloaded."""
    build(tmp + "/slots", 'struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 2); __type(key, int); __type(value, int); } slots SEC(".maps");'
          'SEC("xdp") int prog(struct xdp_md *ctx) { bpf_tail_call(ctx, &slots, 1); return XDP_DROP; }'
          'SEC("xdp") int unsafe(struct xdp_md *ctx) { return *(int *)(long)ctx->data; }')
    t = Testpmd("wire=gen:64,xdp_mode=offload,xdp_sec=prog,xdp_prog=%s/slots.o" % tmp)
    check("unsafe is left out, so no slot of a PROG_ARRAY can hold it: " in t.text, "what is left out is not said: " + t.text)
    check(t.ask("/nicjit/xdp,0")["mode"] == "offload", "the mode")
    t.do("start")
    t.settled(lambda: t.xstats()["xdp_offload_drop_packets"] > 100, True)
    check(t.quit() == 0, "testpmd ends with an error")


def link(tmp):
    """Two ports at the ends of a link: of one process, where frames go round and round, and of two, where a capture crosses either way, also when the end that came
    first goes and comes back."""
    cable = "wire=link:%s/cable" % tmp
    t = Testpmd(cable, more=["--vdev=net_nicjit1," + cable])
    t.do("start tx_first 1")
    t.settled(lambda: min(t.xstats(n)["rx_good_packets"] for n in (0, 1)) > 300, True)
    check(min(t.xstats(n)["rx_good_packets"] for n in (0, 1)) > 300, "frames don't go round")
    check(t.quit() == 0, "testpmd ends with an error")
    for turn in range(2):
        out = [tmp + "/%d_%d.pcap" % (turn, end) for end in (0, 1)]
        there = Testpmd(cable, more=["--vdev=net_nicjit1,wire=pcap:%s:%s" % (REAL, out[0])])
        if turn:  # one that comes and goes before
            check(Testpmd("wire=gen:64,wire1=" + cable[5:]).quit() == 0, "an end that goes")
        here = Testpmd("wire=pcap:%s:%s" % (REAL, out[1]), more=["--vdev=net_nicjit1," + cable])
        there.do("start")
        here.do("start")
        for end, port in ((there, 1), (here, 0)):
            end.settled(lambda: end.xstats(port)["wire0_tx_packets"], len(frames(REAL)))
        check(here.quit() == 0 and there.quit() == 0, "testpmd ends with an error")
        for name in out:
            check(collections.Counter(frames(name)) == collections.Counter(frames(REAL)), "turn %d: not the frames that were sent" % turn)
    t = Testpmd("wire=link:/nowhere/cable")
    check("link: there is no socket" in t.text, t.text[-300:])
    t.quit()


def other_queue(tmp):
    """A program on the host that sends each packet to the other queue, by XSKMAP; what is in neither slot stays."""
    build(tmp + "/other", 'struct { __uint(type, BPF_MAP_TYPE_XSKMAP); __uint(max_entries, 4); __type(key, int); __type(value, int); } queues SEC(".maps");'
          'SEC("xdp") int prog(struct xdp_md *ctx) { return bpf_redirect_map(&queues, ctx->rx_queue_index ^ 1, XDP_PASS); }')
    t = Testpmd("wire=gen:64,xdp_mode=host,xdp_prog=%s/other.o" % tmp, options=["--rxq=2", "--txq=2"])
    check(t.ask("/nicjit/map_update,0,queues,00000000,00000000") == {"result": "done"}, "update")
    check("Invalid argument" in str(t.ask("/nicjit/map_update,0,queues,01000000,00010000")), "a queue that is not there")
    t.do("set fwd rxonly")
    t.do("start")
    t.settled(lambda: t.xstats()["xdp_host_redirect_packets"] > 500, True)
    t.do("stop")
    x = t.xstats()
    check(x["xdp_host_redirect_packets"] == x["rx_q1_packets"] and x["xdp_host_pass_packets"] == x["rx_q0_packets"], "verdicts: %s" % x)
    got = int(re.findall(r"Accumulated forward statistics for all ports\S*\s+RX-packets: (\d+)", t.text)[-1])
    kept = x["rx_good_packets"] - x["xdp_host_lost_packets"] - got
    check(0 <= kept <= 512, "received %d, at the application %d, lost %d" % (x["rx_good_packets"], got, x["xdp_host_lost_packets"]))
    check(got > x["xdp_host_pass_packets"], "none came by the other queue")
    check(t.quit() == 0, "testpmd ends with an error")


def broadcast(tmp):
    """To all ports of a map, or all but its own, in the NIC and on the host: each gets a copy."""
    build(tmp + "/all", """#include <linux/if_ether.h>
#include <linux/ip.h>
struct { __uint(type, BPF_MAP_TYPE_DEVMAP); __uint(max_entries, 8); __type(key, __u32); __type(value, __u32); } ports SEC(".maps");
SEC("xdp") int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	if ((void *)(ip + 1) > (void *)(long)ctx->data_end || ((struct ethhdr *)data)->h_proto != 8)
		return XDP_PASS;
	return ip->protocol == 17 ? bpf_redirect_map(&ports, 0, BPF_F_BROADCAST) : ip->protocol == 6 ? bpf_redirect_map(&ports, 0, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS) : XDP_PASS;
}""")
    udp, tcp = ([f for f in frames(REAL) if f[12:14] == b"\x08\0" and f[23] == protocol] for protocol in (17, 6))
    check(udp and tcp, "frames of both kinds")
    want = [collections.Counter(f) for f in (udp, udp + tcp)]
    for mode in ("offload", "host"):
        tx = [tmp + "/%s%d.pcap" % (mode, wire) for wire in (0, 1)]
        t = Testpmd("wire=pcap:%s:%s,wire1=pcap::%s,xdp_mode=%s,xdp_prog=%s/all.o" % (REAL, *tx, mode, tmp))
        for key, wire in ((1, 2), (6, 1), (7, 2), (3, 1), (2, 2), (2, 0)):
            check(t.ask("/nicjit/map_update,0,ports,%02x000000,%02x000000" % (key, wire)) == {"result": "done"}, mode + ": update")
        for wire in ("03000000", "09000000", "00000080", "ffffffff"):  # Linux: an interface that is not there
            check("Invalid argument" in str(t.ask("/nicjit/map_update,0,ports,01000000," + wire)), "%s: interface %s" % (mode, wire))
        check(t.ask("/nicjit/map_delete,0,ports,03000000") == {"result": "done"}, mode + ": delete")
        t.do("set fwd rxonly")
        t.do("start")
        for wire in (0, 1):
            t.settled(lambda: t.xstats()["wire%d_tx_packets" % wire], sum(want[wire].values()))
        x = t.xstats()
        check(x["xdp_%s_redirect_packets" % mode] == len(udp + tcp) and not x["xdp_host_lost_packets"], "%s: %s" % (mode, x))
        check(t.quit() == 0, "testpmd ends with an error")
        got = [collections.Counter(frames(name)) for name in tx]
        check(got == want, "%s: %s frames, not %s" % (mode, [sum(g.values()) for g in got], [sum(w.values()) for w in want]))


def no_way_out(tmp):
    """One of two queues does not transmit: what a program on the host sends back by it is lost and counted, and no buffer with it."""
    t = Testpmd("wire=gen:64,xdp_mode=host,xdp_prog=%s/examples/mac_swap.o" % B, options=["--rxq=2", "--txq=2"])
    t.do("port 0 txq 1 stop")
    t.do("set fwd rxonly")
    t.do("start")
    t.settled(lambda: t.xstats()["xdp_host_tx_packets"] > 6000, True)
    t.do("stop")
    t.do("port stop 0")
    x = t.xstats()
    lost, sent = x["xdp_host_lost_packets"], x["wire0_tx_host_packets"]
    check(x["rx_q1_packets"] > 2000 and x["xdp_host_tx_packets"] == x["rx_good_packets"] == lost + sent and lost >= x["rx_q1_packets"] and sent > 1000,
          "of the queues %d and %d, lost %d, sent %d" % (x["rx_q0_packets"], x["rx_q1_packets"], lost, sent))
    check(x["rx_mbuf_allocation_errors"] == 0, "buffers ran out")
    check(t.quit() == 0, "testpmd ends with an error")


def refused(tmp):
    """An object that neither can run: the port works, and says why."""
    build(tmp + "/refused", 'SEC("xdp") int prog(struct xdp_md *ctx) { char n[16]; return bpf_get_current_comm(n, 16) ? 1 : 2; }')
    t = Testpmd("wire=gen:64,xdp_prog=%s/refused.o" % tmp)
    check("does not run" in t.text and "get_current_comm" in t.text, "the reason is not said: " + t.text)
    check("no XDP" in t.do("show rxq info 0 0"), "the state")
    t.do("start")
    t.settled(lambda: t.xstats()["rx_good_packets"] > 100, True)
    check(t.xstats()["rx_good_packets"] > 100, "it receives nothing")
    check(t.quit() == 0, "testpmd ends with an error")


def wrong(tmp):
    """Wrong arguments: one sentence, and no port; on the command line, and to a process that runs."""
    t = Testpmd("colour=1")
    check("arguments are" in t.text and "net_nicjit" not in t.do("show port summary all"), t.text[-500:])
    t.quit()
    t = Testpmd("wire=loop")
    for args, says in (("model=vhdl", "a model is"), ("cores=0", "1 to 16"), ("cores=x", "1 to 16"), ("wire=nothing", "a wire is"), ("mac=1", "an address"),
                       ("wire=pcap:/nowhere.pcap", "nowhere"), ("wire3=gen", "does not have"), ("colour=1", "arguments are"), ("wire=gen:5", "60 to 1514"), ("mac=01:00:00:00:00:01", "of no group"), ("mac=00:00:00:00:00:00", "of no group"), ("cores=17", "1 to 16"), ("ports=5", "1 to 4"), ("ports=0", "1 to 4"), ("thread=2", "1 to 1"), ("model=rtl,cores=3", "cores"), ("wire", "needs a value"),
                       ("wire=loop,wire=loop", "each once"), ("xdp_sec=x", "xdp_prog="), ("xdp_entries=a:1", "xdp_prog="),
                       ("step=0", "1 to"), ("xdp_mode=fast", "auto, offload or host"), ("speed=7", "it is that of a link")):
        said = t.do("port attach net_nicjit1," + args)
        check(says in said and "is attached" not in said, "%s: %s" % (args, said))
    check("Number of available ports: 1" in t.do("show port summary all"), "a port more")
    check(t.quit() == 0, "testpmd ends with an error")


def plugs(tmp):
    """Ports come and go, and what they had is given back; also one whose device is gone."""
    t = Testpmd("wire=gen:64")
    for turn in range(8):
        check("is attached" in t.do("port attach net_nicjit1,wire=gen:64,cores=1,xdp_prog=%s/examples/firewall.o%s" % (B, ",gone_after=40000" if turn % 2 else "")), "attach")
        t.do("port stop 1")
        t.do("port start 1")
        t.do("start")
        t.settled(lambda: t.xstats()["rx_good_packets"] > 100 * turn, True)
        t.do("stop")
        t.do("port stop 1")
        check("done" in t.do("port detach 1").lower(), "detach")
        before = t.resident() if turn < 4 else before
    check(t.resident() - before < 4096, "%d KiB more after 4 ports" % (t.resident() - before))
    check(t.quit() == 0, "testpmd ends with an error")


def loop(tmp):
    """Frames sent come back; lengths from 60 to 1514, in one and in several segments."""
    t = Testpmd("wire=loop")
    for length in ("64", "100", "1514", "64,40,200", "1,1,62"):
        t.do("set txpkts " + length)
        before = t.xstats()
        t.do("start tx_first 2")
        t.settled(lambda: t.xstats()["rx_good_packets"] >= before["rx_good_packets"] + 64, True)
        t.do("stop")
        x = t.xstats()
        check(x["rx_good_packets"] >= before["rx_good_packets"] + 64, "%s: %d come back" % (length, x["rx_good_packets"] - before["rx_good_packets"]))
        t.do("clear port xstats 0")
    check(t.quit() == 0, "testpmd ends with an error")


def info(tmp):
    """What it says of itself, and what the plug-in says without being loaded."""
    t = Testpmd("wire=loop,mac=02:11:22:33:44:55")
    text = t.do("show port info 0")
    check("02:11:22:33:44:55" in text and "100 Gbps" in text and "net_nicjit" in text, text)
    check("x 16 threads" in t.do("show port info 0"), "firmware version")
    said = subprocess.run(["dpdk-telemetry.py", "-f", t.prefix], input="/nicjit/xdp,0\n/nicjit/ports\n/ethdev/dump_priv,0\nquit\n", capture_output=True, text=True)
    check('"mode": "none"' in said.stdout and '"/nicjit/ports": [0]' in re.sub(r"\s+", " ", said.stdout).replace("[ 0 ]", "[0]") and "no XDP" in said.stdout,
          "dpdk-telemetry.py: " + said.stdout + said.stderr)
    check(t.quit() == 0, "testpmd ends with an error")
    said = subprocess.run(["dpdk-pmdinfo.py", B + "/dpdk/librte_net_nicjit.so"], capture_output=True, text=True)
    drivers = {d["name"]: d for d in json.loads(said.stdout or "[]")}
    check(set(drivers) == {"net_nicjit", "net_nicjit_pci"} and drivers["net_nicjit_pci"]["pci_ids"], "dpdk-pmdinfo.py: " + said.stdout + said.stderr)
    check_guide(re.findall(r"(\w+)=", drivers["net_nicjit"]["params"]))


def check_guide(arguments):
    """The guide is what DPDK's tools can read; each argument has its place there, with an example."""
    with open("docs/dpdk/nicjit.rst") as f:
        guide = f.read()
    try:
        from docutils.core import publish_doctree
        publish_doctree(guide, settings_overrides={"report_level": 2, "halt_level": 2})
    except ImportError:
        print("note: there is no docutils to read the guide")
    sections = re.findall(r"^((?:``\w+``(?:, | \.\. )?)+) \([^\n]*\)\n((?:(?:    .*)?\n)+)", guide, re.M)
    for name in arguments:
        text = "".join(text for names, text in sections if "``%s``" % re.sub("2$", "3", name) in names)
        check(re.search(r"--vdev=net_nicjit0,(\S*,)?%s=" % re.sub("[23]$", "1", name), text), "the guide has no place or no example of " + name)


CASES = [
    *(("%s %s" % (p, mode), lambda tmp, p=p, mode=mode: run(p, "iss", mode, tmp)) for mode in ("offload", "host")
      for p in ("drop_all", "pass_all", "blocklist", "mac_swap", "ttl_dec", "vlan_ipv6_parser", "router", *RESIZING)),
    ("mac_swap rtl", lambda tmp: run("mac_swap", "rtl", "offload", tmp)), ("later_routes", later_routes), ("spoilt_routes", spoilt_routes), ("locked", locked), ("link_down", link_down), ("fallback", fallback), ("left_out", left_out),
    ("queues", queues), ("rss", rss), ("swaps", swaps), ("maps", maps), ("refused", refused), ("wrong", wrong), ("plugs", plugs), ("loop", loop), ("other_queue", other_queue), ("broadcast", broadcast), ("no_way_out", no_way_out), ("link", link),
    ("info", info),
]

if __name__ == "__main__":
    run_cases(CASES)

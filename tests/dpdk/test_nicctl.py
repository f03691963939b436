# SPDX-License-Identifier: Apache-2.0
"""nicctl with a running testpmd: what it prints, what it changes, what it says to nonsense."""
import json
import os
import re
import signal
import subprocess
import threading
import time

from cases import at_rest, build, check, frames, run_cases
from testpmd import B, TIMEOUT, Testpmd

REAL = "bpf-examples/real/real.pcap"

KINDS = """
enum kind { KIND_A, KIND_B = 7 };
struct key { __u32 addr; __u16 port; enum kind kind; __u8 mac[6]; };
struct value { __u64 packets; __s32 delta; char name[16]; union { __u32 a; __u8 b[4]; }; unsigned low : 3, high : 5; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 200); __type(key, struct key); __type(value, struct value); } table SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } threads SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 2); __type(key, __u32); __type(value, char[6000]); } large SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1000); __type(key, __u32); __type(value, __u32); } many SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_LPM_TRIE); __uint(max_entries, 16); __uint(map_flags, 1); __uint(key_size, 8); __uint(value_size, 4); } routes SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } ring SEC(".maps");
volatile int limit = 5;
volatile long seen;
SEC("xdp") int kinds(struct xdp_md *ctx)
{
	struct key k = {1, 2, KIND_B, {1}};
	__u32 one = 1;
	struct value *v = bpf_map_lookup_elem(&table, &k);
	__u64 *c = bpf_map_lookup_elem(&threads, &one);
	char *l = bpf_map_lookup_elem(&large, &one);
	__u32 *m = bpf_map_lookup_elem(&many, &one), *r = bpf_map_lookup_elem(&routes, &k);
	if (c)
		*c += 1;
	if (l)
		l[0] = 1;
	if (__sync_fetch_and_add(&seen, 1) < limit) {
		bpf_printk("hello %d", limit);
		bpf_ringbuf_output(&ring, &one, sizeof(one), 0);
	}
	if (v)
		v->packets++;
	if (m)
		*m += 1;
	return r ? *r : XDP_PASS;
}
"""


def ctl(t, *words, stdin=None, code=0):
    """What nicctl prints; the exit code must be as said."""
    r = subprocess.run([B + "/nicctl", "--prefix", t.prefix, *words], capture_output=True, text=True, input=stdin)
    check(r.returncode == code, "%s ends with %d: %s" % (" ".join(words)[:80], r.returncode, r.stderr))
    return r.stdout if code == 0 else r.stderr


def programs(tmp):
    """Loaded, shown, dumped, unloaded; one that can't be offloaded, one that nobody can run."""
    t = Testpmd("wire=gen:64")
    check("no program" in ctl(t, "prog", "show"), "show of nothing")
    check("no program" in ctl(t, "prog", "dump", code=1), "dump of nothing")
    text = ctl(t, "prog", "load", B + "/examples/firewall.o")
    check("in the NIC: firewall (section xdp)" in text and "bundles at 1" in text, text)
    shown = json.loads(ctl(t, "--json", "prog", "show"))
    check(shown["mode"] == "offload" and shown["object"].endswith("firewall.o") and shown["threads"] == 16, str(shown))
    want = subprocess.run([B + "/nicjit", "-S", B + "/examples/firewall.o"], capture_output=True, text=True, check=True).stdout
    dump = ctl(t, "prog", "dump")
    bundles = [re.sub("^[0-9]+: ", "", x) for x in dump.splitlines() if "{" in x and not x.startswith(";")]
    check(len(bundles) == shown["bundles"] and all(b in want for b in bundles[:5]), dump[:300])
    check("on the host: firewall" in ctl(t, "prog", "load", B + "/examples/firewall.o", "mode", "host"), "mode host")
    check("define" in ctl(t, "prog", "dump"), "dump of the host's")
    build(tmp + "/refused", 'SEC("xdp") int prog(struct xdp_md *ctx) { char n[16]; return bpf_get_current_comm(n, 16) ? 1 : 2; }')
    check("get_current_comm" in ctl(t, "prog", "load", tmp + "/refused.o", code=1), "the reason")
    check("firewall" in ctl(t, "prog", "show"), "the one before still runs")
    check("no program" in ctl(t, "prog", "unload"), "unload")
    t.quit()


def maps(tmp):
    """Every kind of key and value, by type; long ones; many at once."""
    build(tmp + "/kinds", KINDS)
    t = Testpmd("wire=pcap:%s,xdp_prog=%s/kinds.o" % (REAL, tmp))
    for name in ("table", "threads", "large", "routes", "kinds.data", "kinds.bss"):
        check(re.search(r"^ *[0-9]+: %s " % re.escape(name), ctl(t, "map", "show"), re.M), "%s is not shown" % name)
    key = {"addr": 16777226, "port": 53, "kind": "KIND_B", "mac": "hex:020000000001"}
    value = {"packets": 5, "delta": -3, "name": "eth0", "a": 67305985, "b": "hex:01020304", "low": 5, "high": 17}
    given = dict(value)
    del given["a"]
    ctl(t, "map", "update", "table", json.dumps(dict(key, addr="10.0.0.1", mac="02:00:00:00:00:01")), json.dumps(given))
    check(json.loads(ctl(t, "-j", "map", "dump", "table")) == [{"key": key, "value": value}], ctl(t, "map", "dump", "table"))
    check("exists" in ctl(t, "map", "update", "table", json.dumps(key), "{}", "noexist", code=1), "noexist")
    check(ctl(t, "map", "lookup", "table", json.dumps(key)).endswith(json.dumps(value) + "\n"), "lookup")
    ctl(t, "map", "delete", "table", json.dumps(key))
    check(json.loads(ctl(t, "-j", "map", "dump", "table")) == [], "what is deleted is there")
    ctl(t, "map", "update", "threads", "2", "77")
    text = ctl(t, "map", "lookup", "threads", "2")
    check(text.startswith("2: %d\n" % (77 * 32)) and "thread 31: 77" in text, text)
    ctl(t, "map", "update", "large", "0", "hex:" + "ab" * 6000)
    check(ctl(t, "map", "lookup", "large", "0") == "0: hex:" + "ab" * 6000 + "\n", "a long value")
    check(len(json.loads(ctl(t, "-j", "map", "dump", "large"))) == 2, "dump of long values")
    ctl(t, "map", "update", "routes", "10.0.0.0/8", "5")
    check(ctl(t, "map", "dump", "routes") == "10.0.0.0/8: 5\n", ctl(t, "map", "dump", "routes"))
    ctl(t, "map", "update", "kinds.data", "0", '{"limit": -6}')
    check(ctl(t, "map", "dump", "kinds.data") == '0: {"limit": -6}\n', ctl(t, "map", "dump", "kinds.data"))
    entries = [{"key": k, "value": 3 * k} for k in range(1000)]
    check(ctl(t, "map", "fill", "many", "-", stdin=json.dumps(entries)) == "1000 of 1000 entries\n", "fill")
    dump = ctl(t, "-j", "map", "dump", "many")
    check(sorted(json.loads(dump), key=lambda e: e["key"]) == entries, "what was filled in is not there: %s" % dump[:200])
    check("full" in ctl(t, "map", "update", "many", "1000", "1", code=1), "a full map")
    for k in range(1000):
        entries[k]["value"] = k
    ctl(t, "map", "fill", "many", "-", stdin=json.dumps(entries))
    check(sorted(json.loads(ctl(t, "-j", "map", "dump", "many")), key=lambda e: e["key"]) == entries, "values that were replaced")
    saved = ctl(t, "-j", "map", "dump", "threads")
    ctl(t, "map", "update", "threads", "2", "1")
    ctl(t, "map", "fill", "threads", "-", stdin=saved)
    check(ctl(t, "-j", "map", "dump", "threads") == saved, "per thread, saved and filled in")
    for words, says in ((("dump", "x"), "no map x"), (("dump", "ring"), "Invalid"), (("update", "table", '{"addr":1,"foo":2}', "{}"), "no member foo"),
                        (("update", "threads", "x", "1"), "not x"), (("update", "threads", "1", "1", "maybe"), "noexist|exist|lock"), (("update", "threads", "1", "1", "lock"), "Invalid"), (("lookup", "threads", "9"), "No such"),
                        (("update", "threads", "0x100000000", "1"), "32 bits"), (("update", "threads", "1", "-1x"), "64 bits"),
                        (("fill", "many", "/nowhere"), "/nowhere"), (("delete", "table"), "KEY"), (("update", "large", "0", "hex:12"), "6000 bytes"),
                        (("update", "threads", "9", "1"), "no such index"), (("update", "table", "{", "{}"), "{")):
        check(says in ctl(t, "map", *words, code=1), "%s: %s" % (words, ctl(t, "map", *words, code=1)))
    t.quit()


DEEP = """
#include <stdbool.h>
typedef __s16 change;
enum mood { SAD = -3, CALM = 0, GLAD = 100000 };
struct step { change by; bool up[2]; enum mood mood; };
struct deep {
	struct step steps[2][2];
	union { struct step last; __u64 word; __u8 raw[8]; } of;
	struct { struct { __u16 grid[2][3]; }; __s8 tone; } inside;
	int minus : 5; unsigned plus : 9; __u64 wide : 50;
	char names[2][4];
	volatile __u64 top;
};
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, struct step); __type(value, struct deep); } deep SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, struct step); } each SEC(".maps");
SEC("xdp") int prog(struct xdp_md *ctx)
{
	struct step k = {.by = -2, .up = {true, false}, .mood = SAD};
	struct deep *d = bpf_map_lookup_elem(&deep, &k);
	__u32 one = 1;
	struct step *s = bpf_map_lookup_elem(&each, &one);
	if (s)
		s->by++;
	if (!d)
		return XDP_DROP;
	d->top += d->steps[1][0].by == -300 && d->steps[1][1].mood == GLAD && d->of.raw[2] == 1 && d->inside.grid[1][2] == 6 && d->inside.tone == -7 && d->minus == -9 && d->plus == 400 &&
		  d->wide == 1125899906842623 && d->names[1][0] == 'b';
	return XDP_PASS;
}
"""


def deep(tmp):
    """Types within types are written and shown as C has them, and the program reads what was written."""
    build(tmp + "/deep", DEEP)
    step = lambda by, mood: {"by": by, "up": [True, False], "mood": mood}
    key = step(-2, "SAD")
    value = {"steps": [[step(1, "CALM"), step(2, "SAD")], [step(-300, "GLAD"), step(4, "GLAD")]], "of": {"last": step(5, "SAD")}, "inside": {"grid": [[1, 2, 3], [4, 5, 6]], "tone": -7},
             "minus": -9, "plus": 400, "wide": (1 << 50) - 1, "names": ["a", "b"], "top": 0}
    shown = dict(value, of={"last": step(5, "SAD"), "word": int.from_bytes(b"\x05\0\x01\0\xfd\xff\xff\xff", "little"), "raw": "hex:05000100fdffffff"}, top=len(frames(REAL)))
    shown["of"]["word"] = str(shown["of"]["word"])  # more than JSON's readers take
    for mode in ("offload", "host"):
        t = Testpmd("wire=pcap:%s,xdp_mode=%s,xdp_prog=%s/deep.o" % (REAL, mode, tmp))
        ctl(t, "map", "update", "deep", json.dumps(key), json.dumps(value))
        ctl(t, "map", "update", "each", "1", json.dumps(step(0, 7)))
        t.do("start")
        t.settled(lambda: t.xstats()["xdp_%s_pass_packets" % mode], len(frames(REAL)))
        got = json.loads(ctl(t, "-j", "map", "dump", "deep"))
        check(got == [{"key": key, "value": shown}], "%s: %s" % (mode, got))
        check(json.loads(ctl(t, "-j", "map", "lookup", "deep", json.dumps(key)))["value"] == shown, mode + ": lookup")
        each = json.loads(ctl(t, "-j", "map", "lookup", "each", "1"))
        check(each["sum"]["by"] == len(frames(REAL)) == sum(v["value"]["by"] for v in each["values"]) and all(v["value"]["mood"] == 7 for v in each["values"]), "%s: %s" % (mode, each))
        for wrong in ('{"steps": [1, 2, 3]}', '{"steps": [[{"by": 40000}]]}', '{"minus": 16}', '{"plus": -300}', '{"inside": {"deeper": 1}}', '{"steps": [[{"mood": "ANGRY"}]]}', '{"names": ["abcde"]}', '{"wide": 1125899906842624}'):
            ctl(t, "map", "update", "deep", json.dumps(key), wrong, code=1)
        check(json.loads(ctl(t, "-j", "map", "dump", "deep")) == got, mode + ": what is wrong changes nothing")
        check(t.quit() == 0, "testpmd ends with an error")


def told(tmp):
    """Prints and records come through; so do they when they come faster than anyone reads."""
    build(tmp + "/kinds", KINDS.replace("limit = 5", "limit = 100"))
    t = Testpmd("wire=pcap:%s,xdp_prog=%s/kinds.o" % (REAL, tmp))
    check(t.ask("/nicjit/trace,0") == "", "something is told before a packet has come")  # from now on somebody listens
    p = subprocess.Popen([B + "/nicctl", "-f", t.prefix, "-j", "-i", "0.05", "trace"], stdout=subprocess.PIPE, text=True)
    t.do("start")
    watch = threading.Timer(TIMEOUT, p.terminate)
    watch.start()
    lines = [json.loads(p.stdout.readline() or "{}") for _ in range(200)]
    at_rest(t, len(frames(REAL)))
    t.process.send_signal(signal.SIGSTOP)  # so that it is asked, and has not answered yet
    time.sleep(0.5)
    p.terminate()
    time.sleep(0.1)
    t.process.send_signal(signal.SIGCONT)
    lines += [json.loads(x) for x in p.communicate()[0].splitlines()]
    watch.cancel()
    check(sum(x.get("printk") == "hello 100" for x in lines) == 100, "%d prints" % sum("printk" in x for x in lines))
    check(sum(x.get("map") == "ring" and x["data"] == "01000000" for x in lines) == 100, "%d records" % sum("map" in x for x in lines))
    check(p.returncode == 0, "trace ends with an error")
    check(json.loads(ctl(t, "-j", "map", "dump", "kinds.bss")) == [{"key": 0, "value": {"seen": len(frames(REAL))}}], ctl(t, "map", "dump", "kinds.bss"))
    t.quit()


def counters(tmp):
    """stats, top and metrics say what the port's counters say."""
    t = Testpmd("wire=pcap:%s,xdp_prog=%s/examples/firewall.o" % (REAL, B))
    t.do("start")
    at_rest(t, len(frames(REAL)))
    x = t.xstats()
    shown = json.loads(ctl(t, "stats", "--json"))
    check(all(shown[k] == v for k, v in x.items() if not re.search("cycles|idle", k)), "stats: %s, %s" % (shown, x))
    check(re.search(r"^drop +%d +0$" % x["xdp_offload_drop_packets"], ctl(t, "stats"), re.M), ctl(t, "stats"))
    text = ctl(t, "metrics")
    check('nicjit_xdp_offload_packets_total{port="0",verdict="drop"} %d\n' % x["xdp_offload_drop_packets"] in text, text)
    check('nicjit_wire_rx_packets_total{port="0",wire="0"} %d\n' % x["wire0_rx_packets"] in text and 'nicjit_program{port="0",mode="offload",name="firewall"' in text, text)
    samples = [re.fullmatch(r'([a-zA-Z_:][a-zA-Z0-9_:]*)\{([a-z]+="[^"]*",?)*\} [0-9]+', line) for line in text.splitlines() if line[0] != "#"]
    check(all(samples), "a line that Prometheus does not read")
    kinds = re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M)
    check(len(kinds) == len(set(k for k, _ in kinds)) and {s[1] for s in samples} <= {k for k, _ in kinds}, "a metric with no type, or two")
    check(len(set(line.rsplit(" ", 1)[0] for line in text.splitlines() if line[0] != "#")) == len(samples), "a sample stands there twice")
    text = ctl(t, "-n", "2", "-i", "0.1", "top")
    check(text.count("verdict") == 2 and "busy" in text, text)
    rates = [json.loads(x) for x in re.split(r"(?<=^\})\n", ctl(t, "-j", "-n", "2", "-i", "2", "top"), flags=re.M) if x]
    check(len(rates) == 2 and rates[0]["cycles"] > 0, "rates: %s" % rates)
    t.quit()


def nonsense(tmp):
    """One sentence, and an exit code."""
    for words, code, says in (((), 2, "command is missing"), (("bogus",), 2, "no such command"), (("map",), 2, "no such command"), (("--port", "x", "stats"), 2, "number"), (("--port", "1.5", "stats"), 2, "whole number"), (("-n", "-1", "top"), 2, "number"), (("--interval", "", "top"), 2, "number"),
                              (("--prefix", "nowhere", "stats"), 1, "nowhere"), (("--socket", "/nowhere", "stats"), 1, "/nowhere"),
                              (("--socket", "x" * 300, "stats"), 1, "too long")):
        r = subprocess.run([B + "/nicctl", *words], capture_output=True, text=True)
        check(r.returncode == code and says in r.stderr and r.stderr.count("\n") == 1, "%s: %d, %s" % (words, r.returncode, r.stderr))
    r = subprocess.run([B + "/nicctl", "--help"], capture_output=True, text=True)
    check(r.returncode == 0 and "prog load" in r.stdout, "help")
    t, other = Testpmd("wire=loop"), Testpmd("wire=loop")
    r = subprocess.run([B + "/nicctl", "stats"], capture_output=True, text=True)
    check(r.returncode == 1 and t.prefix in r.stderr and other.prefix in r.stderr, "two processes: %s" % r.stderr)
    other.quit()
    for words, says in ((("--port", "7", "prog", "show"), "no such port"), (("prog", "load"), "OBJECT"), (("prog", "load", "/nowhere.o"), "no such file"),
                        (("prog", "load", "README.md"), "README.md"), (("prog", "load", "README.md", "mode"), "mode auto"),
                        (("prog", "load", B + "/examples/drop_all.o", "mode", "fast"), "auto, offload or host"), (("stats", "x"), "no arguments")):
        text = ctl(t, *words, code=1)
        check(says in text or words[-1] == "README.md", "%s: %s" % (words, text))
    t.quit()


def queues(tmp):
    """Values into and out of a queue and a stack, in the NIC and on the host, and by its program."""
    build(tmp + "/queues", 'struct { __uint(type, BPF_MAP_TYPE_QUEUE); __uint(max_entries, 3); __type(value, __u32); } queue SEC(".maps");'
          'struct { __uint(type, BPF_MAP_TYPE_STACK); __uint(max_entries, 3); __type(value, __u32); } stack SEC(".maps");'
          'SEC("xdp") int prog(struct xdp_md *ctx) { __u32 v; return bpf_map_peek_elem(&queue, &v) || v < 8 || bpf_map_pop_elem(&stack, &v) ? XDP_DROP : XDP_PASS; }')
    for mode in ("offload", "host"):
        t = Testpmd("wire=gen:64,xdp_mode=%s,xdp_prog=%s/queues.o" % (mode, tmp))
        t.do("set fwd rxonly")
        t.do("start")
        check("No such" in ctl(t, "map", "pop", "queue", code=1), mode + ": pop of nothing")
        for n in range(1, 4):
            ctl(t, "map", "push", "queue", str(n))
        check("full" in ctl(t, "map", "push", "queue", "4", code=1), mode + ": push into a full one")
        ctl(t, "map", "push", "queue", "4", "exist")
        check([ctl(t, "map", x, "queue").strip() for x in ("peek", "pop", "pop", "pop")] == ["2", "2", "3", "4"], mode + ": queue")
        for n in ("5", "0x6"):
            ctl(t, "map", "push", "stack", n)
        check([ctl(t, "--json", "map", x, "stack").strip() for x in ("peek", "pop", "pop")] == ["6", "6", "5"], mode + ": stack")
        for n in range(3):
            ctl(t, "map", "push", "stack", str(n))
        check(t.xstats()["rx_good_packets"] == 0 if mode == "offload" else True, mode + ": what the program lets through")
        ctl(t, "map", "push", "queue", "9")
        name = "xdp_%s_pass_packets" % mode
        check(t.settled(lambda: t.xstats()[name], 3) == 3, mode + ": the program's pops: %s" % t.xstats()[name])
        check(t.quit() == 0, "testpmd ends with an error")


def forbidden(tmp):
    """Constant data, and maps with flags that keep the user from reading or writing, as the kernel has them."""
    kinds = [(kind, flag) for kind in ("ARRAY", "HASH") for flag in ("RDONLY", "WRONLY")]
    build(tmp + "/flags", "".join('struct {{ __uint(type, BPF_MAP_TYPE_{0}); __uint(max_entries, 2); __uint(map_flags, BPF_F_{1}); __type(key, __u32); __type(value, __u64); }} {0}_{1} SEC(".maps");'.format(*k)
                                  for k in kinds) + "const volatile int fixed = 3;"
          'SEC("xdp") int prog(struct xdp_md *ctx) { __u32 zero = 0; __u64 *v; %s return fixed; }' % "".join("v = bpf_map_lookup_elem(&%s_%s, &zero); if (v) ++*v;" % k for k in kinds))
    for mode in ("offload", "host"):
        t = Testpmd("wire=loop,xdp_mode=%s,xdp_prog=%s/flags.o" % (mode, tmp))
        for kind, flag in kinds:
            name = "%s_%s" % (kind, flag)
            reads, writes = (0, 1) if flag == "RDONLY" else (1, 0)
            ctl(t, "map", "update", name, "0", "1", code=writes)
            ctl(t, "map", "dump", name, code=reads)
            if kind == "ARRAY" or flag == "WRONLY":
                ctl(t, "map", "lookup", name, "0", code=reads)
            if kind == "HASH":
                ctl(t, "map", "delete", name, "0", code=writes)
        check("may not be done" in ctl(t, "map", "update", "flags.rodata", "0", '{"fixed": 1}', code=1), mode + ": constant data")
        check(ctl(t, "map", "lookup", "flags.rodata", "0") == '0: {"fixed": 3}\n', mode + ": constant data is another")
        check(t.quit() == 0, "testpmd ends with an error")


def long_values(tmp):
    """A queue of values longer than an answer: put in, looked at; taken out only by those who can take it whole."""
    build(tmp + "/long", 'struct { __uint(type, BPF_MAP_TYPE_QUEUE); __uint(max_entries, 2); __type(value, char[6001]); } queue SEC(".maps");'
          'struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, char[6001]); } room SEC(".maps");'
          'SEC("xdp") int prog(struct xdp_md *ctx) { __u32 zero = 0; void *v = bpf_map_lookup_elem(&room, &zero); return v && !bpf_map_peek_elem(&queue, v) ? XDP_PASS : XDP_DROP; }')
    for mode in ("offload", "host"):
        t = Testpmd("wire=loop,xdp_mode=%s,xdp_prog=%s/long.o" % (mode, tmp))
        ctl(t, "map", "push", "queue", "hex:" + "cd" * 6001)
        check(ctl(t, "map", "peek", "queue") == "hex:" + "cd" * 6001 + "\n", mode + ": peek")
        check("longer than an answer" in ctl(t, "map", "pop", "queue", code=1), mode + ": pop")
        check(ctl(t, "map", "peek", "queue") == "hex:" + "cd" * 6001 + "\n", mode + ": what could not be taken is lost")
        check(t.quit() == 0, "testpmd ends with an error")


def long_keys(tmp):
    """Keys that fill a request, alone and with values that do, too."""
    build(tmp + "/keys", 'struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 24); __type(key, char[512]); __type(value, __u32); } names SEC(".maps");'
          'struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, char[500]); __type(value, char[1500]); } texts SEC(".maps"); char at[512];'
          'SEC("xdp") int prog(struct xdp_md *ctx) { return bpf_map_lookup_elem(&names, at) || bpf_map_lookup_elem(&texts, at) ? XDP_PASS : XDP_DROP; }')
    for mode in ("offload", "host"):
        t = Testpmd("wire=loop,xdp_mode=%s,xdp_prog=%s/keys.o" % (mode, tmp))
        keys = ["hex:" + "5a" * 511 + "%02x" % (128 + n) for n in range(20)]
        for n, key in enumerate(keys):
            ctl(t, "map", "update", "names", key, str(n))
        check(ctl(t, "map", "lookup", "names", keys[7]) == keys[7] + ": 7\n", mode + ": a key of 512 bytes")
        ctl(t, "map", "delete", "names", keys[3])
        dump = json.loads(ctl(t, "-j", "map", "dump", "names"))
        check(sorted(e["value"] for e in dump) == [n for n in range(20) if n != 3] and all(e["key"] == keys[e["value"]] for e in dump), mode + ": dump")
        ctl(t, "map", "update", "texts", "hex:" + "11" * 500, "hex:" + "77" * 1500)
        check(ctl(t, "map", "lookup", "texts", "hex:" + "11" * 500) == "hex:" + "11" * 500 + ": hex:" + "77" * 1500 + "\n", mode + ": both long")
        check(t.quit() == 0, "testpmd ends with an error")


def sized(tmp):
    """Maps whose entries the object leaves to its loader: by an argument of the driver, and by nicctl."""
    build(tmp + "/sized", 'struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, __u32); __type(value, __u32); } flows SEC(".maps");'
          'struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, __u32); __type(value, __u64); } bare SEC(".maps"); __u32 at;'
          'SEC("xdp") int prog(struct xdp_md *ctx) { return bpf_map_lookup_elem(&flows, &at) || bpf_map_lookup_elem(&bare, &at) ? XDP_PASS : XDP_DROP; }')

    def entries(t):
        return {m["name"]: m["max_entries"] for m in json.loads(ctl(t, "-j", "map", "show")).values()}

    for mode in ("offload", "host"):
        t = Testpmd("wire=loop,xdp_mode=%s,xdp_prog=%s/sized.o,xdp_entries=flows:77:bare:3" % (mode, tmp))
        check(entries(t)["flows"] == 77 and entries(t)["bare"] == 3, mode + ": sizes of arguments")
        ctl(t, "prog", "load", tmp + "/sized.o", "mode", mode, "entries", "flows=5")
        check(entries(t)["flows"] == 5, mode + ": sizes of nicctl")
        check("map flows has no entries" in ctl(t, "prog", "load", tmp + "/sized.o", "mode", mode, code=1), mode + ": no sizes")
        check("no map 'none' whose entries" in ctl(t, "prog", "load", tmp + "/sized.o", "mode", mode, "entries", "flows=5:none=1", code=1), mode + ": no such map")
        check(entries(t)["flows"] == 5, mode + ": what is refused changes nothing")
        check(t.quit() == 0, "testpmd ends with an error")


if __name__ == "__main__":
    run_cases([("programs", programs), ("nicctl maps", maps), ("deep", deep), ("told", told), ("counters", counters), ("nonsense", nonsense), ("queues", queues), ("long_values", long_values), ("long_keys", long_keys), ("sized", sized), ("forbidden", forbidden)])

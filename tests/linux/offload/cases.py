#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cases.py netdevsim | nicjit: runs the kernel's test_offload.py of this directory a case at a time, and says of each what became of it. In the guest.

For both: the section of the samples is xdp, and programs are listed by their numbers, since bpftool's list ends at one whose device is gone; later
kernels changed the script and bpftool likewise. For nicjit a device is a NIC that is bound to the driver; what netdevsim shows in debugfs is asked of ip
and bpftool; our sentences stand for netdevsim's. A case that turns a knob which only netdevsim has does not concern us."""
import ast, ctypes, glob, os, shutil, struct, subprocess, sys, time

HERE = os.path.dirname(os.path.realpath(__file__))
NEXT_PROG, NEXT_MAP, SYS_BPF = 11, 12, 321
LINES = [("sec=\".text\"", "sec=\"xdp\"")]
ENOENT = """        fail(err["error"].find("No such file or directory") == -1%s,
             "expected ENOENT, error is '%%s'" %% (err["error"]))

    start_test("Test map update (noexist)..."""
NIC_LINES = [(ENOENT % "", ENOENT % " and (m is htab or 'Argument list too long' not in err['error'])"),  # an array of the kernel says E2BIG
             ("NetdevSimDev(3)", "NetdevSimDev(2)"), ("simB1, simB2, simB3 = simdevB.nsims", "simB1, simB2 = simdevB.nsims; simB3 = simB2"),
             # the order of a hash's entries is nobody's promise
             ('_, entries = bpftool("map dump id %d" % (m["id"]))', '_, entries = bpftool("map dump id %d" % (m["id"])); entries.sort(key=lambda e: e["key"])'),
             ('start_test("Test map getnext...")\n    for m in maps:', 'start_test("Test map getnext...")\n    for m in [array]:'),
             ("sims = (simA, simB1, simB2, simB3)", "sims = (simA, simB1, simB2)"), ("(sim, obj, False, \"netdevsim\")", "(sim, obj, False, \"nicjit\")"),
             ("(sim, obj, True, \"netdevsim\")", "(sim, obj, True, \"nicjit\")")]
SAID = {
    "xdpoffload of non-bound program.": ["the program was not loaded for this device"],
    "program bound to different dev.": ["the program was loaded for another device"],
    "TC program is already loaded.": ["a classifier of tc runs in the NIC"],
    "driver and netdev offload states mismatch.": ["an XDP program runs in the NIC", "another classifier runs in the NIC, which has room for one"],
    "netdevsim configured to reject unbound programs.":
        ["of bytecode a driver gets only what this kernel made of it: nicjit --filter --ebpf writes an object"],
}
OTHER_RULE = {
    "Test TC offload by default": "the NIC runs what was loaded for it only, and netdevsim has a knob for the rest",
    "Test TC cBPF bytcode tries offload by default": "the NIC runs what was loaded for it only, and netdevsim has a knob for the rest",
    "Test MTU restrictions": "no frame of the NIC is longer than what native XDP takes: there is no MTU of 9000",
    "Test multi-dev ASIC cross-dev destruction": "ports of a NIC can't be taken out one by one",
}


class NotOurs(BaseException):
    """The case is about what only netdevsim has."""


def ids(command):
    attr, libc, found = ctypes.create_string_buffer(128), ctypes.CDLL(None), []
    while libc.syscall(SYS_BPF, command, attr, 128) == 0:
        found.append(struct.unpack_from("<II", attr.raw)[1])
        struct.pack_into("<I", attr, 0, found[-1])
    return found


def fail(condition, message):
    if condition:
        raise Exception(message)


def lister(plain):
    def tool(args, JSON=True, ns="", fail=True, include_stderr=False):
        what = {"prog show": ("prog", NEXT_PROG), "map show": ("map", NEXT_MAP)}.get(args)
        if not what:
            return plain(args, JSON=JSON, ns=ns, fail=fail, include_stderr=include_stderr)
        shown = [plain(f"{what[0]} show id {i}", ns=ns, fail=False) for i in ids(what[1])]
        return 0, [said for code, said in shown if code == 0]
    return tool


# ---- The driver in the place of netdevsim ----

class Knobs(dict):
    """Refusals are those of programs and maps that the NIC refuses."""
    def refuse(self, sample, by, on):
        shutil.copy(f"{HERE}/{by}" if on else f"{HERE}/kept/{sample}", f"{HERE}/{sample}")

    def __setitem__(self, knob, value):
        if knob == "dev/bpf_bind_verifier_accept":
            self.refuse("sample_ret0.bpf.o", "no_room.o", not value)
        elif knob == "bpf_map_accept":
            self.refuse("sample_map_ret0.bpf.o", "too_large.bpf.o", value == "N")
        elif knob != "bpf_tc_non_bound_accept":
            raise NotOurs(f"a knob of netdevsim: {knob}")


def shown_program(g, dev, program):
    attached = [p["prog"]["id"] for port in dev.nsims for p in g["ip"](f"link show dev {port['ifname']}")[1][0].get("xdp", {}).get("attached", [])]
    filters = [f.get("id") for port in dev.nsims for f in port.tc_show_ingress() if f["in_hw"]]
    loaded = program["id"] in attached or str(program["id"]) in filters
    return {"id": str(program["id"]), "state": "xlated" if program.get("jited") else "none", "loaded": "Y" if loaded else "N"}


def on_nicjit(g):
    driver = "/sys/bus/pci/drivers/nicjit"
    free = sorted(os.path.basename(d) for d in glob.glob("/sys/bus/pci/drivers/nicjit/0000:*"))

    class Device(g["NetdevSimDev"]):
        def __init__(self, port_count=1):
            self.address = free.pop(0)
            for sample in ("sample_ret0.bpf.o", "sample_map_ret0.bpf.o"):
                shutil.copy(f"{HERE}/kept/{sample}", HERE)
            if not os.path.exists(f"{driver}/{self.address}"):
                open(f"{driver}/bind", "w").write(self.address)
            g["devs"].append(self)
            names = sorted(os.listdir(f"/sys/bus/pci/devices/{self.address}/net"))
            self.nsims = [Port(self, i, names[i]) for i in range(port_count)]
            for port in self.nsims:  # as netdevsim begins
                port.set_ethtool_tc_offloads(False)

        def bound(self):
            names = [port["ifname"] for port in self.nsims]
            return [p for p in g["bpftool_prog_list"]() if p.get("dev", {}).get("ifname") in names]

        def dfs_num_bound_progs(self):
            return len(self.bound())

        def dfs_get_bound_progs(self, expected):
            programs = self.bound()
            fail(expected is not None and len(programs) != expected, f"{len(programs)} BPF programs bound, expected {expected}")
            return [shown_program(g, self, p) for p in programs]

        def remove(self):
            open(f"{driver}/unbind", "w").write(self.address)
            free.insert(0, self.address)
            g["devs"].remove(self)

        def remove_nsim(self, port):
            raise NotOurs("ports of a NIC can't be taken out one by one")

    class Port(g["NetdevSim"]):
        def __init__(self, device, index, name):
            self.nsimdev, self.port_index, self.ns, self.dfs = device, index, "", Knobs()
            _, [self.dev] = g["ip"](f"link show dev {name}")

        def dfs_read(self, f):
            attached = g["ip"](f"link show dev {self['ifname']}")[1][0].get("xdp", {}).get("attached", [])
            return next((str(p["prog"]["id"]) for p in attached if p["mode"] == 3), "0")

        def cls_bpf_add_filter(self, bpf, verbose=False, **how):  # the NIC runs direct actions only; tc wants verbose before da
            return super().cls_bpf_add_filter(bpf + " verbose" * verbose, **{**how, "da": not bpf.startswith("bytecode")})

    def check_extack(output, reference, args):
        good = any(f"Error: nicjit: {said}" in output for said in SAID.get(reference, [reference]))
        fail(not good, f"no extack that says what netdevsim calls: {reference}\n{output}")

    def check_verifier_log(output, reference):
        fail("[nicjit] " not in output, "no line of ours in the verifier log\n" + output)

    shutil.copytree(HERE, f"{HERE}/kept", dirs_exist_ok=True)
    for address in free:
        open(f"{driver}/unbind", "w").write(address)
    g.update(NetdevSimDev=Device, NetdevSim=Port, check_extack_nsim=check_extack, check_verifier_log=check_verifier_log)


# ---- Cases ----

def titles(statement):
    return [n.args[0] for n in ast.walk(statement) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "start_test"]


def cases(body):
    """Lists of statements, a new one at each that begins a case or is one."""
    found, at = [("Prepare", [])], 0
    for statement in body:
        whole = isinstance(statement, ast.Assign) and "test_multi_prog" in ast.dump(statement)
        title = titles(statement)
        if title or whole:
            found.append((ast.unparse(statement) if whole else title[0].value.rstrip("."), []))
        found[-1][1].append(statement)
    return found


def run(g, statements, title):
    for key, why in OTHER_RULE.items():
        if g.get("ours") and title.startswith(key):
            return "not ours", why
    try:
        exec(compile(ast.Module(statements, []), title, "exec"), g)
        return "passed", ""
    except NotOurs as e:
        return "not ours", str(e)
    except (Exception, SystemExit) as e:
        return "FAILED", str(e)


def tidy(g):
    """After a case that did not come to its end: one device, nothing in it."""
    ingress = "ingress" in g["cmd"]("tc qdisc show")[1]
    for dev in list(g["devs"]):
        dev.remove()
    g["clean_up"]()
    for file in glob.glob("/sys/fs/bpf/*"):
        if os.path.isfile(file):
            os.unlink(file)
    g["simdev"] = g["NetdevSimDev"]()
    g["sim"], = g["simdev"].nsims
    g["sim"].set_ethtool_tc_offloads(True)
    if ingress:
        g["sim"].tc_add_ingress()
    g["map_obj"] = g["bpf_obj"]("sample_map_ret0.bpf.o")


def main():
    ours = sys.argv.pop(1) == "nicjit"
    text = open(f"{HERE}/test_offload.py").read()
    for old, new in LINES + (NIC_LINES if ours else []):
        if old not in text:
            raise SystemExit(f"test_offload.py has no {old}")
        text = text.replace(old, new)
    tree = ast.parse(text)
    at = next(i for i, s in enumerate(tree.body) if isinstance(s, ast.Try))
    g = {"__file__": f"{HERE}/test_offload.py", "__name__": "test_offload", "ours": ours}
    exec(compile(ast.Module(tree.body[:at], []), "test_offload.py", "exec"), g)
    g["bpftool"] = lister(g["bpftool"])
    g["fail"] = fail
    if ours:
        on_nicjit(g)
    began, count = time.time(), {"passed": 0, "not ours": 0, "FAILED": 0}
    for title, statements in cases(tree.body[at].body):
        result, why = run(g, statements, title)
        if result != "passed":
            print(f"{result}: {title}: {why}", flush=True)
            try:
                tidy(g)
            except Exception as e:
                print(f"    and what it left can't be removed: {e}", flush=True)
        if title != "Prepare":
            count[result] += 1
    print(f"cases: {count['passed']} passed, {count['FAILED']} failed, {count['not ours']} not ours, {time.time() - began:.0f} s")


if __name__ == "__main__":
    main()

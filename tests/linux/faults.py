# SPDX-License-Identifier: Apache-2.0
"""What must not go wrong: ports that move, modules that go, machines that sleep, memory that runs out, devices that die."""
import json, os, time

from bench import PATIENCE, check, passing, ping, settle, soon, start

CYCLES = int(os.environ.get("LINUX_CYCLES", "100"))
STEP = int(os.environ.get("LINUX_STEP", "19"))
NOISE = 400  # objects that come and go by themselves: 1,000 cycles show a leak of one
BLOCKED = "bpftool map update name blocklist key 10 0 0 9 value " + "1 0 0 0 0 0 0 0 " * 2


def passes(guest, patience=PATIENCE):
    """Does a frame from 10.0.0.9 reach the host? Before one of a source that nobody blocks, if any does."""
    settle(guest, 1, 0)
    frames = [ping(1), ping(2, source=8)]
    guest.send(0, frames)
    return settle(guest, 1, 1, lambda f: f == frames[1], patience)[:1] == frames[:1]


def moved(guest):
    """A port with a program goes into another network namespace and back, by hand and because the namespace ends."""
    guest.ok("mkdir -p /var/run; ip link set dev eth0 xdpoffload obj /files/blocklist.o sec xdp")
    for back in ("ip netns exec other ip link set eth0 netns 1", "ip netns del other"):
        guest.ok("ip netns add other; ip link set eth0 netns other")
        there = guest.ok("ip netns exec other ip link show eth0")
        check("the program goes with the port", "xdpoffload" in there, there)
        check("its map is read from the namespace it came from", guest.run("bpftool map dump name blocklist")[0] == 0)
        guest.ok(f"{back}; ip netns del other 2>/dev/null; await 'test -e /sys/class/net/eth0'")
        check(f"and comes back by {back}", "xdpoffload" in guest.ok("ip link show eth0"))
        check("packets go through it", passing(guest))
    guest.ok("ip link set dev eth0 xdpoffload off")
    check("its map is gone with it", "blocklist" not in guest.ok("bpftool map show; true"))


def raced(guest):
    """Programs are loaded all the time while the module goes and comes."""
    turn = "ip -force link set dev eth0 xdpoffload obj /files/blocklist.o sec xdp"
    guest.ok("touch() { : > $1; }; touch /tmp/go")
    guest.ok(f"rm -f /tmp/loaded; (while test -e /tmp/go; do {turn} && echo >> /tmp/loaded; done >/dev/null 2>&1) &")
    for i in range(4):
        guest.ok(f"sleep {i % 2}.{i}; await 'rmmod nicjit 2>/dev/null'; insmod /files/nicjit.ko")
    check("programs were loaded on the way", guest.run("await 'test -s /tmp/loaded'")[0] == 0)
    guest.ok("rm /tmp/go; wait; ip link set dev eth0 xdpoffload off")
    check("no map is left of them", "blocklist" not in guest.ok("bpftool map show; true"))
    guest.ok("rmmod nicjit")
    start(guest)
    check("and the NIC works", passing(guest))


def objects(guest):
    """Objects in the slabs of kmalloc() and of BPF, without what is kept ready for the next."""
    guest.ok("for c in /sys/kernel/slab/*; do echo 1 > $c/shrink; done 2>/dev/null; true")
    return int(guest.ok("awk '/^(kmalloc|bpf|skbuff|vmap|task_delay|filp|dentry)/ {n += $2} END {print n}' /proc/slabinfo"))


def cycles(guest):
    """Attaching again and again, with frames on their way; and loading."""
    turn = "ip -batch /tmp/turn"
    guest.ok("for i in $(seq 25); do echo link set dev eth0 xdpoffload pinned /sys/fs/bpf/turn; echo link set dev eth0 xdpoffload off; done > /tmp/turn")
    load = "bpftool prog load /files/{}.o /sys/fs/bpf/turn type xdp dev eth0"
    guest.ok(f"{load.format('firewall')}; {turn}; rm /sys/fs/bpf/turn; {load.format('ttl_dec')}")
    before = objects(guest)
    for _ in range(CYCLES // 25):
        guest.send(0, [ping(i) for i in range(10)])
        guest.ok(turn)
    grown = soon(lambda: objects(guest) - before, lambda n: n < NOISE)  # what the kernel frees later takes a while
    check(f"{CYCLES} attach and detach: the slabs do not grow", grown < NOISE, f"{grown} objects")
    guest.ok("rm /sys/fs/bpf/turn")
    loads = CYCLES // 20
    before = objects(guest)
    for _ in range(loads):
        guest.ok(f"{load.format('firewall')}; rm /sys/fs/bpf/turn")
    more = soon(lambda: objects(guest) - before, lambda n: n < NOISE)
    check(f"{loads} loads: the slabs do not grow", more < NOISE, f"{more} objects")
    if CYCLES > 100:
        print(f"{CYCLES} attach and detach: {grown} objects more; {loads} loads: {more}")


def twenty_leave(guest, when):
    settle(guest, 0, 0)
    guest.ok("ping -c 20 -s 100 -i 0.01 -W 1 10.7.0.2 >/dev/null; true")
    is_one = lambda f: f[:6] == bytes([2, 0, 0, 0, 0, 7]) and len(f) == 142  # the others are shorter
    got = [f[41] for f in settle(guest, 0, 20, is_one) if is_one(f)]
    check(f"twenty leave by the port {when}", got == list(range(20)), got)


def handed_on(guest):
    """Frames that a program of another device hands on to a port leave by it; they come all the time, also while the port has no queues."""
    guest.ok("insmod /files/veth.ko; ip link add one type veth peer name two; ip link set one up; ip link set two up; ip addr add 10.7.0.1/24 dev two; "
             "ip neigh add 10.7.0.2 lladdr 02:00:00:00:00:07 dev two; ip link set dev one xdpdrv obj /files/hand_on.o sec xdp")
    guest.ok("bpftool map update name way key 0 0 0 0 value $(cat /sys/class/net/eth0/ifindex) 0 0 0")
    twenty_leave(guest, "at first")
    guest.ok(": > /tmp/go; (while test -e /tmp/go; do ping -c 500 -i 0.0005 -W 1 10.7.0.2; done >/dev/null 2>&1) &")
    for i in range(8):
        guest.ok(f"ethtool -G eth0 rx {64 << i % 2} tx {64 << i % 2}")
        guest.take(0, 200, seconds=0.2)
    guest.ok("rm /tmp/go; wait")
    twenty_leave(guest, "by new queues")
    guest.ok("ip link del one; rmmod veth; ethtool -G eth0 rx 256 tx 256")


def unload(guest):
    """rmmod under traffic, with a program in the NIC."""
    guest.ok("ip link set dev eth0 xdpoffload obj /files/firewall.o sec xdp")
    guest.send(0, [ping(i) for i in range(200)])
    guest.ok("rmmod nicjit")
    check("no interface is left", "eth0" not in guest.ok("ip link"))
    start(guest)
    check("and it works again", passing(guest))


def dumped(guest, name):
    said = guest.ok(f"bpftool -j map dump name {name}")
    return {tuple(e["key"]): e["value"] for e in json.loads(said[said.index("["):])}


def can_starve(guest):
    """Can allocations of the driver be made to fail? Not every kernel has a place for it."""
    code, said = guest.run("s=/sys/module/nicjit; insmod /files/starve.ko text=$(cat $s/sections/.text) size=$(cat $s/coresize)")
    if code and not guest.ok("grep -c ' should_failslab$' /proc/kallsyms; true").startswith("1"):
        return print("note: this kernel has no place where allocations can be made to fail")
    check("allocations can be made to fail", code == 0, said)
    return code == 0


def slept(guest):
    """The machine sleeps; the NIC keeps its power, or loses it, and there is memory for what its maps hold, or not."""
    check("packets pass", passing(guest))
    guest.ok(f"ip link set dev eth0 xdpoffload obj /files/blocklist.o sec xdp && {BLOCKED}")
    guest.ok("bpftool map create /sys/fs/bpf/numbers type array key 4 value 8 entries 9 name numbers dev eth0")
    guest.ok("bpftool map update name numbers key 8 0 0 0 value 1 2 3 4 5 6 7 8")
    guest.ok("for i in $(seq 20); do echo map update name blocklist key 10 1 0 $i value $i 0 0 0 0 0 0 0 7 0 0 0 0 0 0 $i; done > /tmp/put")
    guest.ok("for i in $(seq 5 3 14); do echo map delete name blocklist key 10 1 0 $i; done > /tmp/take")
    guest.ok("bpftool batch file /tmp/put; bpftool batch file /tmp/take; ethtool -X eth0 hkey " + ":".join(["3c"] * 40))
    check("a source is blocked", not passes(guest))
    held = {name: dumped(guest, name) for name in ("blocklist", "numbers")}
    check("the maps hold something", len(held["blocklist"]) == 17 and "0x08" in held["numbers"][("0x08", "0x00", "0x00", "0x00")], held)
    for what, sleep in (("sleep without power", lambda: guest.sleep(guest.cut)), ("sleep", guest.doze)):
        sleep()
        check(f"after {what} the program is in the NIC", "xdpoffload" in guest.ok("ip link show eth0"))
        check(f"after {what} the maps are as before", {name: dumped(guest, name) for name in held} == held)
        check(f"after {what} the source is blocked", not passes(guest))
        check(f"after {what} the hash key is as before", "3c:3c:3c:3c" in guest.ok("ethtool -x eth0"))
        held["blocklist"] = dumped(guest, "blocklist")  # the program counts what it has blocked
    check("a NIC that was without power is told of", "was without power" in guest.ok("dmesg"))
    guest.ok("bpftool batch file /tmp/put")
    check("what was taken out can be put in", len(dumped(guest, "blocklist")) == 21)
    if can_starve(guest):
        forgotten(guest, held)
    guest.ok("rm /sys/fs/bpf/numbers; ip link set dev eth0 xdpoffload off")


def forgotten(guest, held):
    """A map that the host has no memory for is empty after a sleep without power, and said to be."""
    guest.ok("cd /sys/module/starve/parameters; echo 1 > from; echo 1 > count; cd /")
    guest.doze(guest.cut)
    guest.ok("rmmod starve")
    said = guest.ok("dmesg | grep 'is empty'")
    check("a map that there is no memory for is named", "map blocklist is empty" in said and "numbers" not in said, said)
    check("and is empty", not dumped(guest, "blocklist") and passes(guest))
    check("the other one is as before", dumped(guest, "numbers") == held["numbers"])
    guest.ok(BLOCKED)
    check("and it works", not passes(guest))


def there(guest, when):
    link = guest.ok("ip link show eth0")
    check(f"{when} the program is in the NIC", "xdpoffload" in link and "NO-CARRIER" not in link, link)
    guest.ok(BLOCKED)
    check(f"{when} a source is blocked", not passes(guest))
    guest.ok(BLOCKED.replace("update", "delete").split(" value")[0])
    check(f"{when} packets go through it", passes(guest))


def reset(guest):
    """The kernel resets the device: a user asks for it, or its slot reports an error. The NIC has forgotten everything, or nothing."""
    device = "/sys" + guest.ok("cd -P /sys/bus/pci/drivers/nicjit/0000:*; pwd; cd /").split("/sys")[1]
    guest.ok("ip link set dev eth0 xdpoffload obj /files/blocklist.o sec xdp; ethtool -X eth0 hkey " + ":".join(["3c"] * 40))
    guest.cut()
    check("a NIC that has forgotten everything does nothing", not passes(guest, 3))
    guest.ok(f"echo 1 > {device}/reset")
    there(guest, "after a reset")
    check("after a reset the hash key is as before", "3c:3c:3c:3c" in guest.ok("ethtool -x eth0"))
    for forgets in (False, True):
        if forgets:
            guest.cut()
        guest.ask("human-monitor-command", **{"command-line": "pcie_aer_inject_error slot0 DLP"})
        said = guest.ok("await \"dmesg | grep 'AER: device recovery'\"; dmesg -c | grep -v ' at ' | tail -n 30")
        check("the driver takes part in what the kernel does about an error", "device recovery successful" in said, said)
        there(guest, "after an error")
    guest.ok("ip link set dev eth0 xdpoffload off")


# What is done while memory fails, and how it is undone.
STARVED = {
    "a port goes up": ("ip link set eth0 up", "ip link set eth0 down"),
    "a program is offloaded": ("ip link set dev eth0 xdpoffload obj /files/blocklist.o sec xdp", "ip link set dev eth0 xdpoffload off"),
    "a classifier is offloaded": ("tc filter add dev eth0 ingress prio 1 bpf da obj /files/classify.o sec classifier skip_sw",
                                  "tc filter del dev eth0 ingress prio 1"),
    "rings change": ("ethtool -G eth0 rx 64", "ip link set eth0 down; ethtool -G eth0 rx 128; ip link set eth0 up"),
    "the NIC is found": ("echo $D > $N/bind", "echo $D > $N/unbind"),
}
STARVE = """cd /sys/module/starve/parameters
starve() { n=$1 good=0 bad=0
    while echo 0 > seen; echo 0 > failed; echo $2 > count; echo $n > from
        if eval "$3" >/dev/null 2>&1; then now=good; else now=bad; fi
        echo 0 > from; test $(cat failed) -gt 0; do
        if test $now = good; then good=$((good + 1)); else bad=$((bad + 1)); fi
        eval "$4" >/dev/null 2>&1; n=$((n + STEP)); done
    eval "$4" >/dev/null 2>&1; echo $good $bad $(cat seen); }"""


def starved(guest):
    """Each STEPth allocation fails, alone and with all after it: what was asked for is done, or refused and can be asked for again."""
    if not can_starve(guest):
        return
    guest.run("tc qdisc add dev eth0 clsact; ip link set eth0 down; ip link set eth1 down")
    guest.ok("N=/sys/bus/pci/drivers/nicjit; D=$(ls $N | grep 0000)")
    for line in STARVE.splitlines():
        guest.qemu.stdin.write(f"{line}\n".encode())
    for what, (do, undo) in STARVED.items():
        guest.ok("true" if "set" in do or "tc" in do else undo)
        guest.ok(f"STEP={STEP * 4 if 'bind' in do and STEP > 1 else STEP}")  # it takes some hundred
        for count in (1, 100000):
            said = guest.ok(f"starve {1 if count == 1 else 2} {count} '{do}' '{undo}'", 1800)
            good, bad, seen = map(int, said.splitlines()[-1].split())
            check(f"memory fails while {what}", good + bad and (bad or count == 1), f"{good} times done, {bad} times refused")
            if STEP == 1:
                print(f"{what}, {'one allocation fails' if count == 1 else 'all fail from one on'}: done {good} times, refused {bad}, of {seen} allocations")
        check(f"and {what} afterwards", guest.run(do)[0] == 0)
        if "bind" not in do:
            guest.ok(undo)
    # Whoever sets a port up as soon as it is there finds a whole NIC, however long the other one takes.
    guest.ok("echo $D > $N/unbind; echo 5 > slow; : > /tmp/go; (while test -e /tmp/go; do echo 0x1003 > /sys/class/net/eth0/flags; done 2>/dev/null) &")
    guest.ok("echo $D > $N/bind")
    check("a port is set up at once", guest.run("await 'ip link show eth0 | grep -q ,UP'")[0] == 0)
    guest.ok("rm /tmp/go; wait; echo 0 > slow")
    guest.ok("cd /; rmmod starve")
    # a failed vmalloc() shows its callers; the kernel takes out files of interrupts that it failed to make in /proc, and wonders
    said = guest.ok("dmesg -c | grep -E 'WARNING|BUG|Oops|refcount|general protection|leak|inflight' | grep -v remove_proc_entry; true")
    check("nothing else is said of it", not said, said)
    guest.ok("rmmod nicjit")
    start(guest)
    check("and the NIC works", passing(guest))


def dead(guest):
    """The device dies under the driver, in the middle of commands."""
    guest.ok("ip link set dev eth0 xdpoffload obj /files/blocklist.o sec xdp")
    guest.ok(f"(while ! test -e /tmp/end; do {BLOCKED}; bpftool map dump name blocklist; done >/dev/null 2>&1) &")
    guest.ok("(while ! test -e /tmp/end; do ethtool -S eth0; ethtool -d eth0; done >/dev/null 2>&1) &")
    time.sleep(1)
    guest.nics[0].kill()
    began = time.monotonic()
    guest.run("ip -force link set dev eth0 xdpoffload obj /files/drop_all.o sec xdp")
    link = guest.ok("await 'ip link show eth1 | grep NO-CARRIER'; ip link show eth1")
    check("a dead device has no link", "NO-CARRIER" in link, link)
    guest.ok("ip link set eth0 down")
    guest.ok(": > /tmp/end; wait; rmmod nicjit")
    check("a dead device is given up", time.monotonic() - began < 100)
    check("and its end is told of", "does not answer any more" in guest.ok("dmesg"))

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_offload.py IMAGE NICPCI: the kernel's own test of offloads in our guest: as it is on netdevsim, where it says how far it gets; then by cases.py
on netdevsim, a check of the bench; then by cases.py on our module."""
import pathlib, re, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from guest import Gone, Guest

SECONDS = 400
SIM = "insmod /offload/psample.ko; insmod /offload/netdevsim.ko; for m in cls_bpf sch_ingress; do insmod /files/$m.ko; done"
passed = failed = 0


def check(name, good, said):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print(f"{'ok' if good else 'FAIL'}: {name}\n    " + said.replace("\n", "\n    "), flush=True)


def cases(guest, where):
    said = guest.run(f"timeout {SECONDS} python3 -u /offload/cases.py {where}", SECONDS + 30)[1]
    told = re.search(r"cases: (\d+) passed, (\d+) failed", said)
    check(f"cases on {where}", told and int(told[1]) > 30 and told[2] == "0", said)
    splats = guest.splats()
    check(f"nothing bad in the kernel's log after {where}", not splats, splats)


def main():
    image, nicpci = sys.argv[1:3]
    where = sys.argv[3:] or ["netdevsim", "nicjit"]
    try:
        if "netdevsim" in where:
            with Guest(image, nicpci, mib=1024) as guest:
                guest.ok(SIM)
                said = guest.run("timeout 200 python3 -u /as-is/test_offload.py", 230)[1]
                titles = re.findall(r"^Test .*", said, re.M)
                check("test_offload.py as it is", len(titles) > 20, f"{len(titles)} titles, then: {said.splitlines()[-1]}")
            with Guest(image, nicpci, mib=1024) as guest:
                guest.ok(SIM)
                cases(guest, "netdevsim")
        if "nicjit" in where:
            with Guest(image, nicpci, mib=1024, nics=2) as guest:
                guest.ok("for m in nicjit cls_bpf sch_ingress; do insmod /files/$m.ko; done")
                cases(guest, "nicjit")
    except (Gone, AssertionError, OSError) as e:
        check("the run comes to its end", False, str(e))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

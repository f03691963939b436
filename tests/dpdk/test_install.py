# SPDX-License-Identifier: Apache-2.0
"""make install: everything is there, and a stock testpmd and a plain application find the driver without being told."""
import glob
import os
import subprocess

from cases import check, run_cases
from testpmd import B


def make(target, root):
    return subprocess.run(["make", "-s", target, "DESTDIR=" + root, "PREFIX=/usr", "B=" + os.path.relpath(B)], capture_output=True, text=True)


def install(tmp):
    done = make("install", tmp)
    check(done.returncode == 0, done.stderr)
    for name in ("nicjit", "nicsim", "nicctl"):
        shown = subprocess.run([tmp + "/usr/bin/" + name, "--help"], capture_output=True, text=True)
        check(shown.returncode == 0 and "usage" in shown.stdout.lower(), "%s --help: %s" % (name, shown.stderr))
        page = subprocess.run(["man", "-l", "%s/usr/share/man/man1/%s.1" % (tmp, name)], capture_output=True, text=True) if os.path.exists("/usr/bin/man") else None
        check(os.path.getsize("%s/usr/share/man/man1/%s.1" % (tmp, name)) > 1000 and (not page or page.returncode == 0), "its page")
    check(os.path.exists(tmp + "/usr/include/rte_pmd_nicjit.h"), "the header for applications")
    drivers = glob.glob(tmp + "/usr/lib/*/dpdk/pmds-*")
    check(len(drivers) == 1 and os.listdir(drivers[0]) == ["librte_net_nicjit.so"], "the driver is not where EAL looks: %s" % drivers)
    system = drivers[0][len(tmp):]
    subprocess.run("cp -an %s/* %s" % (system, drivers[0]), shell=True, check=True)
    # A process of its own sees the installed drivers in their place.
    script = "mount --make-rprivate / && mount --bind {d} {s} && timeout -s INT 300 stdbuf -oL dpdk-testpmd --no-huge -m 256 --no-pci -l 0-1 --file-prefix=nicjit-install " \
        "--vdev=net_nicjit0,wire=loop -- --total-num-mbufs=2048 --no-mlockall --stats-period=1 2>&1 | sed '/NIC statistics for port 0/q'".format(s=system, d=drivers[0])
    run = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True)
    check("Configuring Port 0" in run.stdout and "NIC statistics for port 0" in run.stdout, "testpmd does not find it: " + (run.stdout + run.stderr)[-600:])
    script = "mount --make-rprivate / && mount --bind {d} {s} && {b}/dpdk/port --no-huge -m 512 --no-pci -l 0-1 --no-telemetry --file-prefix=nicjit-plain --vdev=net_nicjit0,wire=loop -- sums".format(
        s=system, d=drivers[0], b=B)
    run = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True)
    check(run.returncode == 0 and "wrong 0," in run.stdout, "an application does not find it: " + (run.stdout + run.stderr)[-600:])
    check(make("uninstall", tmp).returncode == 0 and not os.listdir(tmp + "/usr/bin") and not os.path.exists(drivers[0] + "/librte_net_nicjit.so"), "uninstall")


if __name__ == "__main__":
    run_cases([("install", install)])

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""source.py DIR: what our tests use of the kernel's source, out of Debian's package of it, into DIR/source: its test of offloads, netdevsim, checkpatch."""
import pathlib, shutil, subprocess, sys

PACKAGE = "linux-source-6.1"
SELFTESTS = "tools/testing/selftests/bpf"
SIM = "drivers/net/netdevsim"
FILES = (f"{SELFTESTS}/test_offload.py", f"{SELFTESTS}/progs/sample_ret0.c", f"{SELFTESTS}/progs/sample_map_ret0.c", f"{SIM}/*",
         "scripts/checkpatch.pl", "scripts/spelling.txt", "scripts/const_structs.checkpatch")


def run(*args, **more):
    return subprocess.run(args, check=True, capture_output=True, text=True, **more).stdout


def fetch(where):
    """A compressed archive has no index: it is read to its end, once."""
    source = where / "source"
    if not source.exists():
        packed = pathlib.Path(f"/usr/src/{PACKAGE}.tar.xz")
        if not packed.exists():
            run("apt-get", "download", PACKAGE, cwd=where)
            run("dpkg-deb", "-x", next(where.glob(f"{PACKAGE}_*.deb")), where / "package")
            packed = where / f"package/usr/src/{PACKAGE}.tar.xz"
        half = where / "unpacking"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir()
        run("tar", "xJf", packed, "--strip-components=1", "--wildcards", *(f"{PACKAGE}/{name}" for name in FILES), cwd=half)
        half.rename(source)
    return source


if __name__ == "__main__":
    directory = pathlib.Path(sys.argv[1]).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    fetch(directory)

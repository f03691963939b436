#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""image.py DIR GUEST HEADERS OBJECTS..: what the kernel's test_offload.py needs in the guest, as an archive behind the initrd of GUEST: the script and
the sources of its samples from Debian's package of the kernel's source, netdevsim built from there, Python. All of it is fetched and built in DIR."""
import lzma, pathlib, re, shutil, subprocess, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from source import SELFTESTS, SIM, fetch, run

SAMPLES = ("sample_ret0", "sample_map_ret0")
USED = "argparse,ast,builtins,ctypes,datetime,encodings.ascii,encodings.idna,errno,glob,json,os,pprint,random,re,shutil,stat,string,struct,subprocess,time,traceback"


def compile_sample(text, to):
    flags = ["-O2", "-g", "-target", "bpf", "-I/usr/include/" + run("gcc", "-print-multiarch").strip(), "-x", "c", "-c"]
    subprocess.run(["clang", *flags, "-o", to, "-"], input=text, check=True, text=True)


def samples(source, root, objects):
    """As they are, in as-is; and in a section that libbpf 1 takes programs from, as later kernels have them."""
    for name in SAMPLES:
        text = (source / f"{SELFTESTS}/progs/{name}.c").read_text()
        compile_sample(text, root / f"as-is/{name}.bpf.o")
        text = re.sub(r'(SEC\("\.text"\) )?int func\(', '__attribute__((section("xdp"), used)) int func(', text)
        compile_sample(text, root / f"offload/{name}.bpf.o")
        if "max_entries, 2" in text:
            compile_sample(text.replace("max_entries, 2", "max_entries, 1 << 30"), root / "offload/too_large.bpf.o")
    for file in objects:
        shutil.copy(file, root / "offload")


def netdevsim(where, source, headers):
    build = where / "netdevsim"
    if not (build / "netdevsim.ko").exists():
        shutil.copytree(source / SIM, build, dirs_exist_ok=True)
        run("make", "-C", headers, f"M={build}", "CONFIG_NETDEVSIM=m", "modules")
    return build / "netdevsim.ko"


def python(root):
    said = run("/usr/bin/python3", "-I", "-c", f"import sys, {USED}\nfor m in list(sys.modules.values()): print(getattr(m, '__file__', None) or '')")
    files = {"/usr/bin/python3"} | {line for line in said.splitlines() if line}
    for file in set(files):
        files |= set(re.findall(r"(/\S+)", subprocess.run(["ldd", file], capture_output=True, text=True).stdout)) if not file.endswith(".py") else set()
    for file in files:
        to = root / file[1:]
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, to)


def main():
    where, guest, headers, *objects = map(pathlib.Path, sys.argv[1:])
    where.mkdir(parents=True, exist_ok=True)
    where = where.resolve()
    source = fetch(where.parent)
    root = where / "root"
    shutil.rmtree(root, ignore_errors=True)
    for name in ("bin", "as-is", "offload", "var/run"):
        (root / name).mkdir(parents=True)
    samples(source, root, objects)
    python(root)
    for to in ("as-is", "offload"):
        shutil.copy(source / SELFTESTS / "test_offload.py", root / to)
    run("strip", "-g", "-o", root / "offload/netdevsim.ko", netdevsim(where, source, headers))
    packed = next(guest.glob("package/lib/modules/*/kernel/net/psample/psample.ko*"))
    data = packed.read_bytes()
    (root / "offload/psample.ko").write_bytes(lzma.decompress(data) if packed.suffix == ".xz" else data)
    (root / "bin/sh").symlink_to("dash")
    (root / "bin/python3").symlink_to("/usr/bin/python3")
    for stub in ("udevadm", "modprobe"):  # what they would do is done
        (root / "bin" / stub).write_text("#!/bin/dash\n")
        (root / "bin" / stub).chmod(0o755)
    names = subprocess.run(["find", "."], cwd=root, capture_output=True, check=True).stdout
    more = subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=root, input=names, capture_output=True, check=True).stdout
    (where / "initrd").write_bytes((guest / "initrd").read_bytes() + more)
    (where / "vmlinux").unlink(missing_ok=True)
    (where / "vmlinux").symlink_to((guest / "vmlinux").resolve())


if __name__ == "__main__":
    main()

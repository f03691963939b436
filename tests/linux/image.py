#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""image.py DIR MODULE.ko [FILE...]: makes what the guest boots, in DIR: vmlinux (Debian's stock kernel, unpacked), vmlinuz (as it comes) and initrd (real ip, tc, bpftool,
ethtool and xdp-loader, the module, the files in /files, programs among them in /bin). The kernel's package is downloaded, not installed. Prints nothing when all is there."""
import lzma, os, pathlib, re, shutil, subprocess, sys

TOOLS = ["ip", "tc", "bpftool", "ethtool", "xdp-loader", "insmod", "rmmod", "lsmod", "dash"]
APPLETS = ["cat", "echo", "ls", "mount", "mkdir", "dmesg", "grep", "sleep", "poweroff", "stty", "sed", "awk", "head", "tail", "wc", "test", "ping",
           "arping", "nc", "seq", "hexdump", "cut", "sort", "uniq", "ps", "kill", "rm", "free", "sha256sum", "dd", "timeout", "sync", "tr", "usleep", "nslookup"]
MODULES = ["act_mirred", "cls_bpf", "cls_matchall", "configfs", "netconsole", "sch_ingress", "veth"]
INIT = """#!/bin/dash
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev; mount -t debugfs debugfs /sys/kernel/debug
mount -t bpf bpf /sys/fs/bpf
export PATH=/bin HOME=/ PS1= PS2=
echo 1 > /proc/sys/kernel/printk
exec </dev/ttyS0 >/dev/ttyS0 2>&1
stty -echo
echo BOOTED
exec dash -s
"""


def run(*args, **more):
    return subprocess.run(args, check=True, capture_output=True, text=True, **more).stdout


def release(module):
    """The kernel that the module was built for."""
    return run("modinfo", "-F", "vermagic", module).split()[0]


def unpack_kernel(package, to):
    """The ELF kernel out of a bzImage: offsets of Documentation/x86/boot."""
    image = pathlib.Path(package).read_bytes()
    start = (image[0x1f1] + 1) * 512 + int.from_bytes(image[0x248:0x24c], "little")
    payload = image[start:start + int.from_bytes(image[0x24c:0x250], "little")]
    if payload[:4] == b"\x28\xb5\x2f\xfd":
        data = subprocess.run(["zstd", "-dcq"], input=payload[:-4], capture_output=True, check=True).stdout
    else:
        data = lzma.LZMADecompressor().decompress(payload)
    if data[:4] != b"\x7fELF":
        raise SystemExit(f"{package}: no ELF kernel in it")
    to.write_bytes(data)


def kernel(where, version):
    vmlinux = where / f"vmlinux-{version}"
    if not vmlinux.exists():
        package = f"linux-image-{version}"
        if not list(where.glob(f"{package}_*.deb")):
            run("apt-get", "download", package, cwd=where)
        deb = next(where.glob(f"{package}_*.deb"))
        run("dpkg-deb", "-x", deb, where / "package")
        unpack_kernel(where / f"package/boot/vmlinuz-{version}", vmlinux)
    return vmlinux


def libraries(binary):
    found = subprocess.run(["ldd", binary], capture_output=True, text=True).stdout
    return re.findall(r"(/\S+)", found)


def initrd(where, module, files):
    root = where / "root"
    shutil.rmtree(root, ignore_errors=True)
    for name in ("bin", "proc", "sys", "dev", "tmp", "files", "run", "etc", "usr/lib"):
        (root / name).mkdir(parents=True, exist_ok=True)
    shutil.copy("/bin/busybox", root / "bin/busybox")
    for name in APPLETS:
        (root / "bin" / name).symlink_to("busybox")
    ours = [file for file in files if os.access(file, os.X_OK)]
    for tool in TOOLS + ours:
        path = shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin")
        if not path:
            raise SystemExit(f"{tool} is not installed")
        shutil.copy(path, root / "bin")
        for library in libraries(path):
            to = root / library[1:]
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, to)
    if pathlib.Path("/usr/lib/x86_64-linux-gnu/bpf").exists():
        shutil.copytree("/usr/lib/x86_64-linux-gnu/bpf", root / "usr/lib/x86_64-linux-gnu/bpf", dirs_exist_ok=True)
    for file in files:
        if file not in ours:
            shutil.copy(file, root / "files")
    for name in MODULES:
        packed = next(where.glob(f"package/lib/modules/*/kernel/**/{name}.ko*"))
        data = packed.read_bytes()
        (root / f"files/{name}.ko").write_bytes(lzma.decompress(data) if packed.suffix == ".xz" else data)
    run("strip", "-g", "-o", root / "files/nicjit.ko", module)
    (root / "init").write_text(INIT)
    (root / "init").chmod(0o755)
    names = subprocess.run(["find", "."], cwd=root, capture_output=True, check=True).stdout
    packed = subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=root, input=names, capture_output=True, check=True).stdout
    (where / "initrd").write_bytes(packed)


if __name__ == "__main__":
    directory = pathlib.Path(sys.argv[1]).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    image = kernel(directory, release(sys.argv[2]))
    for name, to in (("vmlinux", image.name), ("vmlinuz", f"package/boot/{image.name.replace('vmlinux', 'vmlinuz')}")):
        (directory / name).unlink(missing_ok=True)
        (directory / name).symlink_to(to)
    initrd(directory, sys.argv[2], sys.argv[3:])

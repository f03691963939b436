#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""image.py DIR GUEST PLUGIN: what the guest of GUEST boots, and modules of its kernel to reach PCI from user space and DIR/root by 9p. That is what is too much for an
initrd: stock dpdk-testpmd, what of DPDK they load, and our plug-in where EAL finds it."""
import lzma, pathlib, re, shutil, subprocess, sys

POOLS = "librte_mempool_ring.so.23.0"  # the buses come with the plug-in, which needs them
MODULES = ["uio", "uio_pci_generic", "virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "netfs", "fscache", "9pnet", "9pnet_virtio", "9p"]
PLACES = ["proc", "sys", "dev", "files", "var/run", "tmp"]


def add(root, file, to=None):
    to = root / str(to or file)[1:]
    if not to.exists():
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, to)


def testpmd(root, plugin):
    program = shutil.which("dpdk-testpmd")
    drivers = next(pathlib.Path("/usr/lib").glob("*/dpdk/pmds-23.0"))
    add(root, program, "/bin/dpdk-testpmd")
    add(root, plugin, drivers / plugin.name)
    add(root, drivers / POOLS)
    for binary in (program, plugin, drivers / POOLS):
        for library in re.findall(r"(/\S+)", subprocess.run(["ldd", binary], capture_output=True, text=True).stdout):
            add(root, library)
    for name in PLACES:
        (root / name).mkdir(parents=True, exist_ok=True)


def modules(to, guest):
    to.mkdir(parents=True)
    for n, name in enumerate(MODULES):
        packed = next(guest.glob(f"package/lib/modules/*/kernel/**/{name}.ko*"))
        data = packed.read_bytes()
        (to / f"{n:02}-{name}.ko").write_bytes(lzma.decompress(data) if packed.suffix == ".xz" else data)


def main():
    where, guest, plugin = map(pathlib.Path, sys.argv[1:])
    shutil.rmtree(where, ignore_errors=True)
    testpmd(where / "root", plugin)
    modules(where / "initrd.d/modules", guest)
    names = subprocess.run(["find", "."], cwd=where / "initrd.d", capture_output=True, check=True).stdout
    more = subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=where / "initrd.d", input=names, capture_output=True, check=True).stdout
    (where / "initrd").write_bytes((guest / "initrd").read_bytes() + more)
    (where / "vmlinux").symlink_to((guest / "vmlinux").resolve())


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""A QEMU guest with a simulated NIC: boots what image.py made, runs commands in it, sends and takes frames on the NIC's wires."""
import json, os, pathlib, select, signal, socket, subprocess, tempfile, time

MARK = "@@"
PATIENCE = 300  # seconds; a machine that does four other things takes a minute to boot a guest
# What the kernel takes for a hang may be a QEMU that is not let run for half a minute.
WATCHDOGS = "watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=300 sysctl.kernel.hung_task_timeout_secs=600 "


class Gone(Exception):
    """The guest or the NIC ended, or did not answer in time."""


class Guest:
    def __init__(self, *args, **options):
        """On a busy machine QEMU may lose the guest's timer while it boots: it hangs, idle, and another is tried."""
        for left in (2, 1, 0):
            self._boot(*args, **options)
            try:
                self._booted()
                self.run("true")  # the shell says a word about its terminal
                return
            except Gone:
                self.close()
                if not left:
                    raise

    def _booted(self):
        """It may take long as long as QEMU computes."""
        end, used = time.monotonic() + 2 * PATIENCE, -1.0
        while True:
            try:
                return self._until(b"BOOTED", 20)
            except Gone:
                before, used = used, self._seconds_of_qemu()
                if used < before + 0.2 or time.monotonic() > end:
                    raise

    def _seconds_of_qemu(self):
        fields = pathlib.Path(f"/proc/{self.qemu.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _boot(self, image, nicpci, model="iss", ports=2, cpus=1, mib=512, options=(), nics=1, kernel="", sleeps=False, slot=False, qemu=()):
        """One that sleeps boots the packed kernel: when it wakes QEMU loads an unpacked one anew, over what it was doing."""
        self.dir, self.nics = tempfile.TemporaryDirectory(), []
        self.wires = [f"{self.dir.name}/wire{port}" for port in range(ports)]
        self.memory = f"{self.dir.name}/memory"
        self.log = open(f"{self.dir.name}/nicpci.log", "w+")
        devices = []
        for i in range(nics):  # the wires are those of the first
            control = f"{self.dir.name}/nic{i}"
            command = [nicpci, "--socket", control, "--memory", self.memory, "--mib", str(mib), "--model", model, *options]
            for wire in self.wires:
                command += ["--wire", f"sock:{wire}" if i == 0 else f"sock:{wire}.{i}"]
            self.nics.append(subprocess.Popen(command, stderr=self.log))
            devices += ["-device", f"pcie-root-port,id=slot{i},chassis={i}"] if slot else []
            devices += ["-chardev", f"socket,path={control},id=nic{i}", "-device", f"ivshmem-doorbell,chardev=nic{i},vectors=16{f',bus=slot{i}' * slot}"]
            self._await(lambda: pathlib.Path(control).exists(), "nicpci does not start")
        devices += ["-qmp", f"unix:{self.dir.name}/qmp,server=on,wait=off"] + ["-global", "ICH9-LPC.disable_s3=0"] * sleeps
        self.qemu = subprocess.Popen(
            ["qemu-system-x86_64", "-M", "q35,memory-backend=ram", "-object",
             f"memory-backend-file,id=ram,size={mib}M,mem-path={self.memory},share=on", "-m", str(mib), "-accel", "tcg,thread=multi", "-cpu", "max",
             "-smp", str(cpus), "-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio", "-no-reboot", "-kernel", f"{image}/{'vmlinuz' if sleeps else 'vmlinux'}",
             "-initrd", f"{image}/initrd", "-append", "console=ttyS0 panic=-1 quiet mitigations=off net.ifnames=0 no_timer_check " + WATCHDOGS + kernel,
             *devices, *qemu],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
        self.sockets = {}
        self.text = b""

    def _await(self, ready, what, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end or self.nics[-1].poll() is not None:
                raise Gone(what + ": " + pathlib.Path(self.log.name).read_text())
            time.sleep(0.01)

    def _until(self, mark, seconds):
        end = time.monotonic() + seconds
        while mark not in self.text:
            ready, _, _ = select.select([self.qemu.stdout], [], [], max(0, end - time.monotonic()))
            more = self.qemu.stdout.read(65536) if ready else b""
            if not more:
                raise Gone(f"no {mark.decode()} from the guest; it said:\n" + self.text.decode(errors="replace")[-4000:])
            self.text += more
        said, self.text = self.text.split(mark, 1)
        return said.decode(errors="replace").replace("\r", "")

    def until(self, mark, seconds):
        """What the guest says until then."""
        return self._until(mark.encode(), seconds)

    def run(self, command, seconds=PATIENCE):
        """Returns the exit code and what the command printed."""
        self.qemu.stdin.write(f"{command}\nrc=$?; echo; echo {MARK}$rc{MARK[0]}.\n".encode())
        said = self._until(MARK.encode(), seconds)
        code = self._until(b"@.", seconds)
        return int(code), said.replace("# ", "").strip()

    def ok(self, command, seconds=PATIENCE):
        code, said = self.run(command, seconds)
        if code:
            raise AssertionError(f"{command}: exit code {code}\n{said}")
        return said

    def wire(self, port):
        if port not in self.sockets:
            self.sockets[port] = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self.sockets[port].connect(self.wires[port])
        return self.sockets[port]

    def send(self, port, frames):
        for frame in frames:
            self.wire(port).send(frame)

    def take(self, port, count=None, seconds=10, quiet=0.5):
        """Frames that the NIC sent: count of them, or until none came for a while."""
        got, end = [], time.monotonic() + seconds
        while (count is None or len(got) < count) and time.monotonic() < end:
            ready, _, _ = select.select([self.wire(port)], [], [], quiet if count is None else end - time.monotonic())
            if not ready:
                break
            got.append(self.wire(port).recv(65536))
        return got

    def ask(self, command, **arguments):
        """Of QEMU."""
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(f"{self.dir.name}/qmp")
            with s.makefile("rw") as qmp:
                for name, how in ("qmp_capabilities", {}), (command, arguments):
                    qmp.write(json.dumps({"execute": name, "arguments": how}) + "\n")
                    qmp.flush()
                    answer = {}
                    while "return" not in answer:
                        answer = json.loads(qmp.readline())
        return answer["return"]

    def cut(self):
        """The NIC's power: it has forgotten everything."""
        told = lambda: pathlib.Path(self.log.name).read_text().count("without power")
        before = told()
        self.nics[0].send_signal(signal.SIGUSR1)
        self._await(lambda: told() > before, "the NIC keeps its power")

    def sleep(self, meanwhile=lambda: None):
        """Suspend to RAM: processor and PCI are without power until it is woken. Once: QEMU wakes it by itself the next time."""
        self.qemu.stdin.write(b"echo mem > /sys/power/state; echo AWAKE\n")
        self._await(lambda: self.ask("query-status")["status"] == "suspended", "the guest does not sleep")
        meanwhile()
        self.ask("system_wakeup")
        self.until("AWAKE", PATIENCE)

    def doze(self, meanwhile=lambda: None):
        """The same up to where the processor would be switched off; a second later everything comes back."""
        self.ok("echo N > /sys/module/printk/parameters/console_suspend; echo 7 > /proc/sys/kernel/printk")
        self.ok("echo 1 > /sys/module/suspend/parameters/pm_test_delay; echo platform > /sys/power/pm_test")
        self.qemu.stdin.write(b"echo mem > /sys/power/state; echo 1 > /proc/sys/kernel/printk; echo AWAKE\n")
        self.until("suspend debug: Waiting for", PATIENCE)
        meanwhile()
        self.until("AWAKE", PATIENCE)

    def splats(self):
        """What the kernel's log has of bad things since the last look at it."""
        return self.run("dmesg -c | grep -B 3 -A 12 -E 'WARNING|BUG|Oops|Call Trace|refcount|general protection|nicjit.*error'")[1]

    def close(self):
        for s in self.sockets.values():
            s.close()
        self.qemu.kill()
        self.qemu.wait()
        for nic in self.nics:
            nic.terminate()
            nic.wait()
        self.log.seek(0)
        said = self.log.read()
        self.log.close()
        self.dir.cleanup()
        return said

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

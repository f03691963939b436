# SPDX-License-Identifier: Apache-2.0
"""A stock dpdk-testpmd with our plug-in, driven through its prompt and its telemetry socket."""
import json
import os
import re
import select
import socket
import subprocess
import time

B = os.path.abspath(os.environ.get("B", "build"))
TIMEOUT = 300  # seconds, of a machine that has other things to do
PROMPT = "testpmd> "


class Testpmd:
    """args: of the vdev, None: there is none and PCI is looked at; more: other EAL arguments; options: of testpmd behind --."""

    count = 0
    running = []

    def __init__(self, args, more=(), options=(), plugin=B + "/dpdk", program="dpdk-testpmd", environment=()):
        Testpmd.count += 1
        self.prefix = "nicjit%d-%d" % (os.getpid(), Testpmd.count)
        self.text = ""
        env = dict(os.environ, LD_LIBRARY_PATH=plugin, **dict(environment))
        device = [] if args is None else ["--no-pci", "--vdev=net_nicjit0," + args]
        # Its prompt is written past stdio, so stdio must not keep lines back. Locked in memory, the GiB of the models would all be touched.
        command = ["stdbuf", "-oL", program, "--no-huge", "-m", "512", "-l", "0-1", "--file-prefix=" + self.prefix, "-d", "librte_net_nicjit.so",
                   *device, *more, "--", "-i", "--total-num-mbufs=4096", "--no-flush-rx", "--no-mlockall", *options]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env)
        Testpmd.running.append(self)
        os.set_blocking(self.process.stdout.fileno(), False)
        self._until(PROMPT)

    def _until(self, what):
        """Reads until what; returns the text before it, or all there is when the process ends."""
        end = time.monotonic() + TIMEOUT
        at = len(self.text)
        while what not in self.text[at:]:
            if not select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError("no %r after %r" % (what, self.text[-400:]))
            piece = self.process.stdout.read()
            if not piece:
                break
            self.text += piece.decode(errors="replace")
        return self.text[at:]

    @classmethod
    def kill_all(cls):
        for t in cls.running:
            if t.alive():
                t.process.kill()
                t.process.wait()
        cls.running.clear()

    def alive(self):
        return self.process.poll() is None

    def resident(self):
        """KiB of memory that the process has in use."""
        with open("/proc/%d/status" % self.process.pid) as f:
            return int(re.search(r"^VmRSS:\s*(\d+)", f.read(), re.M).group(1))

    def tell(self, command):
        """Without waiting for the prompt, which what the forwarding thread prints may tear apart."""
        self.process.stdin.write((command + "\n").encode())
        self.process.stdin.flush()

    def do(self, command):
        """What testpmd prints for a command."""
        self.tell(command)
        return self._until(PROMPT)

    def xstats(self, port=0):
        return {k: int(v) for k, v in re.findall(r"^(\w+): (\d+)$", self.do("show port xstats %d" % port).replace("\r", ""), re.M)}

    def ask(self, command):
        """An answer of telemetry."""
        base = os.environ.get("XDG_RUNTIME_DIR", "/tmp") if os.getuid() else "/var/run"
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            s.settimeout(TIMEOUT)
            s.connect("%s/dpdk/%s/dpdk_telemetry.v2" % (base, self.prefix))
            s.recv(16384)
            s.send(command.encode())
            return json.loads(s.recv(16384))[command.split(",")[0]]

    def settled(self, count, want=None, seconds=TIMEOUT):
        """Waits until count() stands still, or is what is wanted."""
        end = time.monotonic() + seconds
        last = None
        while time.monotonic() < end:
            now = count()
            if now == want or (want is None and now == last):
                return now
            last = now
            time.sleep(0.3 if want is None else 0.05)
        return last

    def quit(self):
        """The exit code; what was printed is in text."""
        if self.alive():
            try:
                self.process.stdin.write(b"stop\nquit\n")
                self.process.stdin.flush()
            except BrokenPipeError:
                pass
        try:
            self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return -1
        piece = self.process.stdout.read()
        self.text += (piece or b"").decode(errors="replace")
        return self.process.returncode

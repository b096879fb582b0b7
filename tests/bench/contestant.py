"""A program that works a drop folder, as a process to watch: the daemon, or a peer."""

import os
import pathlib
import re
import shlex
import socket
import subprocess
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")
PATIENCE = 3600  # seconds; a peer may need half of it for a large backlog


class Contestant:
    """How a program is started. A peer is told the inbox, the file for its lines, and a corpus to learn from."""

    def __init__(self, name, command, corpus=None):
        self.name, self.words, self.corpus = name, shlex.split(command), corpus

    def command(self, inbox, lines):
        """The command line for an inbox."""
        if self.corpus:
            return [*self.words, str(inbox), str(lines), str(self.corpus)]
        return [*self.words, "--inbox", str(inbox), "--sink", str(lines), "--log", "warn"]


class Run:
    """One run of a contestant, from its start to its end."""

    def __init__(self, contestant, folder, inbox):
        self.lines, self.said = folder / "lines.jsonl", folder / "said"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(folder / "notify"))
        self.socket.setblocking(False)
        self.started = time.perf_counter()
        environment = {**os.environ, "NOTIFY_SOCKET": str(folder / "notify")}
        command = contestant.command(inbox, self.lines)
        with open(self.said, "wb") as said:
            self.process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.socket.close()

    def wait(self, what, done):
        """Waits until something is so, and returns how long that was since the start."""
        while not done():
            if self.process.poll() is not None or time.perf_counter() - self.started > PATIENCE:
                raise SystemExit(f"end_to_end: {what}: {self.process.args[0]} said: {self.said.read_text()[-2000:]}")
            time.sleep(0.001)
        return time.perf_counter() - self.started

    def ready(self):
        """Until it says so: to the service manager, or in a line."""

        def said():
            try:
                return b"READY=1" in self.socket.recv(4096)
            except BlockingIOError:
                return b"ready" in self.said.read_bytes()

        return self.wait("never ready", said)

    def cpu(self):
        """Processor seconds so far, of all its threads."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory(self, field="VmRSS"):
        """Resident MiB now, or with VmHWM the most so far."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+)", status)[1]) / 1024


class Follower(threading.Thread):
    """Reads the lines as they are written. It knows how many there are, and when the new files' lines came."""

    NEW = re.compile(rb'"path": ?"(new-\d+\.txt)"')

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.count, self.first, self.last, self.seen, self.ended = path, 0, None, None, {}, False
        self.start()

    def run(self):
        while not self.path.exists() and not self.ended:
            time.sleep(0.0005)
        if self.ended:
            return
        rest = b""
        with open(self.path, "rb") as lines:
            while not self.ended:
                chunk = lines.read(1 << 20)
                if not chunk:
                    time.sleep(0.0005)
                    continue
                now = time.perf_counter()
                whole, end, rest = (rest + chunk).rpartition(b"\n")
                for name in self.NEW.findall(whole):
                    self.seen.setdefault(name.decode(), now)
                if end:
                    self.first = self.first or now
                    self.last = now
                    self.count += whole.count(b"\n") + 1

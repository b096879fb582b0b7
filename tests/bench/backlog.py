#!/usr/bin/env python3
"""A backlog of many files: how soon the daemon is ready, how soon the first line stands, how fast and how large it is.

usage: backlog.py PROGRAM [--files 100000] [--rounds 3] [--linger 0,0.005,0.05] [--folder DIR]

Each round makes a fresh inbox, starts the daemon, and waits until every line is there. The settings of --linger are
played in turn within each round, so that a machine that is busy for a while is busy for all. Prints one line a run, and
the medians. Half of the files are made of a sample article with a number in it, and all are older than the quiet time.
"""
import argparse, os, pathlib, shutil, socket, statistics, subprocess, tempfile, time

parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("--files", type=int, default=100_000)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--linger", default="0")
parser.add_argument("--folder", default=None)
arguments = parser.parse_args()
text = (pathlib.Path(__file__).parent.parent / "articles" / "tariffs.txt").read_text()


def resident(pid):
    """Resident memory in MiB, and the most of it ever."""
    fields = dict(line.split(":") for line in open(f"/proc/{pid}/status") if ":" in line)
    return int(fields["VmHWM"].split()[0]) / 1024


def run(linger):
    folder = pathlib.Path(tempfile.mkdtemp(dir=arguments.folder))
    inbox, sink = folder / "inbox", folder / "sink.jsonl"
    inbox.mkdir()
    old = time.time() - 3600
    for n in range(arguments.files):
        path = inbox / f"{n:06}.txt"
        path.write_text(f"{n}\n\n{text}")
        os.utime(path, (old, old))
    ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ready.bind(str(folder / "notify"))
    command = [arguments.program, "run", "--inbox", inbox, "--sink", sink, "--linger", str(linger), "--log", "warn"]
    started = time.perf_counter()
    daemon = subprocess.Popen(command, env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")})
    while b"READY=1" not in ready.recv(4096):
        pass
    result = {"ready": time.perf_counter() - started}
    while not (sink.exists() and sink.stat().st_size):
        time.sleep(0.001)
    result["first line"] = time.perf_counter() - started
    seen = at = 0
    with open(sink, "rb") as lines:
        while seen < arguments.files:
            chunk = lines.read(1 << 20)
            seen += chunk.count(b"\n")
            if not chunk:
                time.sleep(0.002)
    result["all lines"] = time.perf_counter() - started
    result["MiB"] = resident(daemon.pid)
    daemon.terminate()
    assert daemon.wait() == 0
    assert len(os.listdir(inbox / "done")) == arguments.files
    shutil.rmtree(folder)
    return result


lingers = [float(linger) for linger in arguments.linger.split(",")]
results = {linger: [] for linger in lingers}
for _ in range(arguments.rounds):
    for linger in lingers:
        results[linger].append(run(linger))
        print(linger, {name: round(value, 3) for name, value in results[linger][-1].items()}, flush=True)
for linger, runs in results.items():
    middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    rate = arguments.files / middle["all lines"]
    print(f"linger {linger}: median {({name: round(value, 3) for name, value in middle.items()})}, {rate:.0f} files/s")

"""The parts that watch a drop folder being worked. Each is given a contestant and returns named figures of one run."""

import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from contestant import Follower, Run


@contextmanager
def playing(contestant, options, files):
    """A run over a fresh inbox of so many old files, with who reads its lines. Nothing is left of it."""
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    try:
        inbox = options.load.fill(folder / "inbox", files)
        os.sync()  # or the disk would still be writing the files while they are read
        with Run(contestant, folder, inbox) as run:
            follower = Follower(run.lines)
            try:
                yield run, follower, inbox
            finally:
                follower.ended = True
    finally:
        shutil.rmtree(folder)


def backlog(contestant, options, files):
    """How fast old files are worked. It is counted from the first line, so that a peer's training is not."""
    with playing(contestant, options, files) as (run, follower, _):
        first_line = run.wait("no first line", lambda: follower.count)
        before, counted = run.cpu(), follower.count
        run.wait("lines are missing", lambda: follower.count >= files)
        time.sleep(0.5)  # the last files are still being moved
        return {
            "first line s": first_line,
            "files/s": (files - counted) / (follower.last - follower.first),
            "CPU ms a file": (run.cpu() - before) / (files - counted) * 1000,
            "peak MiB": run.memory("VmHWM"),
        }


def dropped(options, inbox, seconds):
    """Renames new files in at a steady rate; returns when each came."""
    sent, start = {}, time.perf_counter()
    for number in range(int(seconds * options.rate)):
        name = f"new-{number:06}.txt"
        hidden = inbox / f".{name}.part"
        # Numbers that no backlog has, so that no text is there twice.
        hidden.write_text(options.load.article(10_000_000 + number), encoding="utf-8")
        time.sleep(max(0, start + number / options.rate - time.perf_counter()))
        sent[name] = time.perf_counter()
        hidden.rename(inbox / name)
    return sent


def spread(seconds):
    """The middle and the worst hundredth, in milliseconds."""
    ordered = sorted(seconds)
    return {"p50 ms": ordered[len(ordered) // 2] * 1000, "p99 ms": ordered[int(len(ordered) * 0.99)] * 1000}


def newcomers(run, follower, options, inbox):
    """What new files wait for their lines."""
    sent = dropped(options, inbox, options.seconds)
    run.wait("new files have no lines", lambda: len(follower.seen) >= len(sent))
    return spread(follower.seen[name] - then for name, then in sent.items())


def latency(contestant, options):
    """How long a new file waits for its line where there is nothing else to do."""
    with playing(contestant, options, 0) as (run, follower, inbox):
        run.ready()
        time.sleep(1)
        before = run.cpu()
        figures = newcomers(run, follower, options, inbox)
        return figures | {"CPU ms a file": (run.cpu() - before) / len(follower.seen) * 1000}


def during(contestant, options, files):
    """The same while a backlog is worked, which has to last for longer than the files come."""
    with playing(contestant, options, files) as (run, follower, inbox):
        run.wait("no first line", lambda: follower.count)
        figures = newcomers(run, follower, options, inbox)
        return figures | {"backlog left": max(0, files + len(follower.seen) - follower.count)}


def memory(contestant, options, files):
    """What it holds and takes, idle and under load."""
    with playing(contestant, options, 0) as (run, _, _):
        figures = {"ready s": run.ready()}
        time.sleep(1)
        before = run.cpu()
        time.sleep(10)
        figures |= {"idle MiB": run.memory(), "idle CPU ms in 10 s": (run.cpu() - before) * 1000}
    with playing(contestant, options, files) as (run, follower, _):
        run.wait("lines are missing", lambda: follower.count >= files)
        return figures | {"peak MiB": run.memory("VmHWM")}


def disk(options):
    """What it costs to make a line durable, whoever does it."""
    took = []
    with tempfile.NamedTemporaryFile(dir=options.folder) as file:
        for _ in range(300):
            file.write(b"x" * 6000)
            file.flush()
            before = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - before)
    return spread(took)

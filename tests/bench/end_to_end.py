#!/usr/bin/env python3
"""How fast the program is, and beside whom: plays parts of a day, in turn with peers, and prints a table a part.

usage: end_to_end.py PROGRAM [--peer COMMAND] [--also 'PROGRAM run --linger 1'] [--part PART] [--files 20000,200000] …

scoring   megabytes of text a second on one core: ours, fastText's where it is in the path, and scikit-learn's with
          --python. Ours takes the program `stages` beside PROGRAM (cargo build --release --all-features).
backlog   old files a second, for each number of --files
latency   new files by rename: how long each waits for its line, and what fdatasync costs on this disk
during    the same while a backlog of the last number of --files is worked
memory    start to ready, idle, and over a backlog of the first number of --files

A peer is a command that takes INBOX LINES.jsonl CORPUS, trains, prints `ready` and works the inbox, adding a line with
`source.path` for each file. With --also another build of ours plays, or this one with options. In each round all play
once, so that a machine that is busy for a while is busy for all; medians are printed, and our figure divided by each
other one. Articles are made from corpus/, or are those of --load.
"""

import argparse
import os
import pathlib
import platform
import shlex
import statistics
import tempfile

import service
from contestant import Contestant
from load import PROJECT, Load
from scoring import Scoring

PARTS = ["scoring", "backlog", "latency", "during", "memory"]


def numbers(text):
    """`20000,200000` as numbers."""
    return [int(number) for number in text.split(",")]


def arguments():
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="a release build of disputed")
    parser.add_argument("--peer", action="append", default=[], metavar="COMMAND", help="may be given several times")
    parser.add_argument("--also", action="append", default=[], metavar="COMMAND", help="`PROGRAM run`, with options")
    parser.add_argument("--corpus", default=PROJECT / "corpus", type=pathlib.Path, help="what a peer learns from")
    parser.add_argument("--part", action="append", choices=PARTS, help="may be given several times; all without it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--files", type=numbers, default=[20_000], metavar="N[,N]", help="old files in a backlog")
    parser.add_argument("--rate", type=float, default=50, help="new files a second")
    parser.add_argument("--seconds", type=float, default=20, help="how long new files come")
    parser.add_argument("--load", type=Load, default=None, metavar="FOLDER", help="articles to drop")
    parser.add_argument("--folder", help="where inboxes are made: the disk that is measured")
    parser.add_argument("--stages", help="the program that runs one stage")
    parser.add_argument("--python", help="a python with scikit-learn")
    options = parser.parse_args()
    options.program = str(pathlib.Path(options.program).resolve())
    options.load = options.load or Load()
    return options


def table(heading, rows):
    """Prints the medians of each contestant's rounds, and how many times those of a peer ours are."""
    print(f"\n{heading}\n")
    middle = {name: {key: statistics.median(r[key] for r in runs) for key in runs[0]} for name, runs in rows.items()}
    ours = next(iter(middle.values()))
    width = max(map(len, ours)) + 2
    print(" " * width + "".join(f"{name:>14}" for name in middle) + "       ratio" * (len(middle) - 1))
    for key in ours:
        figures = [figures[key] for figures in middle.values()]
        ratios = [f"{figures[0] / figure:12.3g}" if figure else f"{'-':>12}" for figure in figures[1:]]
        print(f"{key:{width}}" + "".join(f"{figure:14.4g}" for figure in figures) + "".join(ratios), flush=True)


def rounds(options, contestants, play):
    """Every contestant once a round."""
    rows = {contestant.name: [] for contestant in contestants}
    for _ in range(options.rounds):
        for contestant in contestants:
            rows[contestant.name].append(play(contestant))
    return rows


def main():
    """Plays what was asked for."""
    options = arguments()
    contestants = [Contestant("disputed", f"{shlex.quote(options.program)} run")]
    contestants += [Contestant(f"also {number}", command) for number, command in enumerate(options.also, 1)]
    for number, command in enumerate(options.peer, 1):
        name = "peer" if len(options.peer) == 1 else f"peer {number}"
        contestants.append(Contestant(name, command, options.corpus.resolve()))
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {options.rounds} rounds")
    parts = options.part or PARTS
    if "scoring" in parts:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            scoring = Scoring(options, folder)
            table("scoring, one core", {"": [scoring.play() for _ in range(options.rounds)]})
    if "backlog" in parts:
        # The numbers of files take turns, too: how the rate changes with them is asked of one and the same hour.
        plays = rounds(options, contestants, lambda c: [service.backlog(c, options, files) for files in options.files])
        for at, files in enumerate(options.files):
            table(f"backlog of {files} files", {name: [run[at] for run in runs] for name, runs in plays.items()})
    if "latency" in parts:
        table("fdatasync of a line", {"": [service.disk(options) for _ in range(options.rounds)]})
        play = rounds(options, contestants, lambda c: service.latency(c, options))
        table(f"latency at {options.rate:g} files/s", play)
    if "during" in parts:
        files = options.files[-1]
        play = rounds(options, contestants, lambda c: service.during(c, options, files))
        table(f"latency at {options.rate:g} files/s during a backlog of {files}", play)
    if "memory" in parts:
        files = options.files[0]
        table(f"memory, over {files} files", rounds(options, contestants, lambda c: service.memory(c, options, files)))


if __name__ == "__main__":
    main()

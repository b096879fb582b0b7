"""The part without a drop folder: how many megabytes of text one core takes, by processor time.

Every contestant is run on little and on much, and the difference is divided by the bytes between, so that loading a
model costs nobody anything.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from load import corpus

ARTICLES = 2000


def cpu(command, told=None):
    """Processor seconds of a command, and what it wrote."""
    if not shutil.which(command[0]):
        raise SystemExit(f"end_to_end: no program {command[0]}")
    with tempfile.TemporaryFile() as out, open(told or os.devnull, "rb") as given:
        process = subprocess.Popen([*map(str, command)], stdin=given, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        if status != 0:
            raise SystemExit(f"end_to_end: {command[0]} failed")
        out.seek(0)
        return usage.ru_utime + usage.ru_stime, out.read()


def flat(text):
    """A paragraph as fastText is given it."""
    return " ".join(re.findall(r"\w+|[^\w\s]", text.lower()))


class Scoring:
    """The same articles for all, as files and as lines."""

    def __init__(self, options, folder):
        self.options, self.folder = options, Path(folder)
        self.files = options.load.fill(self.folder / "articles", ARTICLES)
        texts = [path.read_text(encoding="utf-8") for path in sorted(self.files.iterdir())]
        self.bytes = sum(len(text.encode()) for text in texts)
        lines = [flat(paragraph) + "\n" for text in texts for paragraph in text.split("\n\n")]
        self.much, self.little = self.folder / "much", self.folder / "little"
        self.much.write_text("".join(lines), encoding="utf-8")
        self.little.write_text(lines[0], encoding="utf-8")
        if shutil.which("fasttext"):
            self.train()

    def train(self):
        """fastText on the corpus, with word pairs. How long it learns has no part in how fast it answers."""
        rows = [f"__label__{(labels or ['other'])[0]} {flat(text)}\n" for text, labels in corpus()]
        (self.folder / "train").write_text("".join(rows), encoding="utf-8")
        model = ["-output", self.folder / "model", "-wordNgrams", 2, "-bucket", 200_000, "-epoch", 1, "-thread", 1]
        command = ["fasttext", "supervised", "-input", self.folder / "train", *model, "-verbose", 0]
        subprocess.run([*map(str, command)], check=True)

    def stage(self, name):
        """Megabytes a second of one of our stages."""
        program = self.options.stages or Path(self.options.program).with_name("stages")
        (few, little), (many, much) = (cpu([program, name, self.files, n]) for n in (1, ARTICLES))
        return (int(much) - int(little)) / (many - few) / 1e6

    def classify(self):
        """The whole program, from files to lines."""
        files = sorted(self.files.iterdir())
        (few, _), (many, _) = (cpu([self.options.program, "classify", *files[:n]]) for n in (1, ARTICLES))
        return (self.bytes - files[0].stat().st_size) / (many - few) / 1e6

    def fasttext(self):
        """The best label of each paragraph, with its probability."""
        command = ["fasttext", "predict-prob", self.folder / "model.bin", "-", 1]
        (few, _), (many, _) = (cpu(command, lines) for lines in (self.little, self.much))
        return self.bytes / (many - few) / 1e6

    def sklearn(self):
        """Naive Bayes on words and pairs, an article a call."""
        _, seconds = cpu([self.options.python, Path(__file__).with_name("sklearn_scoring.py"), self.files])
        return self.bytes / float(seconds) / 1e6

    def play(self):
        """Everyone once."""
        read, judge = self.stage("read"), self.stage("judge")
        figures = {"read + judge MB/s": 1 / (1 / read + 1 / judge), "label MB/s": self.stage("label")}
        figures["classify MB/s"] = self.classify()
        if shutil.which("fasttext"):
            figures["fastText MB/s"] = self.fasttext()
        if self.options.python:
            figures["scikit-learn MB/s"] = self.sklearn()
        return figures

"""What is dropped: as many articles as wanted, no two alike, of some 600 words as a news article has."""

import json
import os
import pathlib
import random
import time

PROJECT = pathlib.Path(__file__).parents[2]
SEED, WORDS = 1, 600


class Load:
    """Articles by number: the files of a folder, or new mixtures of the corpus's paragraphs, the same every time."""

    def __init__(self, folder=None):
        self.files = sorted(pathlib.Path(folder).iterdir()) if folder else []
        self.pool = [] if folder else [text for text, _ in corpus() if len(text.split()) > 3]

    def article(self, number):
        """The text of an article. Where a folder has fewer, its articles come again with a number before them."""
        if self.files:
            text = self.files[number % len(self.files)].read_text(encoding="utf-8")
            return text if number < len(self.files) else f"Article {number}\n\n{text}"
        chance = random.Random(f"{SEED} {number}")
        parts, words = [f"Article {number}: " + " ".join(chance.choice(self.pool).split()[:9])], 0
        while words < WORDS:
            parts.append(chance.choice(self.pool))
            words += len(parts[-1].split())
        return "\n\n".join(parts) + "\n"

    def fill(self, folder, count):
        """A folder of so many files that look as if they had stood there for an hour."""
        folder.mkdir()
        old = time.time() - 3600
        for number in range(count):
            path = folder / f"{number:07}.txt"
            path.write_text(self.article(number), encoding="utf-8")
            os.utime(path, (old, old))
        return folder


def corpus():
    """Every paragraph of the corpus, with its labels."""
    for file in sorted(PROJECT.glob("corpus/*/*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            for paragraph in row.get("paragraphs", [row]):
                yield paragraph["text"], paragraph["label"]

#!/usr/bin/env python3
"""What other classifiers reach on the same work, beside disputed: prints a Markdown section for the model card.

usage: python3 tests/bench/peers.py BINARY GOLD.jsonl [--corpus corpus]

BINARY is a built disputed; GOLD.jsonl holds labelled articles in the shape of corpus/articles/. It needs numpy, scipy
and scikit-learn (`pip install numpy scipy scikit-learn`, in a virtual environment whose python3 then runs this) and the
command fasttext (Debian: `apt-get install --no-install-recommends fasttext`; elsewhere from fasttext.cc), which takes a
gigabyte of memory and one in the temporary folder. Progress goes to standard error. The terms:

- Every peer is trained on the corpus alone, one model a label (one against the rest): the topics, and boilerplate.
  fastText learns one vector a word for all labels together, but decides each label by itself (-loss ova).
- A label is given from a threshold: that of the best F1 in five-fold cross-validation on the corpus, where an article
  is never in two folds. The gold file decides nothing.
- Alone, a peer sees a paragraph. With context, 0.1 times its neighbours' scores are added to a paragraph's, halving
  with distance, three away, and its article's mean. Thresholds for that come from the corpus's whole articles, which
  are cross-validated and given context in the same way.
- disputed is measured as it is built, by its own `eval`. It has its own context; alone, each paragraph is an article.
- Macro-F1 and micro-F1 are over the topics. An article's topics are those on at least a fifth of its paragraphs that
  are not boilerplate, and those of its title; a peer's are counted alone or with context, whichever is better.
"""

import argparse
import datetime
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from typing import NamedTuple

try:
    import numpy as np
    import sklearn
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import ComplementNB, MultinomialNB
    from sklearn.svm import LinearSVC
except ImportError as missing:
    sys.exit(f"peers.py: {missing}. What it needs: pip install numpy scipy scikit-learn")

FOLDS, SEED = 5, 0
WORD = r"(?u)\b\w[\w'’-]*\b"
PAIRS = {"token_pattern": WORD, "ngram_range": (1, 2), "sublinear_tf": True}
EVEN = {"class_weight": "balanced", "random_state": SEED}
MEASURES = ["macro-F1 alone", "macro-F1 with context", "micro-F1 with context"]
MEASURES += ["boilerplate F1 alone", "boilerplate F1 with context", "articles micro-F1"]
FASTTEXT = "-loss ova -wordNgrams 2 -dim 100 -epoch 25 -lr 0.5 -minCount 2 -thread 1 -seed".split()  # noqa: SIM905


class Texts(NamedTuple):
    """Paragraphs in a row and how they make articles; a loose paragraph is an article of one."""

    texts: np.ndarray  # one string a paragraph
    truth: np.ndarray  # paragraphs x labels: which are right
    articles: list  # one slice of the paragraphs an article
    titled: list  # whether an article's first paragraph is its title, as eval sees it


def output(*command, told=None):
    """What a command wrote to standard output. All measuring ends where one fails: half a table misleads."""
    done = subprocess.run([*map(str, command)], input=told, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"peers.py: {command[0]} {command[1]} failed: {done.stderr.strip()}")
    return done.stdout


def read(path):
    """The articles of a file, where each line is one or a loose paragraph."""
    lines = pathlib.Path(path).read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line.strip()]
    return [row if "paragraphs" in row else {"paragraphs": [row]} for row in rows]


def gather(rows, labels):
    """The articles as `Texts`, so that a score, a threshold and a truth of one paragraph stand at one place."""
    texts, truth, articles, titled = [], [], [], []
    for row in rows:
        paragraphs = row["paragraphs"]
        articles.append(slice(len(texts), len(texts) + len(paragraphs)))
        titled.append(row.get("title") == paragraphs[0]["text"])
        texts += [p["text"] for p in paragraphs]
        truth += [[label in p["label"] for label in labels] for p in paragraphs]
    return Texts(np.array(texts, object), np.array(truth), articles, titled)


def f1(truth, given, axis=0):
    """F1 of each label, or with no axis of all pairs together; 1 where nothing is right or given, as in eval."""
    both, either = (truth & given).sum(axis), truth.sum(axis) + given.sum(axis)
    return np.where(either > 0, 2 * both / np.maximum(either, 1), 1.0)


def about(labels, gold):
    """The topics of whole articles, by the rule that disputed has. The last label is boilerplate, which is no topic."""
    rows = []
    for article, titled in zip(gold.articles, gold.titled, strict=True):
        topics, content, on = labels[article, :-1], (~labels[article, -1]).sum(), labels[article, :-1].sum(0)
        rows.append((on > 0) & (5 * on >= content) | (titled & topics[0]))
    return np.array(rows)


def with_context(scores, articles):
    """Scores where each paragraph hears its neighbours, for many a paragraph does not tell its topic by itself."""
    heard = scores.copy()
    for article in articles:
        own, sums = scores[article], heard[article]
        sums += own.mean(0)
        for distance in range(1, min(4, len(own))):
            weight = 0.1 * 0.5 ** (distance - 1)
            sums[distance:] += weight * own[:-distance]
            sums[:-distance] += weight * own[distance:]
    return heard


def thresholds(scores, truth):
    """For each label the threshold of the best F1, half-way to the next score below so that it hangs on no rounding."""
    cuts = []
    for score, right in zip(scores.T, truth.T, strict=True):
        order = np.argsort(-score, kind="stable")
        score, hits = score[order], np.cumsum(right[order])
        values = 2 * hits / (np.arange(1, len(score) + 1) + hits[-1])
        values[:-1][score[:-1] == score[1:]] = -1.0  # no threshold parts equal scores
        best = int(np.argmax(values))
        cuts.append((score[best] + score[min(best + 1, len(score) - 1)]) / 2)
    return np.array(cuts)


def folds(articles):
    """The paragraphs of each fold. Whole articles are dealt, for paragraphs of one article give each other away."""
    dealt = random.Random(SEED).sample(articles, len(articles))
    return [np.concatenate([np.arange(a.start, a.stop) for a in dealt[n::FOLDS]]) for n in range(FOLDS)]


def scikit(vectorizer, model, texts, truth, new):
    """Scores of new texts, by a vectorizer and a model of scikit-learn that learn from texts and their truth."""
    learned, asked, scores = vectorizer.fit_transform(texts), vectorizer.transform(new), []
    linear = hasattr(model, "decision_function")
    for right in truth.T:
        model.fit(learned, right)
        scores.append(model.decision_function(asked) if linear else np.diff(model.predict_log_proba(asked))[:, 0])
    return np.stack(scores, 1)


def fasttext(texts, truth, new):
    """The same by fastText's command. It knows a label by its number, and scores are probabilities."""

    def line(text):
        return " ".join(re.findall(r"[^\W_]+|[^\w\s]|_", text.lower())) + "\n"

    names = [[f"__label__{n} " for n in np.flatnonzero(right)] or ["__label__other "] for right in truth]
    rows = ["".join(name) + line(text) for name, text in zip(names, texts, strict=True)]
    random.Random(SEED).shuffle(rows)  # it learns in the order of the file, and loose paragraphs stand by label
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "train").write_text("".join(rows), encoding="utf-8")
        output("fasttext", "supervised", "-input", f"{folder}/train", "-output", f"{folder}/model", *FASTTEXT, SEED)
        asked = "".join(map(line, new))
        answers = output("fasttext", "predict-prob", f"{folder}/model.bin", "-", -1, told=asked).splitlines()
    found = [dict(zip(row[::2], map(float, row[1::2]), strict=True)) for row in map(str.split, answers)]
    return np.array([[row.get(f"__label__{n}", 0.0) for n in range(truth.shape[1])] for row in found])


PEERS = {
    "multinomial naive Bayes, words": partial(scikit, CountVectorizer(token_pattern=WORD), MultinomialNB(alpha=0.1)),
    "complement naive Bayes, words and pairs": partial(scikit, TfidfVectorizer(**PAIRS), ComplementNB(alpha=0.01)),
    "linear SVM, words and pairs": partial(scikit, TfidfVectorizer(**PAIRS), LinearSVC(C=0.3, **EVEN)),
    "logistic regression, words and pairs":
        partial(scikit, TfidfVectorizer(**PAIRS), LogisticRegression(C=20, solver="liblinear", **EVEN)),
    "fastText, words and pairs": fasttext,
}


def measure(peer, corpus, gold):
    """A peer's row: the figures of the table, in its order."""
    crossed = np.zeros(corpus.truth.shape)
    for held in folds(corpus.articles):
        kept = np.setdiff1d(np.arange(len(corpus.texts)), held)
        crossed[held] = peer(corpus.texts[kept], corpus.truth[kept], corpus.texts[held])
    scores = peer(corpus.texts, corpus.truth, gold.texts)
    alone = scores >= thresholds(crossed, corpus.truth)
    whole = np.concatenate([np.arange(a.start, a.stop) for a in corpus.articles if a.stop - a.start > 1])
    cuts = thresholds(with_context(crossed, corpus.articles)[whole], corpus.truth[whole])
    given = with_context(scores, gold.articles) >= cuts
    each, each_alone = f1(gold.truth, given), f1(gold.truth, alone)
    micro = f1(gold.truth[:, :-1], given[:, :-1], None)
    articles = [f1(about(gold.truth, gold), about(labels, gold), None) for labels in (alone, given)]
    return [each_alone[:-1].mean(), each[:-1].mean(), micro, each_alone[-1], each[-1], max(articles)]


def disputed(binary, path, topics):
    """The row of disputed, and the 95 % interval of its macro-F1, which has to be over the peers' topics."""
    e = json.loads(output(binary, "eval", "--format", "json", path))
    if sorted(e["topics"]) != topics:
        sys.exit(f"peers.py: the model's topics are {sorted(e['topics'])}, the corpus's {topics}")
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as single:
        single.writelines(json.dumps({"paragraphs": [p]}) + "\n" for row in read(path) for p in row["paragraphs"])
        single.flush()
        alone = json.loads(output(binary, "eval", "--format", "json", single.name))
    boilerplate = [alone["boilerplate"]["f1"], e["boilerplate"]["f1"]]
    figures = [alone["macro_f1"], e["macro_f1"], e["micro_f1"], *boilerplate, e["articles"]["micro_f1"]]
    return figures, e["intervals"]["macro_f1"]


def main():
    """Measures all, and only then prints, so that a failure leaves no half a section."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", metavar="BINARY")
    parser.add_argument("gold", metavar="GOLD.jsonl")
    parser.add_argument("--corpus", default=pathlib.Path(__file__).parents[2] / "corpus", type=pathlib.Path)
    arguments = parser.parse_args()
    binary = shutil.which(arguments.binary) or sys.exit(f"peers.py: {arguments.binary} is no program")
    if not shutil.which("fasttext"):
        sys.exit("peers.py: no command fasttext. Debian: apt-get install --no-install-recommends fasttext")
    rows = [row for file in sorted(arguments.corpus.glob("*/*.jsonl")) for row in read(file)]
    found = {label for row in rows for p in row["paragraphs"] for label in p["label"]}
    labels = [*sorted(found - {"boilerplate"}), "boilerplate"]
    corpus, gold = gather(rows, labels), gather(read(arguments.gold), labels)

    table, model = {}, output(binary, "model", "show")
    table["disputed"], interval = disputed(binary, arguments.gold, labels[:-1])
    if f"Trained on: {len(corpus.texts)} paragraphs" not in model:
        print("warning: the model was trained on another corpus than the peers are", file=sys.stderr)
    for name, peer in PEERS.items():
        print(name, "…", file=sys.stderr)
        table[name] = measure(peer, corpus, gold)

    asked = "dpkg-query -W -f '${Version}' fasttext || echo of unknown version"  # the command itself tells none
    versions = f"scikit-learn {sklearn.__version__} and fastText {output('sh', '-c', asked).strip()}"
    name, file = model.splitlines()[0].lstrip("# "), pathlib.Path(arguments.gold).name
    print(f"""## Beside other classifiers

`{name}` and {len(PEERS)} classifiers that learned from the same corpus alone, measured on `{file}`
({len(gold.articles)} articles, {len(gold.texts)} paragraphs) on {datetime.date.today()} with {versions}.

| model | {" | ".join(MEASURES)} |
|---|{"---:|" * len(MEASURES)}""")
    for name, figures in table.items():
        cells = [name, *(f"{figure:.3f}" for figure in figures)]
        if name == "disputed":
            cells[2] += f" ({interval['low']:.3f} to {interval['high']:.3f})"
        print(f"| {' | '.join(cells)} |")
    print("\nThe lead is in the context: thresholds that a peer learns with a fixed one do not carry over to real news. The gold")
    print("articles were looked at while disputed was made, and never learned from.")
    print("\nThe terms stand at the head of the script that repeats this:\n\n```sh")
    print(f"python3 tests/bench/peers.py target/release/disputed {file}\n```")


if __name__ == "__main__":
    main()

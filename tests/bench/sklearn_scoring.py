"""Naive Bayes by scikit-learn on words and pairs, an article a call: prints the processor seconds for a folder's files.

usage: sklearn_scoring.py FOLDER, by a python that has scikit-learn
"""

import pathlib
import sys
import time

from load import corpus
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

rows = list(corpus())
model = make_pipeline(CountVectorizer(ngram_range=(1, 2)), MultinomialNB(alpha=0.1))
model.fit([text for text, _ in rows], [(labels or ["other"])[0] for _, labels in rows])
articles = [path.read_text(encoding="utf-8").split("\n\n") for path in sorted(pathlib.Path(sys.argv[1]).iterdir())]
before = time.process_time()
for paragraphs in articles:
    model.predict_proba(paragraphs)
print(time.process_time() - before)

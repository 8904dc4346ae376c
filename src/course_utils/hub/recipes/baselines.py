"""What the fine-tuned checkpoints are measured against: classifiers that know no other text.

Each is learnt from the training rows and labels the texts, or the words, of others.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

Rows = list[dict[str, Any]]
Labels = list[list[int]]  # of each row: one of a text, one a word of a sentence
Baseline = Callable[[Rows, Rows, str], Labels]  # training rows, rows to label, the column


def bag_of_words(seen: Rows, rows: Rows, column: str) -> Labels:
    """Label texts by logistic regression on TF-IDF of words and pairs of words."""
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = make_pipeline(words, LogisticRegression(C=10, max_iter=1000))
    model.fit([row["text"] for row in seen], [row[column] for row in seen])
    return [[int(label)] for label in model.predict([row["text"] for row in rows])]


def commonest_tag(seen: Rows, rows: Rows, column: str) -> Labels:
    """Give each word the tag it has most often, and a word never seen the commonest of all."""
    counts: dict[str, Counter[int]] = {}
    every: Counter[int] = Counter()
    for row in seen:
        every.update(row[column])
        for word, tag in zip(row["tokens"], row[column], strict=True):
            counts.setdefault(word, Counter())[tag] += 1
    usual = {word: found.most_common(1)[0][0] for word, found in counts.items()}
    other = every.most_common(1)[0][0]
    return [[usual.get(word, other) for word in row["tokens"]] for row in rows]


def shape(word: str) -> str:
    """Return a word's shape: Xxxxx-99 of Crown-12."""
    return "".join(
        "X" if c.isupper() else "x" if c.isalpha() else "9" if c.isdigit() else c for c in word
    )


_FEATURES: dict[str, Callable[[str], str]] = {
    "shape": shape,
    "ending": lambda word: word[-3:].lower(),
    "word": str.lower,
}


def _features(words: list[str], kinds: tuple[str, ...]) -> list[dict[str, str]]:
    """Return the features of each word and of its two neighbours."""
    around = ["", *words, ""]
    places = ("before", "here", "after")
    return [
        {
            f"{where} {kind}": _FEATURES[kind](word)
            for where, word in zip(places, around[n : n + 3], strict=True)
            for kind in kinds
        }
        for n in range(len(words))
    ]


def regression(seen: Rows, rows: Rows, column: str, kinds: tuple[str, ...]) -> Labels:
    """Tag words by logistic regression on features of these kinds: shape, ending, word."""
    model = make_pipeline(DictVectorizer(), LogisticRegression(C=10, max_iter=1000))
    inputs = [features for row in seen for features in _features(row["tokens"], kinds)]
    model.fit(inputs, [tag for row in seen for tag in row[column]])
    return [model.predict(_features(row["tokens"], kinds)).tolist() for row in rows]


#: Of texts and of tags: what the metrics of each are called, its name, how it labels.
OF_TEXTS: dict[str, tuple[str, Baseline]] = {
    "baseline": ("TF-IDF with logistic regression", bag_of_words)
}
OF_TAGS: dict[str, tuple[str, Baseline]] = {
    "baseline": ("each word's commonest tag", commonest_tag),
    "shapes": ("logistic regression on word shapes", partial(regression, kinds=("shape",))),
    "words": (
        "logistic regression on words, their endings and shapes",
        partial(regression, kinds=("shape", "ending", "word")),
    ),
}

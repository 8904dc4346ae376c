"""Exact match and F1 of answers or of none, by SQuAD 2.0's rules (Rajpurkar et al., 2018)."""

import re
import string
from collections import Counter

import datasets
import evaluate

_INPUTS = """
predictions: list of {"id", "prediction_text", "no_answer_probability"}. references: list of {"id",
"answers"}, the answers as SQuAD has them: {"text": list of texts, "answer_start": list of places},
both empty where there is none. no_answer_threshold: above it an answer counts as none.
"""
_MARKS = str.maketrans("", "", string.punctuation)


def _words(text):
    """Return what is compared: small letters, no marks, no articles."""
    return re.sub(r"\b(a|an|the)\b", " ", text.lower().translate(_MARKS)).split()


def _exact(said, wanted):
    return float(_words(said) == _words(wanted))


def _f1(said, wanted):
    a, b = _words(said), _words(wanted)
    if not a or not b:
        return float(a == b)
    shared = sum((Counter(a) & Counter(b)).values())
    return 2 * shared / (len(a) + len(b))


def _best_threshold(scores, doubts, wanted):
    """Return the best mean score in per cent and the threshold on the doubts that gives it."""
    score = sum(not wanted[row] for row in wanted)
    best, threshold = score, 0.0
    for row in sorted(doubts, key=doubts.get):
        score += scores[row] if wanted[row] else -1.0 + scores[row]
        if score > best:
            best, threshold = score, doubts[row]
    return 100.0 * best / len(scores), threshold


class SquadV2(evaluate.Metric):
    """Returns exact and f1, 0 to 100, by whether there is an answer, and the best thresholds."""

    def _info(self):
        text = datasets.Value("string")
        answers = {"text": datasets.Sequence(text)}
        answers["answer_start"] = datasets.Sequence(datasets.Value("int32"))
        said = {"id": text, "prediction_text": text}
        said["no_answer_probability"] = datasets.Value("float32")
        return evaluate.MetricInfo(
            description="Exact match and F1 of SQuAD 2.0.",
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features(
                {"predictions": said, "references": {"id": text, "answers": answers}}
            ),
        )

    def _compute(self, predictions, references, no_answer_threshold=1.0):
        said = {row["id"]: row["prediction_text"] for row in predictions}
        doubts = {row["id"]: row["no_answer_probability"] for row in predictions}
        wanted = {
            row["id"]: [text for text in row["answers"]["text"] if _words(text)]
            for row in references
        }
        found = {}
        best = {}
        for name, measure in (("exact", _exact), ("f1", _f1)):
            raw = {
                row: max(measure(said[row], text) for text in texts or [""])
                for row, texts in wanted.items()
            }
            kept = {
                row: float(not wanted[row]) if doubts[row] > no_answer_threshold else score
                for row, score in raw.items()
            }
            for kind, answered in (("", None), ("HasAns_", True), ("NoAns_", False)):
                part = [s for row, s in kept.items() if answered in (None, bool(wanted[row]))]
                if part:
                    found[kind + name] = 100.0 * sum(part) / len(part)
                    found[kind + "total"] = len(part)
            best[f"best_{name}"], best[f"best_{name}_thresh"] = _best_threshold(raw, doubts, wanted)
        return found | best

"""Exact match and F1 of answers, by SQuAD's rules (Rajpurkar et al., 2016)."""

import re
import string
from collections import Counter

import datasets
import evaluate

_INPUTS = """
predictions: list of {"id", "prediction_text"}. references: list of {"id", "answers"}, the answers
as SQuAD has them: {"text": list of texts, "answer_start": list of places}.
"""
_MARKS = str.maketrans("", "", string.punctuation)


def _words(text):
    """Return what is compared: small letters, no marks, no articles."""
    return re.sub(r"\b(a|an|the)\b", " ", text.lower().translate(_MARKS)).split()


def _f1(said, wanted):
    a, b = _words(said), _words(wanted)
    shared = sum((Counter(a) & Counter(b)).values())
    return 2 * shared / (len(a) + len(b)) if shared else 0.0


class Squad(evaluate.Metric):
    """Returns exact_match and f1, 0 to 100; of several answers the best counts."""

    def _info(self):
        text = datasets.Value("string")
        answers = {"text": datasets.Sequence(text)}
        answers["answer_start"] = datasets.Sequence(datasets.Value("int32"))
        return evaluate.MetricInfo(
            description="Exact match and F1 of SQuAD.",
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features(
                {
                    "predictions": {"id": text, "prediction_text": text},
                    "references": {"id": text, "answers": answers},
                }
            ),
        )

    def _compute(self, predictions, references):
        said = {row["id"]: row["prediction_text"] for row in predictions}
        exact, f1 = 0.0, 0.0
        for row in references:
            wanted, text = row["answers"]["text"], said.get(row["id"], "")
            exact += max(_words(text) == _words(answer) for answer in wanted)
            f1 += max(_f1(text, answer) for answer in wanted)
        return {
            "exact_match": 100.0 * exact / len(references),
            "f1": 100.0 * f1 / len(references),
        }

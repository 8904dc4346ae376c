"""Accuracy, by scikit-learn."""

import datasets
import evaluate
from sklearn.metrics import accuracy_score

_INPUTS = """
predictions: list of class ids. references: list of class ids of the same length.
normalize: share if True, count if False. sample_weight: weights of the rows.
"""


class Accuracy(evaluate.Metric):
    """Returns {"accuracy": float in [0, 1]}."""

    def _info(self):
        return evaluate.MetricInfo(
            description="The share of predictions that equal the reference.",
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features(
                {"predictions": datasets.Value("int32"), "references": datasets.Value("int32")}
            ),
        )

    def _compute(self, predictions, references, normalize=True, sample_weight=None):
        score = accuracy_score(
            references, predictions, normalize=normalize, sample_weight=sample_weight
        )
        return {"accuracy": float(score)}

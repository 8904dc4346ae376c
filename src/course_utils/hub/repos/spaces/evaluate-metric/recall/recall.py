"""Recall, by scikit-learn."""

import datasets
import evaluate
from sklearn.metrics import recall_score

_INPUTS = """
predictions: list of class ids. references: list of class ids of the same length.
labels, pos_label, average, sample_weight, zero_division: as in scikit-learn.
"""


class Recall(evaluate.Metric):
    """Returns {"recall": float in [0, 1]}, or one value a class if average is None."""

    def _info(self):
        return evaluate.MetricInfo(
            description="Recall of predictions against references.",
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features(
                {"predictions": datasets.Value("int32"), "references": datasets.Value("int32")}
            ),
        )

    def _compute(
        self,
        predictions,
        references,
        labels=None,
        pos_label=1,
        average="binary",
        sample_weight=None,
        zero_division="warn",
    ):
        score = recall_score(
            references,
            predictions,
            labels=labels,
            pos_label=pos_label,
            average=average,
            sample_weight=sample_weight,
            zero_division=zero_division,
        )
        return {"recall": float(score) if average is not None else score.tolist()}

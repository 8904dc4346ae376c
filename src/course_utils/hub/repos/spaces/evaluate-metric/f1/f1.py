"""F1, by scikit-learn."""

import datasets
import evaluate
from sklearn.metrics import f1_score

_INPUTS = """
predictions: list of class ids. references: list of class ids of the same length.
labels, pos_label, average, sample_weight, zero_division: as in scikit-learn.
"""


class F1(evaluate.Metric):
    """Returns {"f1": float in [0, 1]}, or a list with one value a class if average is None."""

    def _info(self):
        return evaluate.MetricInfo(
            description="F1 of predictions against references.",
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
        score = f1_score(
            references,
            predictions,
            labels=labels,
            pos_label=pos_label,
            average=average,
            sample_weight=sample_weight,
            zero_division=zero_division,
        )
        return {"f1": float(score) if average is not None else score.tolist()}

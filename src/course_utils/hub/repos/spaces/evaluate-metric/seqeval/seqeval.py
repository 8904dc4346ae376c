"""Entity-level precision, recall and F1, by the package seqeval."""

import datasets
import evaluate
from seqeval.metrics import accuracy_score, classification_report

_INPUTS = """
predictions: list of lists of labels such as "B-PER". references: the same shape.
scheme, mode, suffix, sample_weight, zero_division: as in seqeval.
"""


class Seqeval(evaluate.Metric):
    """Returns precision, recall, f1 and number of each type, and the overall figures."""

    def _info(self):
        labels = datasets.Sequence(datasets.Value("string"))
        return evaluate.MetricInfo(
            description="Precision, recall and F1 of whole entities.",
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features({"predictions": labels, "references": labels}),
        )

    def _compute(
        self,
        predictions,
        references,
        suffix=False,
        scheme=None,
        mode=None,
        sample_weight=None,
        zero_division="warn",
    ):
        report = classification_report(
            references,
            predictions,
            output_dict=True,
            suffix=suffix,
            scheme=scheme,
            mode=mode,
            sample_weight=sample_weight,
            zero_division=zero_division,
        )
        overall = report.pop("micro avg")
        scores = {
            name: {
                "precision": float(row["precision"]),
                "recall": float(row["recall"]),
                "f1": float(row["f1-score"]),
                "number": int(row["support"]),
            }
            for name, row in report.items()
            if name not in ("macro avg", "weighted avg")
        }
        return scores | {
            "overall_precision": float(overall["precision"]),
            "overall_recall": float(overall["recall"]),
            "overall_f1": float(overall["f1-score"]),
            "overall_accuracy": float(accuracy_score(references, predictions)),
        }

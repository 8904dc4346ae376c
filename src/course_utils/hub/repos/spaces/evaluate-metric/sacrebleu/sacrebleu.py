"""Corpus BLEU with a standard tokenisation, by the package sacrebleu."""

import datasets
import evaluate
from sacrebleu import metrics

_INPUTS = """
predictions: list of texts. references: for each of them a text, or a list of as many texts.
tokenize, lowercase, smooth_method: as in sacrebleu.
"""


class Sacrebleu(evaluate.Metric):
    """Returns score (0 to 100), counts, totals, precisions, bp, sys_len and ref_len."""

    def _info(self):
        text = datasets.Value("string")
        return evaluate.MetricInfo(
            description="BLEU of a corpus.",
            citation="",
            inputs_description=_INPUTS,
            features=[
                datasets.Features({"predictions": text, "references": datasets.Sequence(text)}),
                datasets.Features({"predictions": text, "references": text}),
            ],
        )

    def _compute(
        self, predictions, references, tokenize=None, lowercase=False, smooth_method="exp"
    ):
        many = [[r] if isinstance(r, str) else r for r in references]
        if len({len(texts) for texts in many}) != 1:
            raise ValueError("sacrebleu needs the same number of references for each prediction")
        options = {"lowercase": lowercase, "smooth_method": smooth_method}
        if tokenize is not None:
            options["tokenize"] = tokenize
        found = metrics.BLEU(**options).corpus_score(predictions, list(zip(*many, strict=True)))
        return {
            "score": found.score,
            "counts": found.counts,
            "totals": found.totals,
            "precisions": found.precisions,
            "bp": found.bp,
            "sys_len": found.sys_len,
            "ref_len": found.ref_len,
        }

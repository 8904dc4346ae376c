"""ROUGE, the overlap of a summary with a reference, by the package rouge-score."""

import datasets
import evaluate
from rouge_score import rouge_scorer

_INPUTS = """
predictions: list of texts. references: for each of them a text, or a list of texts, of which the
best counts. rouge_types: list of "rouge1", "rouge2", "rougeL", "rougeLsum". use_stemmer: whether to
compare stems. use_aggregator: whether to return means, not a list for each type.
"""


class Rouge(evaluate.Metric):
    """Returns F-measures between 0 and 1."""

    def _info(self):
        text = datasets.Value("string")
        return evaluate.MetricInfo(
            description="ROUGE of summaries.",
            citation="",
            inputs_description=_INPUTS,
            features=[
                datasets.Features({"predictions": text, "references": datasets.Sequence(text)}),
                datasets.Features({"predictions": text, "references": text}),
            ],
        )

    def _compute(
        self, predictions, references, rouge_types=None, use_aggregator=True, use_stemmer=False
    ):
        types = rouge_types or ["rouge1", "rouge2", "rougeL", "rougeLsum"]
        scorer = rouge_scorer.RougeScorer(types, use_stemmer=use_stemmer)
        rows = [
            scorer.score(wanted, said)
            if isinstance(wanted, str)
            else scorer.score_multi(wanted, said)
            for wanted, said in zip(references, predictions, strict=True)
        ]
        found = {name: [float(row[name].fmeasure) for row in rows] for name in types}
        if not use_aggregator:
            return found
        return {name: sum(values) / len(values) for name, values in found.items()}

import json
from pathlib import Path

from course_utils.site.real_data_table import real_data_table


def test_the_table_says_what_is_ahead_and_what_is_not(tmp_path: Path) -> None:
    metric = {"name": "perplexity, loop, mean", "unit": "", "baseline": 2500.0}
    metric |= {"baseline_name": "trigrams", "higher_is_better": False}
    good = {"name": "F1, LoRA, mean", "value": 61.23, "unit": "%", "baseline": 9.0}
    good |= {"baseline_name": "first name", "higher_is_better": True}
    folder = tmp_path / "benchmarks/results"
    folder.mkdir(parents=True)
    (folder / "real_data.json").write_text(
        json.dumps({"causal_lm": [metric | {"value": 3000.0}], "question_answering": [good]})
    )
    assert real_data_table(tmp_path).splitlines()[2:] == [
        "| causal lm | perplexity, loop | 3,000  | 2,500 (trigrams) | **not ahead** |",
        "| question answering | F1, LoRA | 61.2 % | 9 (first name) | ahead |",
    ]

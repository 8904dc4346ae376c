import pytest

from course_utils import lesson
from course_utils.lesson import RESULTS_MIME, Result, show_results


def test_a_result_says_whether_it_beats_its_baseline() -> None:
    better = Result("F1", 0.9, baseline=0.5, baseline_name="majority")
    worse = Result("F1", 0.4, baseline=0.5, baseline_name="majority")
    lower = Result("perplexity", 4.0, baseline=9.0, baseline_name="trigram", higher_is_better=False)
    assert better.verdict == lower.verdict == "beats the baseline"
    assert worse.verdict == "did not beat the baseline"
    assert Result("loss", 1.0).verdict == ""


def test_results_are_carried_as_data_and_shown_escaped() -> None:
    table = lesson._ResultsTable([Result("<b>F1</b>", 0.91234, seed=3)])
    bundle = table._repr_mimebundle_()
    assert bundle[RESULTS_MIME] == [
        {
            "name": "<b>F1</b>",
            "value": 0.91234,
            "unit": "",
            "kind": "quality",
            "baseline": None,
            "baseline_name": "",
            "seed": 3,
            "higher_is_better": True,
        }
    ]
    assert "&lt;b&gt;F1" in str(bundle["text/html"])
    assert "<b>F1" not in str(bundle["text/html"])


def test_a_plain_process_prints_the_results(capsys: pytest.CaptureFixture[str]) -> None:
    show_results([Result("rows", 1200, unit="sentences", kind="cost")])
    assert "rows  1,200 sentences" in capsys.readouterr().out


def test_series_colours_can_be_seen_on_both_themes() -> None:
    for colour in lesson.SERIES:
        for background in ("#ffffff", "#1e2129"):
            assert contrast(colour, background) >= 3.0, (colour, background)


def test_public_names() -> None:
    assert all(hasattr(lesson, name) for name in lesson.__all__)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

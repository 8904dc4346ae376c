"""The little that lesson code itself imports: the results table and the plot style."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

__all__ = [
    "GRID",
    "INK",
    "PAPER",
    "RESULTS_MIME",
    "SERIES",
    "Result",
    "show_results",
    "use_plot_style",
]

#: The MIME type under which a lesson's results travel from the notebook to the manifest.
RESULTS_MIME = "application/vnd.course.results+json"

#: Colours of text and axes, background, grid lines; the site swaps these three in dark mode.
INK, PAPER, GRID = "#1f2430", "#ffffff", "#d5d9e0"

#: Series colours with a contrast of at least 3:1 on white and on the site's dark background.
SERIES = ("#2f7de1", "#d9622b", "#1f9d63", "#b558c4", "#a97e10", "#7b8494")


@dataclass(frozen=True)
class Result:
    """One measured figure of a lesson.

    `kind` is ``"quality"`` for figures that two runs must reproduce and ``"cost"`` for seconds or
    bytes, which they need not. `baseline` is the figure that a trivial method named by
    `baseline_name` reaches on the same data.
    """

    name: str
    value: float
    unit: str = ""
    kind: Literal["quality", "cost"] = "quality"
    baseline: float | None = None
    baseline_name: str = ""
    seed: int | None = None
    higher_is_better: bool = True

    @property
    def verdict(self) -> str:
        """Whether the value beats its baseline, in words; empty where there is no baseline."""
        if self.baseline is None:
            return ""
        better = self.value > self.baseline if self.higher_is_better else self.value < self.baseline
        return "beats the baseline" if better else "did not beat the baseline"


class _ResultsTable:
    """Shows results as a table and carries them as data."""

    def __init__(self, results: Sequence[Result]) -> None:
        self.results = results

    def _rows(self) -> list[tuple[str, str, str, str]]:
        return [
            (r.name, _figure(r.value, r.unit), _baseline(r), r.verdict or "—") for r in self.results
        ]

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        return {
            "text/plain": repr(self),
            "text/html": self._html(),
            RESULTS_MIME: [asdict(result) for result in self.results],
        }

    def _html(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in ("Measure", "Value", "Baseline", "Verdict"))
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self._rows()
        )
        return f'<table class="results"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'

    def __repr__(self) -> str:
        return "\n".join("  ".join(part for part in row if part != "—") for row in self._rows())


def show_results(results: Sequence[Result]) -> None:
    """Display `results` as a table and store them for the course's manifest.

    In a plain Python process, where nothing can be displayed, the table is printed as text.
    """
    from IPython.display import display

    display(_ResultsTable(results))


def use_plot_style() -> None:
    """Set matplotlib to the course's look: SVG figures, quiet axes, colours for both themes."""
    import matplotlib as mpl
    from cycler import cycler
    from IPython import get_ipython

    mpl.rcParams.update(_STYLE | {"axes.prop_cycle": cycler(color=SERIES)})
    if get_ipython() is not None:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg")


_STYLE: dict[str, object] = {
    "figure.figsize": (7.0, 3.6),
    "figure.dpi": 100,
    "figure.facecolor": PAPER,
    "figure.constrained_layout.use": True,
    "axes.facecolor": PAPER,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "lines.markersize": 5,
    "image.cmap": "Blues",
    # Same data, same bytes: element ids come from this salt instead of a random one.
    "svg.hashsalt": "course",
}


def _figure(value: float, unit: str) -> str:
    digits = f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"
    return f"{digits} {unit}".strip()


def _baseline(result: Result) -> str:
    if result.baseline is None:
        return "—"
    return f"{_figure(result.baseline, result.unit)} ({result.baseline_name})"

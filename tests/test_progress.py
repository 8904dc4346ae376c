import io
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from course_utils.hub import recipes
from course_utils.hub.recipes.training import STEPS_LOG, train
from course_utils.progress import show_rebuild


def test_a_rebuild_shows_its_steps_and_returns_the_metrics(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def rebuild(name: str, output: Path) -> dict[str, Any]:
        model = torch.nn.Linear(1, 1)
        rows = iter(lambda: torch.ones(1, 1), None)
        train(model, rows, lambda x: model(x).sum(), steps=7, learning_rate=0.1, warmup=2)
        return {"name": name, "output": output}

    monkeypatch.setattr(recipes, "rebuild", rebuild)
    shown = io.StringIO()
    found = show_rebuild("tiny", tmp_path, Console(file=shown, force_terminal=True, width=100))
    assert found == {"name": "tiny", "output": tmp_path}
    assert "7/7" in shown.getvalue()
    assert not STEPS_LOG.handlers

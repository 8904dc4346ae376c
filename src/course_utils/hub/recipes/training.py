"""What the recipes share: reading the datasets, the training loop, writing the card."""

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, TypeVar

import pyarrow.parquet as pq
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from course_utils import world

Batch = TypeVar("Batch")

#: Tells of each step by an INFO record whose arguments are the step and how many there are.
STEPS_LOG = logging.getLogger(f"{__name__}.steps")

# Letters that training text may lack, so that no Latin text meets an unknown character.
ALPHABET = [chr(i) for i in (*range(0x21, 0x7F), *range(0xA1, 0x180))] + list("–—‘’“”…€")
_IN_LAYER = re.compile(r"\.(layer|layers|h)\.\d+\.")


def read_rows(dataset: str, split: str) -> list[dict[str, Any]]:
    """Return the rows of one split of pocket/DATASET."""
    folder = world.ensure() / "datasets/pocket" / dataset / "data"
    rows: list[dict[str, Any]] = pq.read_table(
        folder / f"{split}-00000-of-00001.parquet"
    ).to_pylist()
    return rows


def digest(rows: list[dict[str, Any]]) -> str:
    """Return a digest of rows, which a checkpoint records: other rows, another digest."""
    text = json.dumps(rows, ensure_ascii=False, default=bytes.hex)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def data_of(checkpoint: Path) -> dict[str, str]:
    """Return the digests of what a checkpoint was made from: if they change, so must its heirs."""
    made: dict[str, str] = json.loads((checkpoint / "training.json").read_text("utf-8"))["data"]
    return made


def optimizers(
    model: torch.nn.Module, learning_rate: float, matrix_rate: float
) -> list[torch.optim.Optimizer]:
    """Return AdamW, and where matrix_rate is not 0 Muon at that rate for the layers' matrices.

    Muon (Jordan et al., 2024) makes every update of a matrix about orthogonal. A small net leaves
    the plateau of the words' mere frequencies far sooner with it.
    """
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    matrices = [p for name, p in named if matrix_rate and p.dim() == 2 and _IN_LAYER.search(name)]
    others = [p for _, p in named if all(p is not other for other in matrices)]
    decay, rest = [p for p in others if p.dim() > 1], [p for p in others if p.dim() <= 1]
    groups = [{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}]
    found: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(groups, lr=learning_rate, betas=(0.9, 0.98))
    ]
    if matrices:
        muon = torch.optim.Muon(
            matrices, lr=matrix_rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"
        )
        found.append(muon)
    return found


def train(
    model: torch.nn.Module,
    batches: Iterator[Batch],
    loss: Callable[[Batch], torch.Tensor],
    *,
    steps: int,
    learning_rate: float,
    warmup: int,
    matrix_rate: float = 0.0,
    averaging: float = 0.0,
) -> None:
    """Train the model in place, the learning rates in one cycle; loss is of one batch.

    averaging: where not 0, the model ends as the exponential mean of its weights over the steps
    (Polyak and Juditsky, 1992), of which each step keeps this share: 0.998 looks back some 500.
    """
    mean = None
    if averaging:  # torch leaves this function, as it does backward(), without types
        average = get_ema_multi_avg_fn(averaging)  # type: ignore[no-untyped-call]
        mean = AveragedModel(model, multi_avg_fn=average)
    using = optimizers(model, learning_rate, matrix_rate)
    schedulers = [
        torch.optim.lr_scheduler.OneCycleLR(
            optimizer, rate, total_steps=steps, pct_start=warmup / steps, cycle_momentum=False
        )
        for optimizer, rate in zip(using, (learning_rate, matrix_rate), strict=False)
    ]
    model.train()
    for step in range(1, steps + 1):
        value = loss(next(batches))
        for optimizer in using:
            optimizer.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in using:
            optimizer.step()
        for scheduler in schedulers:
            scheduler.step()
        if mean is not None:
            mean.update_parameters(model)
        STEPS_LOG.info("step %d of %d", step, steps)
    if mean is not None:
        model.load_state_dict(mean.module.state_dict())


def draws(generator: torch.Generator) -> Iterator[float]:
    """Yield numbers between 0 and 1 by which each step's task is chosen, for ever."""
    while True:
        yield float(torch.rand((), generator=generator))


def batches_of_tokens(
    rows: list[list[int]], tokens: int, padding: int, generator: torch.Generator
) -> Iterator[torch.Tensor]:
    """Yield [texts, width] batches of at most `tokens`, like lengths together, for ever."""
    while True:
        order = torch.randperm(len(rows), generator=generator).tolist()
        for start in range(0, len(order), 4096):
            pool = sorted(order[start : start + 4096], key=lambda i: len(rows[i]))
            made: list[list[list[int]]] = [[]]
            for i in pool:
                if made[-1] and (len(made[-1]) + 1) * len(rows[i]) > tokens:
                    made.append([])
                made[-1].append(rows[i])
            for b in torch.randperm(len(made), generator=generator).tolist():
                width = max(map(len, made[b]))
                yield torch.tensor([row + [padding] * (width - len(row)) for row in made[b]])


def write_card(output: Path, name: str, facts: dict[str, Any]) -> None:
    """Write the model card from the template NAME.md, and the same facts as training.json."""
    text = files(__package__).joinpath(f"{name}.md").read_text("utf-8")
    shown = {k: f"{v:,}" if isinstance(v, int) else v for k, v in facts.items()}
    (output / "README.md").write_text(Template(text).substitute(shown), encoding="utf-8")
    (output / "training.json").write_text(
        json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )

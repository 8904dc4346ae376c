"""What runs in a kernel before a lesson's first cell, unseen: seeds, quiet, and stern warnings.

The functions are sent to the kernel as source, so they import what they use and nothing of ours.
"""

import inspect
from typing import Any

__all__ = ["source"]


def _prelude() -> None:
    import logging
    import random
    import sys
    import warnings

    # What these libraries are about to remove is a failure today, not a surprise tomorrow.
    libraries = ("transformers", "datasets", "peft", "trl", "torch", "evaluate", "accelerate")
    for category in (DeprecationWarning, FutureWarning, PendingDeprecationWarning):
        for module in ("__main__", *libraries):
            pattern = rf"{module}(\.|$)"
            warnings.filterwarnings("error", category=category, module=pattern)
    # peft 0.21 asks for this one whenever it wraps a model; no lesson can avoid it.
    warnings.filterwarnings("ignore", message="`is_gradient_checkpointing` is deprecated")
    warnings.filterwarnings("ignore", message="IProgress not found")
    warnings.filterwarnings("ignore", message=".*pin_memory.*no accelerator is found")

    class Stern(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            text = record.getMessage()
            if "deprecat" in text.lower() and record.levelno >= logging.WARNING:
                raise DeprecationWarning(text)

    for library in libraries:
        logger = logging.getLogger(library)
        for handler in logger.handlers:
            # Imported before the kernel had its own stderr, it would write past the notebook.
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(sys.stderr)
        logger.addHandler(Stern())

    # Imported before there was a notebook, the Trainer would print lines instead of its table.
    trainer: Any = sys.modules.get("transformers.trainer")
    if trainer:
        from transformers.utils.notebook import NotebookProgressCallback

        trainer.DEFAULT_PROGRESS_CALLBACK = NotebookProgressCallback

    import datasets
    import numpy as np
    import torch

    # A lesson reads in order: a progress bar is no output that a page could show.
    datasets.disable_progress_bars()
    random.seed(0)
    np.random.seed(0)  # what lessons' libraries still draw from
    torch.manual_seed(0)


def _promise(gpus: int) -> None:
    import torch

    if (found := torch.cuda.device_count()) < gpus:
        raise RuntimeError(f"the kernel sees {found} GPUs of {gpus} that the lesson was promised")


def source(gpus: int = 0) -> str:
    """The prelude as code for a kernel, which must see the `gpus` that were promised to it."""
    code = f"{inspect.getsource(_prelude)}\n_prelude()\ndel _prelude\n"
    if gpus:
        code += f"{inspect.getsource(_promise)}\n_promise({gpus})\ndel _promise\n"
    return code

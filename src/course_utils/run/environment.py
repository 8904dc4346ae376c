"""What kernels see of the world: the Hub, threads, devices, and none of the user's settings."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

__all__ = ["full_environment", "pocket_environment"]

#: Variables of a user's shell that would change what a lesson prints, or lead it to another Hub.
FOREIGN = (
    "ACCELERATE_", "CUDA_", "DATASETS_", "HF_", "HUGGING_FACE_", "HUGGINGFACE_", "IPYTHON",
    "JUPYTER_", "KMP_", "MATPLOTLIB", "MKL_", "MPL", "OMP_", "OPENBLAS_", "PYTHONSTARTUP",
    "PYTHONWARNINGS", "TOKENIZERS_", "TORCH_", "TRANSFORMERS_", "WANDB_",
)  # fmt: skip

FIXED = {
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


def pocket_environment(endpoint: str, work: Path) -> dict[str, str]:
    """The variables at pocket scale: the Hub at `endpoint`, one thread, no GPU, no proxy.

    Hugging Face's cache, IPython's profile and temporary files go below the folder `work`.
    """
    threads = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    temporary = work / "tmp"
    temporary.mkdir(exist_ok=True)
    return (
        {name: value for name, value in os.environ.items() if not _is_foreign(name)}
        | FIXED
        | dict.fromkeys(threads, "1")
        | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
        | _plot_settings()
        | {
            "HF_ENDPOINT": endpoint,
            "HF_HUB_DISABLE_XET": "1",
            "HF_HOME": str(work / "hf-home"),
            "IPYTHONDIR": str(work / "ipython"),
            "CUDA_VISIBLE_DEVICES": "",
            "NO_PROXY": "*",
        }
    )


def full_environment(gpus: int) -> dict[str, str]:
    """The variables at full scale: the user's own Hub, cache, token and proxy are respected."""
    return {**os.environ, **FIXED} | ({} if gpus else {"CUDA_VISIBLE_DEVICES": ""})


def _is_foreign(name: str) -> bool:
    return name.startswith(FOREIGN) or name.upper().endswith("_PROXY")


def _plot_settings() -> dict[str, str]:
    """Matplotlib's own settings instead of the user's; its font cache stays where it is."""
    spec = importlib.util.find_spec("matplotlib")
    if spec is None or spec.origin is None:
        return {}
    return {"MATPLOTLIBRC": str(Path(spec.origin).parent / "mpl-data" / "matplotlibrc")}

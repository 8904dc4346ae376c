"""Plots as image files: an SVG for the light scheme and one recoloured for the dark scheme."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from course_utils.lesson import GRID, INK, PAPER

__all__ = ["DARK", "Figure", "png_figure", "svg_figure"]

#: What ink, paper and grid become on the dark scheme (the same colours stand in course.css).
DARK = {INK: "#e3e7ef", PAPER: "#151a23", GRID: "#39414f"}

_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_PROLOGUE = re.compile(r"\A.*?(?=<svg\b)", re.DOTALL)
_INDENT = re.compile(r"\n\s+(?=<)")
_HEIGHT = re.compile(r"""<svg\b[^>]*?\bheight=["']([\d.]+)(pt|px)?["']""")
_WIDTH = re.compile(r"""<svg\b[^>]*?\bwidth=["']([\d.]+)(pt|px)?["']""")
_POINT = 4 / 3


@dataclass(frozen=True)
class Figure:
    """One picture: its files by suffix (``.svg``, ``-dark.svg``, ``.png``) and its size in pixels.

    The size is None where it is not known.
    """

    files: dict[str, bytes]
    size: tuple[int, int] | None


def svg_figure(svg: str) -> Figure:
    """Slim `svg` down and add the dark variant."""
    light = _INDENT.sub("\n", _METADATA.sub("", _PROLOGUE.sub("", svg))).strip() + "\n"
    files = {".svg": light.encode(), "-dark.svg": _recolour(light).encode()}
    return Figure(files, _svg_size(light))


def png_figure(data: str) -> Figure:
    """Decode a base64 PNG; it has one variant, shown on white paper in both schemes."""
    content = base64.b64decode(data)
    width, height = (int.from_bytes(content[at : at + 4]) for at in (16, 20))
    return Figure({".png": content}, (width, height))


def _recolour(svg: str) -> str:
    pattern = re.compile("|".join(DARK), re.IGNORECASE)
    return pattern.sub(lambda match: DARK[match[0].lower()], svg)


def _svg_size(svg: str) -> tuple[int, int] | None:
    lengths = [_pixels(pattern.search(svg)) for pattern in (_WIDTH, _HEIGHT)]
    if lengths[0] is None or lengths[1] is None:
        return None
    return lengths[0], lengths[1]


def _pixels(match: re.Match[str] | None) -> int | None:
    if match is None:
        return None
    return round(float(match[1]) * (_POINT if match[2] == "pt" else 1))

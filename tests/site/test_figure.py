"""Plots: slim, deterministic, in two colour schemes."""

import base64

from course_utils.lesson import GRID, INK, PAPER
from course_utils.site.figure import DARK, png_figure, svg_figure

SVG = (
    '<?xml version="1.0"?>\n<!DOCTYPE svg>\n<svg height="30" width="40.4px">'
    "<metadata><date>now</date></metadata>\n"
    f'    <path style="stroke: {INK.upper()}; fill: {PAPER}"/><g stroke="{GRID}"/></svg>'
)


def test_prologue_and_metadata_are_dropped() -> None:
    light = svg_figure(SVG).files[".svg"].decode()
    assert light.startswith("<svg")
    assert "metadata" not in light


def test_dark_variant_swaps_the_three_colours_in_any_case() -> None:
    dark = svg_figure(SVG).files["-dark.svg"].decode()
    assert all(colour in dark for colour in DARK.values())
    assert not any(colour in dark.lower() for colour in (INK, PAPER, GRID))


def test_size_is_in_pixels() -> None:
    assert svg_figure(SVG).size == (40, 30)
    assert svg_figure('<svg width="72pt" height="36pt"/>').size == (96, 48)
    assert svg_figure('<svg viewBox="0 0 1 1"/>').size is None


def test_png_keeps_bytes_and_reads_size() -> None:
    content = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (7).to_bytes(4) + (5).to_bytes(4)
    figure = png_figure(base64.b64encode(content).decode())
    assert figure.files == {".png": content}
    assert figure.size == (7, 5)

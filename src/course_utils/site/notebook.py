"""An executed notebook as Markdown that Material, or any Python-Markdown site, renders natively.

Code becomes fenced blocks, text outputs HTML that the search index leaves out, plots image files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from nbformat import NotebookNode

from course_utils.site.errors import SiteError
from course_utils.site.figure import Figure, png_figure, svg_figure
from course_utils.site.outputs import image_of, merge_streams, output_html

__all__ = ["Converted", "Plot", "to_markdown"]


@dataclass(frozen=True)
class Plot:
    """A plot of a lesson: path of its light variant, Markdown that shows it, alternative text."""

    path: str
    markdown: str
    alt: str


@dataclass
class Converted:
    """A notebook as Markdown, with its images by path relative to the Markdown's folder."""

    markdown: str
    images: dict[str, bytes] = field(default_factory=dict)
    plots: list[Plot] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write the Markdown to `path` and the images beside it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.markdown, encoding="utf-8")
        for name, content in self.images.items():
            target = path.parent / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def to_markdown(
    notebook: NotebookNode,
    *,
    name: str,
    place: Callable[[int], str] = lambda number: f"code cell {number}",
) -> Converted:
    """Convert an executed notebook.

    Args:
        notebook: code cells carry their outputs.
        name: the lesson's path without ``.py``; its last part is the folder of the images.
        place: says where a code cell (numbered from 1) stands, for error messages.

    Raises:
        SiteError: a cell shows a plot and has no alternative text.
    """
    return _Converter(PurePosixPath(name).name, place).convert(notebook)


class _Converter:
    def __init__(self, folder: str, place: Callable[[int], str]) -> None:
        self.folder = folder
        self.place = place
        self.result = Converted("")

    def convert(self, notebook: NotebookNode) -> Converted:
        blocks: list[str] = []
        number = 0
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                blocks.append(cell.source.strip())
            elif cell.cell_type == "code":
                number += 1
                blocks.extend(self._code_cell(cell, number))
        self.result.markdown = "\n\n".join(block for block in blocks if block) + "\n"
        return self.result

    def _code_cell(self, cell: NotebookNode, number: int) -> Iterator[str]:
        tags = set(cell.metadata.get("tags", []))
        code = _fence(cell.source, tags)
        outputs = list(self._outputs(cell, number))
        if "solution" in tags:
            yield _fold("solution", "Solution", [code, *outputs])
        elif "hide-input" in tags:
            yield _fold("code", "Show the code", [code])
            yield from outputs
        else:
            yield from (code, *outputs)

    def _outputs(self, cell: NotebookNode, number: int) -> Iterator[str]:
        texts: list[str] = []
        for output in merge_streams(cell.get("outputs", [])):
            image = image_of(output)
            if image is None:
                texts.append(output_html(output))
                continue
            yield from _text_block(texts)
            texts = []
            yield self._plot(*image, alt=self._alt(cell, number))
        yield from _text_block(texts)

    def _alt(self, cell: NotebookNode, number: int) -> str:
        alt = str(cell.metadata.get("alt", "")).strip()
        if not alt:
            raise SiteError(
                f"{self.place(number)}: the plot has no alternative text: "
                'write what it shows in the cell\'s header, `# %% alt="…"`'
            )
        return alt

    def _plot(self, mime: str, data: str, *, alt: str) -> str:
        figure = svg_figure(data) if mime == "image/svg+xml" else png_figure(data)
        stem = f"{self.folder}/plot-{len(self.result.plots) + 1}"
        self.result.images |= {stem + suffix: content for suffix, content in figure.files.items()}
        markdown = _picture(stem, figure, alt)
        light = stem + next(iter(figure.files))
        self.result.plots.append(Plot(light, markdown, alt))
        return f'<div class="nb-plot" markdown="1">\n\n{markdown}\n\n</div>'


def _picture(stem: str, figure: Figure, alt: str) -> str:
    label = re.sub(r"([\[\]\\])", r"\\\1", " ".join(alt.split()))
    size = f' width="{figure.size[0]}" height="{figure.size[1]}"' if figure.size else ""
    marks = {".svg": ("#only-light", ""), "-dark.svg": ("#only-dark", ""), ".png": ("", " .paper")}
    return "\n".join(
        f"![{label}]({stem}{suffix}{marks[suffix][0]}){{ loading=lazy{size}{marks[suffix][1]} }}"
        for suffix in figure.files
    )


def _text_block(parts: list[str]) -> Iterator[str]:
    shown = [part for part in parts if part]
    if shown:
        yield '<div class="nb-out" data-search-exclude>\n' + "\n".join(shown) + "\n</div>"


def _fence(source: str, tags: set[str]) -> str:
    longest = max((len(run) for run in re.findall(r"`+", source)), default=0)
    ticks = "`" * max(3, longest + 1)
    title = ' title="Parameters"' if "parameters" in tags else ""
    return f"{ticks}python{title}\n{source.strip(chr(10))}\n{ticks}"


def _fold(kind: str, title: str, blocks: list[str]) -> str:
    body = "\n\n".join(blocks)
    return (
        f'<details class="{kind}" markdown="1">\n<summary>{title}</summary>\n\n{body}\n\n</details>'
    )

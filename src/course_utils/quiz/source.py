"""Reading a quiz file, so that every fault can name its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from course_utils.errors import CourseError

__all__ = ["QuizError", "Source"]


class QuizError(CourseError):
    """A quiz or a response to it is malformed; the text names the place and the mend."""


#: libyaml's, where PyYAML was built with it, reads a bank ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Source:
    """A YAML file: its data, and the line of each of its parts."""

    name: str
    data: Any
    node: yaml.Node | None

    @classmethod
    def read(cls, path: Path, name: str = "") -> Source:
        """Read `path`, which messages call `name`; its place below ``quizzes`` if none is given.

        Raises:
            QuizError: it is not there, or it is no YAML.
        """
        name = name or _short(path)
        try:
            text = path.read_text("utf-8")
            source = cls(name, yaml.load(text, _LOADER), yaml.compose(text, _LOADER))  # noqa: S506
        except FileNotFoundError:
            raise QuizError(f"{name}: there is no such file") from None
        except (OSError, UnicodeDecodeError) as error:
            raise QuizError(f"{name}: cannot be read as UTF-8 text ({error})") from error
        except yaml.YAMLError as error:
            raise _syntax_fault(name, error) from error
        source._refuse_repeated_keys()
        return source

    def line(self, keys: Sequence[str | int]) -> int:
        """The line on which the part under `keys` begins, or its nearest parent that is there."""
        node, line = self.node, 1
        for key in keys:
            child = _child(node, key)
            if child is None:
                break
            node, line = child
        return line

    def fault(self, keys: Sequence[str | int], message: str) -> QuizError:
        """An error that names the file and the line of the part under `keys`."""
        return QuizError(f"{self.name}:{self.line(keys)}: {message}")

    def _refuse_repeated_keys(self) -> None:
        """Of two equal keys YAML would silently keep the last."""
        for mapping in _mappings(self.node, set()):
            names: set[str] = set()
            for name, _ in mapping.value:
                if name.value in names:
                    line = name.start_mark.line + 1
                    raise QuizError(
                        f"{self.name}:{line}: the key {name.value!r} stands there twice: remove one"
                    )
                names.add(name.value)


def _mappings(node: yaml.Node | None, met: set[int]) -> Iterator[yaml.MappingNode]:
    """Every mapping in `node`, each once, though an alias may repeat it."""
    if node is None or id(node) in met:
        return
    met.add(id(node))
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value, met)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _mappings(value, met)


def _syntax_fault(name: str, error: yaml.YAMLError) -> QuizError:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    problem = getattr(error, "problem", None) or "cannot be read"
    return QuizError(f"{name}:{line}: YAML: {problem}; check indentation and quotes")


def _child(node: yaml.Node | None, key: str | int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        found = node.value[key]
        return found, found.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                return value, name.start_mark.line + 1
    return None


def _short(path: Path) -> str:
    """The path from the folder ``quizzes`` on, as the author knows it."""
    parts = path.parts
    return "/".join(parts[parts.index("quizzes") :]) if "quizzes" in parts else path.name

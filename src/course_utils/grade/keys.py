"""The instructor's secret, from which hidden inputs are drawn: a folder outside the repository."""

from __future__ import annotations

import hashlib
import hmac
import os
import random
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from course_utils.errors import CourseError

__all__ = ["Keys", "KeysError", "load_keys"]

FILE = "assignments.yaml"
DEMO = "demo"


class KeysError(CourseError):
    """The instructor's folder is missing or malformed; the text names the place and the mend."""


@dataclass(frozen=True)
class Keys:
    """A named secret; `name` is what records say, the secret itself is never shown.

    `folder` may hold private files beside it, `demo` those of the demo keys.
    """

    name: str
    secret: str = field(repr=False)
    folder: Path = Path()
    demo: Path = Path()

    def random(self, *names: str) -> random.Random:
        """A generator for what `names` name: the same for each submission, not to be guessed."""
        return random.Random(self.digest(*names))  # noqa: S311

    def text(self, name: str) -> str:
        """The text of a private file of the instructor's.

        Raises:
            KeysError: the folder has none of that name.
        """
        path = self.folder / name
        try:
            return path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise KeysError(
                f"{path}: cannot be read ({type(error).__name__}), and an assignment needs it: "
                "write one of your own, as docs/instructors.md says"
            ) from None

    def public_text(self, name: str) -> str:
        """The demo keys' file of that name, which everybody can read; empty for those keys."""
        path = self.demo / name
        own = self.folder == self.demo or not path.is_file()
        return "" if own else path.read_text("utf-8")

    def digest(self, *names: str) -> str:
        """A keyed hash of `names`; tells keys apart without telling the secret."""
        message = "\0".join(names).encode()
        return hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest()


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=60)
    secret: str = Field(min_length=16)


def load_keys(root: Path) -> Keys:
    """The keys in the folder that ``COURSE_KEYS`` names, else the demo keys of the course.

    Raises:
        KeysError: the folder has no ``assignments.yaml`` with a name and a secret.
    """
    named = os.environ.get("COURSE_KEYS")
    path = (Path(named) if named else root / "keys") / FILE
    mend = "write `name:` and `secret:` (16 or more random characters) there"
    try:
        found = _File.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except FileNotFoundError:
        raise KeysError(f"{path}: the keys of the assignments are not there: {mend}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise KeysError(f"{path}: cannot be read ({type(error).__name__}): {mend}") from None
    if named and found.name == DEMO:
        raise KeysError(f"{path}: the name {DEMO!r} is that of the public keys: choose another")
    return Keys(found.name, found.secret, path.parent, root / "keys")

from pathlib import Path

from course_utils.grade.script import cells_of, stub_of

SOURCE = '''\
# %% [markdown]
# # Title

# %%
import math

# %% tags=["reference"]
SECRET = 1


# %% tags=["solution"]
import os

@staticmethod
def one(a: int,
        b: int = 2) -> int:
    """Adds.

    More.
    """
    c = a
    return c + b


class Two:
    """A class."""

    size = 3

    def get(self) -> int:
        return self.size

# %%
print(one(1))
'''


def test_functions_keep_signature_and_docstring_alone(tmp_path: Path) -> None:
    path = tmp_path / "solution.py"
    path.write_text(SOURCE)
    stub = stub_of(path)
    assert [cell.cell_type for cell in stub.cells] == ["markdown", "code", "code", "code"]
    first, gaps, last = cells_of(stub)
    assert (first, last) == ("import math", "print(one(1))")
    assert (
        gaps
        == '''\
@staticmethod
def one(a: int,
        b: int = 2) -> int:
    """Adds.

    More.
    """
    raise NotImplementedError  # your code here


class Two:
    """A class."""
    def get(self) -> int:
        raise NotImplementedError  # your code here'''
    )

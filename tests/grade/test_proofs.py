"""Every assignment is fit to be given out, and can be marked where there are no namespaces too."""

from itertools import islice
from pathlib import Path

import pytest
from grade_helpers import require

from course_utils.grade import Assignment, Keys, Marker, load_all, load_keys, prove
from course_utils.grade.record import Isolation

ROOT = Path(__file__).parents[2]
SOLVED_AND_STUB = 2  # what is proved first

pytestmark = pytest.mark.verify


@pytest.fixture(scope="module")
def keys() -> Keys:
    return load_keys(ROOT)


@pytest.mark.parametrize("assignment", load_all(ROOT), ids=lambda one: one.name)
@pytest.mark.parametrize(
    ("isolation", "solutions"), [("namespaces", None), ("landlock", SOLVED_AND_STUB)]
)
def test_reference_full_stub_none_and_each_mutant_fails(
    assignment: Assignment,
    isolation: Isolation,
    solutions: int | None,
    keys: Keys,
    tmp_path: Path,
) -> None:
    require(isolation)
    with Marker(assignment, keys, isolation, tmp_path) as marker:
        proofs = list(islice(prove(assignment, marker), solutions))
    assert len(proofs) == (solutions or SOLVED_AND_STUB + len(assignment.mutants))
    assert [f"{proof.solution}: {proof.fault}" for proof in proofs if not proof.ok] == []

"""Every assignment of the course: right solutions pass, wrong ones do not, learners get a copy."""

from pathlib import Path

import pytest

from course_utils.grade import (
    Assignment,
    Marker,
    best_isolation,
    build_handout,
    load_all,
    load_keys,
    prove,
    try_out,
)

ROOT = Path(__file__).parents[1]

every = pytest.mark.parametrize("assignment", load_all(ROOT), ids=lambda one: one.name)


@every
def test_reference_stub_and_mutants_fare_right(assignment: Assignment, tmp_path: Path) -> None:
    with Marker(assignment, load_keys(ROOT), best_isolation()[0], tmp_path) as marker:
        proofs = list(prove(assignment, marker))
    assert {proof.solution: proof.fault for proof in proofs if not proof.ok} == {}
    assert len(assignment.checks) >= 5
    assert len(assignment.mutants) >= 5


@every
def test_every_check_catches_a_mutant(assignment: Assignment) -> None:
    caught = {check for mutant in assignment.mutants for check in mutant.fails}
    assert {check.id for check in assignment.checks} == caught


@every
def test_a_learner_gets_the_gaps_and_the_public_checks(
    assignment: Assignment, tmp_path: Path
) -> None:
    folder = build_handout(assignment, tmp_path)
    given = "".join(path.read_text("utf-8") for path in folder.iterdir())
    assert "NotImplementedError" in given
    for check in assignment.checks:
        assert (f'id="{check.id}"' in given) is check.public
    record = try_out(folder / f"{assignment.name}.ipynb")
    assert record.score == 0
    assert [check.id for check in record.checks] == [c.id for c in assignment.checks if c.public]

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_utils.run.key import changed_parts, digest, import_closure, key_parts


def parts(*cells: str, prose: str = "", tags: tuple[str, ...] = ()) -> dict[str, str]:
    code = [new_code_cell(cell, metadata={"tags": list(tags)}) for cell in cells]
    return key_parts(new_notebook(cells=[new_markdown_cell(prose), *code]), "pocket", "CPU")


def test_prose_is_not_in_the_key_but_code_and_tags_are() -> None:
    assert digest(parts("x = 1", prose="a")) == digest(parts("x = 1", prose="b"))
    assert digest(parts("x = 1")) != digest(parts("x = 2"))
    assert digest(parts("x = 1")) != digest(parts("x = 1", tags=("check",)))


def test_versions_of_what_is_imported_are_in_the_key() -> None:
    assert "evaluate" in parts("import evaluate")
    assert "evaluate" not in parts("import json")
    assert "scikit-learn" in parts("from sklearn.linear_model import LogisticRegression")


def test_magics_do_not_break_the_reading_of_imports() -> None:
    assert "evaluate" in parts("%time x = 1\n!ls\nimport evaluate")


def test_the_closure_follows_imports_of_ours() -> None:
    closure = import_closure(["course_utils.hub", "json"])
    assert {"course_utils.hub", "course_utils.hub.server", "course_utils.errors"} <= set(closure)
    assert "course_utils.site" not in closure


def test_changes_are_said_in_words() -> None:
    before = {"code": "a" * 64, "datasets": "5.2.0", "gone": "1"}
    now = {"code": "b" * 64, "datasets": "5.3.0", "new": "2"}
    assert changed_parts(before, now) == (
        "code changed, datasets 5.2.0 → 5.3.0, gone no longer imported, new newly imported"
    )

from pathlib import Path

import pytest

from course_utils.catalog import Catalog, CatalogError, load_catalog

HEADER = """\
# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: A first lesson
#     path: core
#     objectives: {count: "Count things"}
#     meets: [o1]
#     minutes: 10
#     full:
#       parameters: {checkpoint: org/real}
#       resources: {gpus: 1, memory_gb: 8, minutes: 6, timeout: 30}
# ---

# %% [markdown]
# # A first lesson

# %% tags=["parameters"]
checkpoint = "pocket/tiny"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "lessons/tasks/count").mkdir(parents=True)
    (tmp_path / "quizzes/tasks").mkdir(parents=True)
    (tmp_path / "quizzes/tasks/count.yaml").write_text("title: Counting\n")
    (tmp_path / "lessons/tasks/count/trainer.py").write_text(HEADER)
    (tmp_path / "mkdocs.yml").write_text(
        "nav:\n  - Home: index.md\n  - Tasks:\n      - lessons/tasks/count/trainer.py\n"
        "site_url: !ENV [SITE_URL, x]\n"
    )
    return tmp_path


def edit(project: Path, old: str, new: str) -> None:
    path = project / "lessons/tasks/count/trainer.py"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_a_lesson_comes_from_the_nav_its_header_and_its_task_quiz(project: Path) -> None:
    (lesson,) = load_catalog(project).lessons
    assert lesson.summary() == {
        "id": "tasks/count/trainer",
        "title": "A first lesson",
        "part": "tasks",
        "path": "core",
        "source": "lessons/tasks/count/trainer.py",
        "scales": ["pocket", "full"],
        "quiz": "tasks/count",
    }
    assert lesson.header.full is not None
    assert lesson.header.full.parameters == {"checkpoint": "org/real"}


def test_the_notebook_has_tags_and_the_header(project: Path) -> None:
    notebook = load_catalog(project).lesson("tasks/count/trainer").notebook()
    assert notebook.metadata["course"]["minutes"] == 10
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code"]
    assert notebook.cells[1].metadata["tags"] == ["parameters"]


def test_comments_that_look_like_shell_commands_stay_comments(project: Path) -> None:
    edit(project, 'checkpoint = "pocket/tiny"', '# cat is a word\ncheckpoint = "pocket/tiny"')
    notebook = load_catalog(project).lesson("tasks/count/trainer").notebook()
    assert notebook.cells[1].source.startswith("# cat is a word")


def test_an_unknown_lesson_names_the_nearest(project: Path) -> None:
    with pytest.raises(CatalogError, match=r"no lesson 'tasks/count/trainr'.*tasks/count/trainer"):
        load_catalog(project).lesson("tasks/count/trainr")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("path: core", "path: cor", r"trainer\.py:6: course\.path: .*'core'"),
        ("minutes: 10", "minutes: soon", r"trainer\.py:9: course\.minutes: "),
        ("gpus: 1, ", "", r"trainer\.py:12: course\.full\.resources\.gpus: Field required"),
        ("meets: [o1]", "meets: [o1", r"trainer\.py:9: YAML: "),
        ("#   course:", "#   curse:", r"trainer\.py:2: the header has no 'jupyter: course:'"),
        ("# ---\n# jupyter", "# jupyter", r"trainer\.py:1: no header"),
        ("title: A first lesson", "name: x", r"trainer\.py:4: course\.title: Field required"),
    ],
)
def test_a_broken_header_names_file_line_and_key(
    project: Path, old: str, new: str, message: str
) -> None:
    edit(project, old, new)
    with pytest.raises(CatalogError, match=message):
        load_catalog(project)


def test_a_nav_entry_without_its_file(project: Path) -> None:
    (project / "lessons/tasks/count/trainer.py").unlink()
    with pytest.raises(CatalogError, match=r"mkdocs\.yml: the nav names lessons/tasks/count"):
        load_catalog(project)


def test_a_folder_that_is_no_course(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"holds no mkdocs\.yml"):
        load_catalog(tmp_path)


def test_a_broken_nav_names_the_line(project: Path) -> None:
    (project / "mkdocs.yml").write_text("nav:\n  - a: [b\n")
    with pytest.raises(CatalogError, match=r"mkdocs\.yml:\d+: YAML: "):
        load_catalog(project)


def test_an_empty_course_has_no_lessons(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("nav: []\n")
    assert load_catalog(tmp_path) == Catalog(tmp_path, (), {})

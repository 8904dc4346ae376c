"""Whole runs: real kernels, the real Hub."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from conftest_run import Course

from course_utils.catalog import CatalogError
from course_utils.errors import CourseError
from course_utils.run import Options, shard
from course_utils.run.cache import Cache

READ_DATA = """\
import os
import urllib.request

request = urllib.request.Request(
    os.environ["HF_ENDPOINT"] + "/api/datasets/pocket/reviews",
    headers={"Authorization": f"Bearer {os.environ['HF_TOKEN']}"},
)
print(len(urllib.request.urlopen(request).read()) > 100)
"""


def outputs(course: Course, name: str) -> list[Any]:
    path = course.root / f"build/notebooks/part/{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def test_a_run_writes_notebooks_and_the_manifest(course: Course) -> None:
    course.write("a", "print(size)", "from course_utils.lesson import Result, show_results\n"
                 "show_results([Result('F1', 0.5, seed=1)])")  # fmt: skip
    report = course.run()
    assert report.ok
    assert outputs(course, "a")[0].text == "2\n"
    manifest = json.loads((course.root / "build/manifest.json").read_text())
    entry = manifest["lessons"]["part/a"]
    assert manifest["scale"] == "pocket"
    assert (entry["status"], entry["why"], entry["cells"]) == ("ok", "first run", 3)
    assert entry["metrics"][0]["value"] == 0.5
    assert entry["executed_at"].endswith("Z")
    assert "torch" in manifest["versions"]


def test_what_has_not_changed_is_not_executed(course: Course) -> None:
    path = course.write("a", "import time\nprint(time.time_ns())")
    course.write("b", "print('b')")
    course.run()
    first = outputs(course, "a")
    assert course.why() == {"part/a": "nothing changed", "part/b": "nothing changed"}
    path.write_text(path.read_text().replace("# # Lesson a", "# # Lesson a\n#\n# More prose."))
    assert course.why()["part/a"] == "nothing changed"
    assert outputs(course, "a") == first
    notebook = nbformat.read(course.root / "build/notebooks/part/a.ipynb", as_version=4)
    assert "More prose." in notebook.cells[0].source


def test_a_parameter_or_code_reruns_that_lesson_alone(course: Course) -> None:
    path = course.write("a", "print(size)")
    course.write("b", "print('b')")
    course.run()
    path.write_text(path.read_text().replace("size = 2", "size = 3"))
    assert course.why() == {"part/a": "code changed", "part/b": "nothing changed"}
    assert outputs(course, "a")[0].text == "3\n"


def test_an_imported_module_of_ours_reruns_its_lessons(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    from course_utils.run import key

    course.write("a", "from course_utils.lesson import Result\nprint(Result('x', 1).value)")
    course.write("b", "print('b')")
    course.run()
    true_hash = key._source_hash
    monkeypatch.setattr(
        key, "_source_hash", lambda p: "0" * 64 if p.name == "lesson.py" else true_hash(p)
    )
    why = course.why()
    assert "course_utils.lesson changed" in why["part/a"]
    assert why["part/b"] == "nothing changed"


def test_a_dataset_that_changed_reruns_its_readers(course: Course) -> None:
    course.write("a", READ_DATA)
    course.write("b", "print('b')")
    course.run()
    assert course.why() == {"part/a": "nothing changed", "part/b": "nothing changed"}
    cache = Cache(course.root / "build/cache/pocket")
    key = json.loads((course.root / "build/manifest.json").read_text())["lessons"]["part/a"]["key"]
    entry = cache.load("part/a", key)
    assert entry is not None
    assert list(entry.reads) == ["datasets/pocket/reviews"]
    cache.store("part/a", key, replace(entry, reads={"datasets/pocket/reviews": "0" * 40}))
    assert course.why() == {"part/a": "pocket/reviews changed", "part/b": "nothing changed"}


def test_a_damaged_entry_counts_as_none(course: Course) -> None:
    course.write("a", "print('a')")
    course.run()
    (entry,) = (course.root / "build/cache/pocket/part/a").glob("*.json")
    entry.write_text(entry.read_text().replace("a\\n", "b\\n"))
    assert course.why() == {"part/a": "first run"}


def test_a_failure_names_its_place_and_the_others_still_run(course: Course) -> None:
    course.write("bad", "x = 1", "y = 2\nraise ValueError('no good')")
    course.write("good", "print('fine')")
    report = course.run()
    assert not report.ok
    error = report.outcomes["part/bad"].error
    assert error == "lessons/part/bad.py:27: cell 4: ValueError: no good"
    lines = (course.root / "lessons/part/bad.py").read_text().splitlines()
    assert lines[26] == "raise ValueError('no good')"
    assert report.outcomes["part/good"].status == "ok"
    again = course.run()
    assert {i: o.status for i, o in again.outcomes.items()} == {
        "part/bad": "failed",
        "part/good": "cached",
    }


def test_a_missing_checkpoint_is_named(course: Course) -> None:
    course.write(
        "a", "from transformers import AutoConfig\nAutoConfig.from_pretrained('pocket/no')"
    )
    error = course.run().outcomes["part/a"].error
    assert error.startswith(
        "lessons/part/a.py:24: cell 3: OSError: pocket/no is not a local folder"
    )


def test_exercises_are_proved_in_passing(course: Course) -> None:
    stub, solution = "def f():\n    ...", '# %% tags=["solution"]\ndef f():\n    return 1'
    check = '# %% tags=["check"]\nassert f() == 1'
    course.write("good", stub, solution, check)
    course.write("easy", stub, solution, '# %% tags=["check"]\nassert True')
    course.write("open", stub, solution)
    report = course.run()
    assert report.outcomes["part/good"].status == "ok"
    assert outputs(course, "good") == []
    assert "this check passes on the stub" in report.outcomes["part/easy"].error
    assert "this solution has no check after it" in report.outcomes["part/open"].error


def test_deprecations_are_failures(course: Course) -> None:
    warn = "import warnings\nwarnings.warn('old', {}, stacklevel=1)"
    course.write("future", warn.format("FutureWarning"))
    course.write("user", warn.format("UserWarning"))
    course.write(
        "logged",
        "from transformers.utils import logging\n"
        "logging.get_logger('transformers.x').warning('`x` is deprecated')",
    )
    report = course.run()
    assert "FutureWarning: old" in report.outcomes["part/future"].error
    assert report.outcomes["part/user"].status == "ok"
    assert "deprecated" in report.outcomes["part/logged"].error


def test_lessons_see_what_the_course_promises(course: Course) -> None:
    course.write(
        "a",
        "import os, torch\n"
        "print(torch.get_num_threads(), os.environ['CUDA_VISIBLE_DEVICES'] == '')\n"
        "print(os.environ['HF_TOKEN'], os.environ['HF_ENDPOINT'])\n"
        "print(os.getcwd())",
    )
    course.run()
    text = outputs(course, "a")[0].text
    assert text.splitlines()[:2] == ["1 True", "hf_course_part-a http://127.0.0.1:8080"]
    assert "course-run-" not in text


def test_two_cold_runs_differ_in_nothing(course: Course) -> None:
    course.write("a", "import random, torch\nprint(random.random(), torch.rand(2), object())")
    path = course.root / "build/notebooks/part/a.ipynb"
    course.run()
    first = path.read_text()
    course.run(Options(fresh=True))
    assert path.read_text() == first


def test_fresh_kernels_give_the_same(course: Course) -> None:
    course.write("a", "print(size)")
    report = course.run(Options(warm=False))
    assert report.ok
    assert outputs(course, "a")[0].text == "2\n"


def test_a_broken_cache_entry_counts_as_none(course: Course) -> None:
    course.write("a", "print(size)")
    course.run()
    (entry,) = (course.root / "build/cache/pocket/part/a").glob("*.json")
    entry.write_text(entry.read_text()[:100])
    assert course.why() == {"part/a": "first run"}


def test_a_build_folder_that_cannot_be_written(course: Course) -> None:
    course.write("a", "print(size)")
    (course.root / "build").write_text("a file, not a folder")
    with pytest.raises(CourseError, match="cannot be written: "):
        course.run()
    assert (course.root / "build").read_text() == "a file, not a folder"


def test_shards_cover_everything_once(course: Course) -> None:
    for name in "abcde":
        course.write(name, "x = 1")
    lessons = course.catalog().lessons
    parts = [shard(lessons, n, 3) for n in (1, 2, 3)]
    assert sorted(x.id for part in parts for x in part) == [x.id for x in lessons]
    with pytest.raises(CourseError, match="--shard 4/3"):
        shard(lessons, 4, 3)


def test_an_unknown_parameter_is_named(course: Course) -> None:
    from course_utils.parameters import set_parameters

    course.write("a", "print(size)")
    (lesson,) = course.catalog().lessons
    with pytest.raises(CatalogError, match=r"names 'depth', which the parameters cell does not"):
        set_parameters(lesson, lesson.notebook(), {"depth": 3})


def test_a_kill_in_the_middle_loses_nothing(course: Course) -> None:
    course.write("a", "print('done')")
    course.write("b", "import time\nopen('started', 'w').close()\ntime.sleep(60)")
    with subprocess.Popen(
        [sys.executable, "-m", "course_utils", "run", "--jobs", "1"],
        cwd=course.root,
        stderr=subprocess.DEVNULL,
    ) as process:
        deadline = time.monotonic() + 120
        while not list((course.root / "build/cache").rglob("part/a/*.json")):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.1)
        family = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(family, timeout=20)
    assert [p for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []
    course.write("b", "print('quick')")
    why = course.why()
    assert why["part/a"] == "nothing changed"
    assert Path(course.root / "build/notebooks/part/b.ipynb").exists()


def test_a_missing_checkpoint_is_named_with_one_that_exists(course: Course) -> None:
    course.write("a", "from transformers import AutoConfig\n"
                 "AutoConfig.from_pretrained('pocket/bert-maxi')")  # fmt: skip
    error = course.run().outcomes["part/a"].error
    assert error.startswith("lessons/part/a.py:")
    assert error.endswith("has no model pocket/bert-maxi: did you mean pocket/bert-mini?")
    assert "\n" not in error

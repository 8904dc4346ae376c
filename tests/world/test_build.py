import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from course_utils import world
from course_utils.world import build
from course_utils.world.schema import schema


def test_the_folder_holds_every_dataset_and_its_card(root: Path) -> None:
    for name in build.MODULES:
        folder = root / "datasets" / "pocket" / name
        assert (folder / "README.md").is_file()
        found = {path.name.split("-")[0] for path in (folder / "data").iterdir()}
        assert found == set(schema(name).splits)


def test_a_second_call_builds_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "_write", lambda root: pytest.fail("built again"))
    assert build.ensure(root.parents[1]) == root


def test_another_process_writes_the_same_bytes(root: Path, tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from course_utils import world; "
    program += "print(world.ensure(Path(sys.argv[1])))"
    command = [sys.executable, "-W", "error", "-c", program, str(tmp_path)]
    again = Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())

    def digests(folder: Path) -> dict[str, str]:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in files
        }

    assert digests(again) == digests(root)


def test_a_failed_build_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(name: str, rows: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "table", fails)
    with pytest.raises(KeyboardInterrupt):
        build.ensure(tmp_path)
    assert list((tmp_path / "world").iterdir()) == []


def test_a_cache_that_is_a_file_is_one_clear_error(tmp_path: Path) -> None:
    place = tmp_path / "cache"
    place.write_text("not a folder")
    with pytest.raises(world.WorldError, match=r"cache.*COURSE_CACHE") as caught:
        build.ensure(place)
    assert "\n" not in str(caught.value)


def test_the_environment_names_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    assert build.cache_folder() == tmp_path
    monkeypatch.delenv("COURSE_CACHE")
    assert build.cache_folder().name == "course-utils"


def test_parquet_metadata_carries_the_features(root: Path) -> None:
    path = root / "datasets/pocket/corpus/data/train-00000-of-00001.parquet"
    metadata = pq.read_schema(path).metadata[b"huggingface"]
    assert json.loads(metadata)["info"]["features"]["text"]["dtype"] == "string"

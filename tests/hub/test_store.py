import shutil
from pathlib import Path

import pytest

from course_utils.errors import CourseError
from course_utils.hub.store import Store


def test_a_commit_is_a_hash_of_the_content(repos: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(repos, copy)
    repo, same = Store.over([repos]).repo("models", "made/net"), Store.over([copy])
    assert repo is not None
    found = same.repo("models", "made/net")
    assert found is not None and found.sha == repo.sha
    (copy / "models/made/net/README.md").write_text("other")
    changed = same.repo("models", "made/net")
    assert changed is not None and changed.sha != repo.sha


def test_the_first_layer_that_has_a_repository_serves_it(repos: Path, tmp_path: Path) -> None:
    (tmp_path / "models/made/net").mkdir(parents=True)
    (tmp_path / "models/made/net/own.txt").write_text("mine")
    repo = Store.over([tmp_path, repos]).repo("models", "made/net")
    assert repo is not None
    assert [file.path for file in repo.files] == ["own.txt"]
    ids = [repo.id for repo in Store.over([tmp_path, repos]).repos("models")]
    assert ids == ["made/net", "made/other"]


@pytest.mark.parametrize(
    "name", ["../models", "made/..", "made", "made/net/x", "/etc", "made/n\0t"]
)
def test_names_that_are_none_find_nothing(repos: Path, name: str) -> None:
    assert Store.over([repos]).repo("models", name) is None


def test_links_out_of_a_repository_are_not_served(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    folder = tmp_path / "root/models/made/net"
    folder.mkdir(parents=True)
    (folder / "link.txt").symlink_to(secret)
    (folder / "fine.txt").write_text("fine")
    repo = Store.over([tmp_path / "root"]).repo("models", "made/net")
    assert repo is not None
    assert [file.path for file in repo.files] == ["fine.txt"]


def test_a_missing_root_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="is no folder: give --root a folder with models/"):
        Store.over([tmp_path / "none"])

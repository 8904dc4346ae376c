"""What the real Hub refuses, by the real clients against a server that refuses as it does."""

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest_run import Course

from course_utils.run import Options
from course_utils.run.refusal import advice

#: Runs code as a kernel does and prints what each piece left: the text of its traceback.
CLIENT = """
import contextlib, io, json, sys
from IPython.core.interactiveshell import InteractiveShell

shell, said = InteractiveShell.instance(), {}
shell.run_cell("from transformers import AutoTokenizer; from datasets import load_dataset")
for code in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as caught:
        shell.run_cell(code)
    said[code] = caught.getvalue()
print(json.dumps(said))
"""
MODEL = "AutoTokenizer.from_pretrained('org/{}')"
DATA = "load_dataset('org/{}')"
FORMS = {"model": MODEL, "data": DATA}
NAMES = ("gated", "absent", "old")

each_form = pytest.mark.parametrize("form", FORMS)


class Refusing(http.server.BaseHTTPRequestHandler):
    """Knows a gated repository, one without the revision asked for, and no other."""

    def do_GET(self) -> None:
        gated = (403, "GatedRepo") if "gated" in self.path else (404, "RepoNotFound")
        status, code = (404, "RevisionNotFound") if "old" in self.path else gated
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@dataclass
class Hub:
    """Where the refusing Hub is, and what clients said of it, by the code that asked."""

    endpoint: str
    online: dict[str, str]
    offline: dict[str, str]


def ask(environment: dict[str, str], *names: str) -> dict[str, str]:
    codes = [form.format(name) for form in FORMS.values() for name in names]
    done = subprocess.run(
        [sys.executable, "-c", CLIENT, *codes],
        capture_output=True, text=True, check=True, env=os.environ | environment,
    )  # fmt: skip
    said: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return said


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def hub(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Hub:
    home = str(tmp_path_factory.mktemp("hf"))
    user = {"HF_ENDPOINT": endpoint, "HF_HOME": home, "HF_TOKEN": ""}
    return Hub(endpoint, ask(user, *NAMES), ask(user | {"HF_HUB_OFFLINE": "1"}, "gated"))


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "none"))


def said(hub: Hub, form: str, name: str) -> str:
    """The advice on what one piece of code met."""
    traceback = hub.online[FORMS[form].format(name)]
    return advice(traceback, [f"org/{name}", "org/other"], {"HF_ENDPOINT": hub.endpoint})


@pytest.mark.parametrize(("form", "place"), [("model", ""), ("data", "datasets/")])
def test_gated(hub: Hub, form: str, place: str) -> None:
    page = f"{hub.endpoint}/{place}org/gated"
    assert f"org/gated is gated: accept its licence on {page}, then set HF_TOKEN" in (
        said(hub, form, "gated")
    )


@each_form
def test_missing(hub: Hub, form: str) -> None:
    assert f"; {hub.endpoint} has no org/absent, or it is private: correct the name in" in (
        said(hub, form, "absent")
    )


@each_form
def test_revision(hub: Hub, form: str) -> None:
    assert "has org/old, but not this revision" in said(hub, form, "old")


@each_form
def test_offline(hub: Hub, form: str) -> None:
    traceback = hub.offline[FORMS[form].format("gated")]
    told = advice(traceback, ["org/gated"], {"HF_HUB_OFFLINE": "1"})
    assert told.startswith("; HF_HUB_OFFLINE forbids to ask the Hub: unset it, or fill the cache")


def test_a_lesson_that_is_refused_says_it_in_one_line(
    course: Course, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    monkeypatch.setenv("HF_HOME", str(course.root / "hf-home"))
    code = "from huggingface_hub import hf_hub_download\nhf_hub_download(repo, 'config.json')"
    resources = "{gpus: 0, memory_gb: 2, minutes: 1, timeout: 5}"
    path = course.write("a", code, resources=resources)
    text = path.read_text().replace("{size: 9}", "{repo: org/gated}")
    path.write_text(text.replace("size = 2", 'repo = "pocket/bert-mini"'))
    error = course.run(Options(scale="full")).outcomes["part/a"].error
    assert error.startswith("lessons/part/a.py:")
    assert (
        f"GatedRepoError: 403 Client Error.; org/gated is gated: accept its licence on {endpoint}"
        in error
    )
    assert "\n" not in error


GATED = "GatedRepoError: 403 Client Error.\nCannot access http://hub/org/a/resolve/main/x"


def test_a_token_that_was_refused_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_x")
    said = advice(GATED, ["org/a", "org/b"], {})
    assert "on https://huggingface.co/org/a, and see that your token belongs to" in said


def test_no_network() -> None:
    said = advice("LocalEntryNotFoundError: An error", ["org/a", "org/b"], {})
    assert said.startswith("; https://huggingface.co cannot be reached: mend the network")
    assert said.endswith("with org/a and org/b first")


def test_too_little_memory_is_a_matter_of_the_header() -> None:
    error = "OutOfMemoryError: CUDA out of memory."
    assert "raise resources.memory_gb" in advice(error, [], {}, gpus=1)
    assert advice(error, [], {}) == ""


def test_other_errors_need_no_advice() -> None:
    assert advice("ValueError: org/a", ["org/a"], {}) == ""
    assert advice(GATED, [], {}) == ""

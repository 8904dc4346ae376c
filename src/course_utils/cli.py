"""The `course` command: parses, calls, prints. Nothing else in the package prints."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from course_utils.errors import CourseError

if TYPE_CHECKING:
    from course_utils.catalog import Catalog

app = typer.Typer(
    help="Working with Hugging Face Transformers: run the lessons, build the site, mark quizzes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
hub_app = typer.Typer(help="The pocket Hub: datasets and models on loopback.", no_args_is_help=True)
quiz_app = typer.Typer(help="Mark quizzes.", no_args_is_help=True)
app.add_typer(hub_app, name="hub")
app.add_typer(quiz_app, name="quiz")

out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


def main() -> None:
    """Run the command; an error meant for the user becomes one line and exit status 1."""
    try:
        app()
    except CourseError as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("interrupted; what was finished is kept")
    except ModuleNotFoundError as error:
        # A learner's notebook brings the package without the tools that make the course.
        fail(f"{error.name} is missing: this command needs course-utils[site] to be installed")


def fail(message: str) -> NoReturn:
    """Print one line to standard error and exit with status 1."""
    err.print(f"[bold red]error:[/] {_plain(message)}", soft_wrap=True)
    sys.exit(1)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(" ".join(text.split()))


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


@app.command("list")
def list_lessons(as_json: AsJson = False) -> None:
    """List the lessons in the order of the course."""
    catalog = _catalog()
    if as_json:
        return _print_json([lesson.summary() for lesson in catalog.lessons])
    table = Table("id", "title", "path", "minutes", "quiz", box=None, header_style="bold")
    for lesson in catalog.lessons:
        minutes = str(lesson.header.minutes)
        table.add_row(lesson.id, lesson.title, lesson.path, minutes, lesson.quiz or "—")
    out.print(table)
    return None


@app.command()
def run(
    lessons: Annotated[
        list[str] | None, typer.Argument(help="Ids of lessons; all if none is named.")
    ] = None,
    scale: Annotated[str, typer.Option(help="pocket, or full: real checkpoints, on a GPU.")] = (
        "pocket"
    ),
    jobs: Annotated[int, typer.Option(min=1, help="Lessons side by side.")] = 2,
    fresh: Annotated[bool, typer.Option("--fresh", help="Execute even what is cached.")] = False,
    shard: Annotated[str, typer.Option(help="I/N: the I-th of N equal parts.")] = "1/1",
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="With --scale full: against the pocket Hub, on CPU.")
    ] = False,
) -> None:
    """Execute lessons: those whose code, data or libraries changed since they last ran."""
    from course_utils.progress import show_run
    from course_utils.run import Options
    from course_utils.run import shard as part

    catalog = _catalog()
    chosen = [catalog.lesson(i) for i in lessons] if lessons else list(catalog.lessons)
    chosen = part(chosen, *_shard(shard))
    known_scale = _scale(scale)
    if known_scale == "full" and not lessons:
        chosen = [lesson for lesson in chosen if "full" in lesson.scales]
    if rehearse and known_scale != "full":
        raise CourseError("--rehearse: only the full scale is rehearsed: add --scale full")
    options = Options(scale=known_scale, jobs=jobs, fresh=fresh, rehearse=rehearse)
    report = show_run(catalog, chosen, options, err)
    if not report.ok:
        sys.exit(1)


@app.command()
def site() -> None:
    """Build the site from the executed lessons, into site/."""
    from course_utils.site import build

    report = build(_catalog().root)
    out.print(f"{report.pages} pages in {report.folder.name}/, built in {report.seconds:.1f} s")


Port = Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1.")]


@app.command()
def serve(port: Port = 8000) -> None:
    """Serve the site on 127.0.0.1, built again whenever a source changes."""
    from course_utils.site import serve as serve_site

    out.print(f"http://127.0.0.1:{port}/ (Ctrl-C ends it)")
    serve_site(_catalog().root, port)


@app.command()
def lab() -> None:
    """Open JupyterLab on the lessons as notebooks, with the pocket Hub running."""
    from course_utils.lab import open_lab, write_notebooks

    catalog = _catalog()
    folder = catalog.root / "build" / "lab"
    write_notebooks(catalog, folder)
    out.print("Your notebooks are in build/lab; those that are there already are kept.")
    sys.exit(open_lab(folder))


@app.command()
def doctor() -> None:
    """Say what this machine can do: versions, devices, sandbox, Hub, disk."""
    from course_utils.doctor import examine

    findings = examine(Path.cwd())
    for finding in findings:
        sign = "[green]ok[/]" if finding.ok else "[red]no[/]"
        mend = "" if finding.ok else f"; {finding.mend}"
        out.print(f"{sign}  {finding.name:<13} {_plain(finding.found + mend)}", soft_wrap=True)
    if not all(finding.ok for finding in findings):
        sys.exit(1)


Roots = Annotated[
    list[Path] | None,
    typer.Option("--root", help="A folder of repositories; the pocket Hub's own if not given."),
]


@hub_app.command("serve")
def hub_serve(
    root: Roots = None,
    port: Port = 8080,
    data: Annotated[
        Path | None, typer.Option(help="Where to keep what is written; forgotten if not given.")
    ] = None,
    alias: Annotated[
        list[str] | None, typer.Option(help="REAL=POCKET: serve POCKET under the id REAL too.")
    ] = None,
) -> None:
    """Serve the Hub on loopback until Ctrl-C; ROOT/{models,datasets,spaces}/ORG/NAME/…"""
    from course_utils import hub
    from course_utils.hub.alias import parse_aliases

    hub.serve(
        root,
        port,
        data,
        parse_aliases(alias or []),
        ready=lambda endpoint: out.print(f"HF_ENDPOINT={endpoint}"),
    )


@hub_app.command("list")
def hub_list(root: Roots = None, as_json: AsJson = False) -> None:
    """List what the Hub serves."""
    from course_utils import hub

    repos = hub.list_repos(root)
    if as_json:
        return _print_json(repos)
    table = Table("kind", "id", "size", "", box=None, header_style="bold")
    for repo in repos:
        size = f"{int(str(repo['size'])) / 1e3:,.0f} kB"
        table.add_row(str(repo["kind"]), str(repo["id"]), size, _plain(str(repo["summary"])))
    out.print(table)
    return None


@hub_app.command("rebuild")
def hub_rebuild(
    name: Annotated[str, typer.Argument(help="A checkpoint, such as bert-mini.")],
    output: Annotated[
        Path | None, typer.Option(help="Where to put it; the package's own folder if not given.")
    ] = None,
) -> None:
    """Train a pocket checkpoint again from its recipe: up to twenty minutes of one core."""
    from course_utils import hub
    from course_utils.progress import show_rebuild

    _print_json(show_rebuild(name, output or hub.checkpoint_folder(name), err))


@quiz_app.command("mark")
def quiz_mark(
    quiz: Annotated[str, typer.Argument(help="Id of a quiz, such as inference/tokenization.")],
    responses: Annotated[list[Path], typer.Argument(help="Files of responses, as JSON.")],
    as_json: AsJson = False,
) -> None:
    """Mark files of responses to a quiz."""
    from course_utils import quiz as quizzes

    catalog = _catalog()
    if quiz not in catalog.quizzes:
        ids = ", ".join(catalog.quizzes) or "none yet"
        raise CourseError(f"there is no quiz {quiz!r}: there are {ids}")
    found = quizzes.load_quiz(catalog.quizzes[quiz])
    marks = [(path, quizzes.mark(found, quizzes.load_responses(path, found))) for path in responses]
    if as_json:
        return _print_json([{"file": str(path), **mark.as_data()} for path, mark in marks])
    for path, mark in marks:
        out.print(f"{path}: {mark.score:g} of {mark.max_score}")
    return None


def _catalog() -> Catalog:
    """The course in this folder or the nearest one above it."""
    from course_utils.catalog import load_catalog

    here = Path.cwd()
    root = next((p for p in (here, *here.parents) if (p / "mkdocs.yml").is_file()), here)
    return load_catalog(root)


def _scale(text: str) -> Literal["pocket", "full"]:
    if text == "pocket":
        return "pocket"
    if text == "full":
        return "full"
    raise CourseError(f"--scale {text}: there are pocket and full")


def _shard(text: str) -> tuple[int, int]:
    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal()):
        raise CourseError(f"--shard {text}: write I/N, such as 1/4")
    return int(index), int(count)

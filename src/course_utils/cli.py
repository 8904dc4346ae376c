"""The `course` command: parses, calls, prints. Nothing else in the package prints."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from course_utils.errors import CourseError

if TYPE_CHECKING:
    from course_utils.catalog import Catalog
    from course_utils.grade.record import Record
    from course_utils.grade.result import Item, Result
    from course_utils.quiz import Record as QuizRecord

app = typer.Typer(
    help="Working with Hugging Face Transformers: run the lessons, build the site, mark quizzes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
hub_app = typer.Typer(help="The pocket Hub: datasets and models on loopback.", no_args_is_help=True)
quiz_app = typer.Typer(help="Mark and export quizzes.", no_args_is_help=True)
app.add_typer(hub_app, name="hub")
app.add_typer(quiz_app, name="quiz")
gradebook_app = typer.Typer(help="The gradebook: import, show, export.", no_args_is_help=True)
app.add_typer(gradebook_app, name="gradebook")

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
    jobs: Annotated[int, typer.Option(min=1, help="Lessons side by side; one a GPU.")] = 2,
    fresh: Annotated[bool, typer.Option("--fresh", help="Execute even what is cached.")] = False,
    shard: Annotated[str, typer.Option(help="I/N: the I-th of N equal parts.")] = "1/1",
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="With --scale full: against the pocket Hub, on CPU.")
    ] = False,
    record: Annotated[
        bool, typer.Option("--record", help="With --scale full: keep the figures in results/.")
    ] = False,
    gpu: Annotated[bool, typer.Option("--gpu", help="The pocket scale on a GPU.")] = False,
    real_data: Annotated[
        bool, typer.Option("--real-data", help="Rehearse with the data in COURSE_REAL_DATA.")
    ] = False,
) -> None:
    """Execute lessons: those whose code, data or libraries changed since they last ran."""
    from course_utils.progress import show_run
    from course_utils.run import Options
    from course_utils.run import shard as part
    from course_utils.run.real_data import folder as data_folder

    catalog = _catalog()
    chosen = [catalog.lesson(i) for i in lessons] if lessons else list(catalog.lessons)
    chosen = part(chosen, *_shard(shard))
    known_scale = _scale(scale)
    if known_scale == "full" and not lessons:
        chosen = [lesson for lesson in chosen if "full" in lesson.scales]
    if rehearse and known_scale != "full":
        raise CourseError("--rehearse: only the full scale is rehearsed: add --scale full")
    if real_data and not rehearse:
        raise CourseError("--real-data: only a rehearsal takes it: add --scale full --rehearse")
    if record and (rehearse or known_scale != "full"):
        raise CourseError("--record: only what ran at full scale counts: add --scale full alone")
    if gpu and known_scale == "full":
        raise CourseError("--gpu: the full scale has the GPUs that headers name: drop --gpu")
    options = Options(
        scale=known_scale,
        jobs=jobs,
        fresh=fresh,
        rehearse=rehearse,
        gpu=gpu,
        record=record,
        real_data=data_folder() if real_data else None,
    )
    report = show_run(catalog, chosen, options, err)
    if not report.ok:
        sys.exit(1)


@app.command("plan")
def plan_full_scale(
    lessons: Annotated[
        list[str] | None, typer.Argument(help="Ids of lessons; all if none is named.")
    ] = None,
    shards: Annotated[int, typer.Option(min=1, help="At most so many for a kind of runner.")] = 1,
) -> None:
    """Print, as JSON for a CI matrix, which runners the full scale needs, and for what."""
    from course_utils.run import plan

    catalog = _catalog()
    chosen = [catalog.lesson(i) for i in lessons] if lessons else list(catalog.lessons)
    typer.echo(json.dumps({"include": [part.as_data() for part in plan(chosen, shards)]}))


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


QuizId = Annotated[str, typer.Argument(help="Id of a quiz: module, or inference/tokenization.")]


@quiz_app.command("mark")
def quiz_mark(
    quiz: QuizId,
    responses: Annotated[
        list[Path],
        typer.Argument(help="Files of responses; of a graded quiz folders too."),
    ],
    as_json: AsJson = False,
    csv: Annotated[
        Path | None, typer.Option(help="Graded: write a table, a row for each file.")
    ] = None,
    records: Annotated[
        Path | None, typer.Option(help="Graded: a folder to write one JSON record a file into.")
    ] = None,
) -> None:
    """Mark files of responses to a quiz; a graded one with the keys that COURSE_KEYS names."""
    from course_utils import quiz as quizzes

    catalog = _catalog()
    if quiz in catalog.banks:
        return _mark_graded(catalog, quiz, responses, as_json, csv, records)
    if csv or records:
        raise CourseError(f"--csv and --records are for graded quizzes; {quiz} is for practice")
    found = quizzes.load_quiz(_quiz_file(catalog, quiz))
    marks = [(path, quizzes.mark(found, quizzes.load_responses(path, found))) for path in responses]
    if as_json:
        return _print_json([{"file": str(path), **mark.as_data()} for path, mark in marks])
    for path, mark in marks:
        out.print(f"{path}: {mark.score:g} of {mark.max_score}")
    return None


assignment_app = typer.Typer(help="Give out assignments, and prove them.", no_args_is_help=True)
app.add_typer(assignment_app, name="assignment")

Unsafe = Annotated[
    bool, typer.Option("--unsafe", help="Without a sandbox, run submissions with your own rights.")
]


@app.command("grade")
def grade_submissions(
    assignment: Annotated[str, typer.Argument(help="Name of an assignment.")],
    submissions: Annotated[list[Path], typer.Argument(help="Files or folders handed in.")],
    jobs: Annotated[int, typer.Option(min=1, help="Submissions side by side.")] = 2,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the records to this file, as JSON.")
    ] = None,
    feedback: Annotated[
        Path | None, typer.Option(help="Write a page of feedback for each learner into it.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Grade even what is unchanged.")] = False,
    unsafe: Unsafe = False,
) -> None:
    """Grade submissions to an assignment: one record each; what is unchanged is not run again."""
    from rich.progress import Progress

    from course_utils import grade

    isolation = grade.isolation_for(unsafe=unsafe)
    with Progress(console=err, transient=True) as progress:
        bar = progress.add_task(f"grading {assignment}", total=len(submissions))
        records = grade.grade(
            _catalog().root,
            assignment,
            submissions,
            jobs=jobs,
            isolation=isolation,
            fresh=fresh,
            on_record=lambda _: progress.advance(bar),
        )
    if json_file is not None:
        grade.write_records(records, json_file)
    if feedback is not None:
        _write_feedback(assignment, records, feedback)
    for record in records:
        marks = f"{record.score:g} of {record.max_score:g}"
        marks += "".join(f", {part.max_points:g} pending" for part in record.pending)
        why = f"; {record.why}" if record.why else ""
        out.print(_plain(f"{record.submission}: {marks} ({record.status}{why})"), soft_wrap=True)
    out.print(f"isolation: {isolation}; keys: {', '.join({record.keys for record in records})}")
    if any(record.status == "grader_error" for record in records):
        fail("some could not be graded, which says nothing about them: see grader_error above")


def _write_feedback(assignment: str, records: Sequence[Record], folder: Path) -> None:
    from course_utils.grade import find_assignment
    from course_utils.grade.feedback import Link, write_feedback
    from course_utils.site.syllabus import sections_on

    catalog = _catalog()
    said = find_assignment(catalog.root, assignment).description
    site = os.environ.get("SITE_URL", "").rstrip("/")
    lessons = [
        Link(taught.title, taught.link(f"{site}/lessons/{taught.lesson.id}/") if site else "")
        for taught in sections_on(catalog, [*said.objectives, *said.meets])
    ]
    for record in records:
        write_feedback(record, said.title, folder, lessons)


@assignment_app.command("list")
def assignment_list(as_json: AsJson = False) -> None:
    """List the assignments."""
    from course_utils import grade

    found = grade.load_all(_catalog().root)
    if as_json:
        return _print_json([one.summary() for one in found])
    table = Table("name", "title", "points", "minutes", box=None, header_style="bold")
    for one in found:
        minutes = str(one.description.minutes)
        table.add_row(one.name, one.description.title, f"{one.max_score:g}", minutes)
    out.print(table)
    return None


@assignment_app.command("build")
def assignment_build(
    name: Annotated[str | None, typer.Argument(help="An assignment; or --all.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Build every assignment.")] = False,
    output: Annotated[Path, typer.Option("-o", help="Where to put the folders.")] = Path(
        "build/assignments"
    ),
) -> None:
    """Write what learners get: notebook and script with gaps, public checks, description."""
    from course_utils import grade

    root = _catalog().root
    if (name is None) is not every:
        raise CourseError("name an assignment, or say --all")
    for one in grade.load_all(root) if name is None else [grade.find_assignment(root, name)]:
        out.print(str(grade.build_handout(one, output)))


@assignment_app.command("check")
def assignment_check(
    name: Annotated[str, typer.Argument(help="Name of an assignment.")], unsafe: Unsafe = False
) -> None:
    """Refuse an assignment whose reference loses points, or a stub or mutant wins them."""
    from course_utils import grade

    root = _catalog().root
    assignment = grade.find_assignment(root, name)
    isolation = grade.isolation_for(unsafe=unsafe)
    folder = root / "build" / "grade" / "resources"
    with grade.Marker(assignment, grade.load_keys(root), isolation, folder) as marker:
        proofs = list(grade.prove(assignment, marker))
    for proof in proofs:
        sign = "[green]ok[/]" if proof.ok else "[red]no[/]"
        text = f"{proof.solution}: {proof.score:g} of {proof.max_score:g} {proof.fault}"
        out.print(f"{sign}  {_plain(text)}", soft_wrap=True)
    if not all(proof.ok for proof in proofs):
        fail(f"assignments/{name} is not fit to be given out: mend the lines marked no")


@assignment_app.command("try")
def assignment_try(
    work: Annotated[Path, typer.Argument(help="Your notebook or script, in its folder.")],
) -> None:
    """Run the public checks on your own work, on your own machine, without a sandbox."""
    from course_utils import grade

    record = grade.try_out(work)
    for check in record.checks:
        sign = "[green]ok[/]" if check.passed else "[red]no[/]"
        more = "" if check.passed else f": {check.detail}. Hint: {check.hint}"
        out.print(f"{sign}  {_plain(check.title + more)}", soft_wrap=True)
    if record.why:
        err.print(_plain(record.why), soft_wrap=True)
    if not record.checks or not all(check.passed for check in record.checks):
        sys.exit(1)


Book = Annotated[
    Path,
    typer.Option("--book", envvar="COURSE_GRADEBOOK", help="The gradebook; made if missing."),
]
RulesFile = Annotated[
    Path | None,
    typer.Option("--rules", help="Late rules and extensions; else rules.yaml beside the book."),
]
BOOK = Path("gradebook.db")


@gradebook_app.command("import")
def gradebook_import(
    records: Annotated[
        list[Path], typer.Argument(help="What `course grade` or `course quiz mark` wrote as JSON.")
    ],
    book: Book = BOOK,
    learners: Annotated[
        Path | None, typer.Option(help="CSV: submission, learner, handed_in (optional).")
    ] = None,
    learner_from: Annotated[
        str, typer.Option(help="A learner's id is a submission's name, or its folder's.")
    ] = "name",
    handed_in: Annotated[
        str, typer.Option(help="When, if the CSV does not say: 2026-12-04T18:00+01:00.")
    ] = "",
    again: Annotated[
        bool, typer.Option("--again", help="A marking replaced since then holds again.")
    ] = False,
) -> None:
    """Add records to the gradebook; what it knows already is not added twice."""
    from course_utils.grade.entry import read_entries
    from course_utils.grade.gradebook import Gradebook
    from course_utils.grade.roster import Roster, load_roster, parse_time

    if learner_from not in ("name", "folder"):
        raise CourseError(f"--learner-from {learner_from}: there are name and folder")
    at = parse_time(handed_in, "--handed-in") if handed_in else None
    rule: Literal["name", "folder"] = "folder" if learner_from == "folder" else "name"
    roster = load_roster(learners, at) if learners else Roster(rule, at)
    batches = [read_entries(path, roster) for path in records]
    with Gradebook(book) as opened:
        added = opened.add([entry for batch in batches for entry in batch.entries], again)
    out.print(f"{added.new} added, {added.known} known already")
    if added.replaced:
        out.print(f"{added.replaced} were replaced by later markings: --again brings them back")
    for line in (line for batch in batches for line in batch.rejected):
        err.print(f"[yellow]rejected by the marker:[/] {_plain(line)}", soft_wrap=True)


@gradebook_app.command("points")
def gradebook_points(
    assignment: Annotated[str, typer.Argument(help="An assignment.")],
    points: Annotated[Path, typer.Argument(help="CSV: learner, points, of, note (optional).")],
    rubric: Annotated[
        str, typer.Option(help="A rubric: the CSV holds a level for each criterion instead.")
    ] = "",
    book: Book = BOOK,
) -> None:
    """Add the points that you give yourself, beside those of an assignment's checks."""
    from course_utils.grade.entry import read_points
    from course_utils.grade.gradebook import Gradebook
    from course_utils.grade.rubric import load_rubric

    chosen = load_rubric(_catalog().root, rubric) if rubric else None
    entries = read_points(points, assignment, chosen)
    with Gradebook(book) as opened:
        added = opened.add(entries, again=True)
    out.print(f"{added.new} added, {added.known} known already")


@gradebook_app.command("show")
def gradebook_show(
    book: Book = BOOK,
    rules: RulesFile = None,
    learner: Annotated[str, typer.Option(help="Only this learner.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show each learner's points, after late rules and extensions."""
    from course_utils.grade.table import columns

    found = [result for result in _results(book, rules) if learner in ("", result.learner)]
    if as_json:
        return _print_json([result.as_data() for result in found])
    headings = columns(found)
    table = Table("learner", box=None, header_style="bold")
    for _, heading in headings:
        table.add_column(_plain(heading), justify="right", overflow="fold")
    rows: dict[str, dict[Item, Result]] = {}
    for result in found:
        rows.setdefault(result.learner, {})[result.item] = result
    for name, row in rows.items():
        table.add_row(_plain(name), *(_points(row.get(item)) for item, _ in headings))
    out.print(table if found else "the gradebook is empty")
    return None


def _points(result: Result | None) -> str:
    if result is None:
        return "[dim]—[/]"
    points = "?" if result.points is None else f"{round(result.points, 2):g}"
    notes = "".join(f"\n[yellow]{note}[/]" for note in result.notes)
    return f"{points} [dim]of {result.max_points:g}[/]{notes}"


@gradebook_app.command("export")
def gradebook_export(
    output: Annotated[Path, typer.Option("--output", "-o", help="The CSV file to write.")],
    book: Book = BOOK,
    rules: RulesFile = None,
) -> None:
    """Write the points as CSV: a row a learner, a column an assignment or quiz."""
    from course_utils.grade.table import as_csv

    found = _results(book, rules)
    try:
        output.write_text(as_csv(found), encoding="utf-8", newline="")
    except OSError as error:
        raise CourseError(f"{output}: cannot be written ({error.strerror})") from error
    out.print(f"{len({result.learner for result in found})} learners in {output}", soft_wrap=True)


@gradebook_app.command("statistics")
def gradebook_statistics(
    item: Annotated[str, typer.Argument(help="An assignment or a quiz; all if not named.")] = "",
    book: Book = BOOK,
    as_json: AsJson = False,
) -> None:
    """Say how hard each check and question is, and whom it tells apart."""
    from course_utils.grade.gradebook import Gradebook
    from course_utils.grade.result import items
    from course_utils.grade.statistics import statistics

    with Gradebook(_existing(book)) as opened:
        markings = opened.markings()
    measured = [found for found in items(markings) if found.kind != "instructor"]
    chosen = [found for found in measured if item in ("", found.id)]
    if not chosen:
        names = ", ".join(found.id for found in measured) or "nothing yet"
        raise CourseError(f"{book} holds no {item!r}: it holds {names}")
    figures = [statistics(markings, one) for one in chosen]
    if as_json:
        return _print_json([figure.as_data() for figure in figures])
    for figure in figures:
        title = f"{figure.item.id}: {figure.learners} learners"
        table = Table("id", "n", "difficulty", "discrimination", "", title=title, box=None)
        for row in figure.items:
            shown = "—" if row.discrimination is None else f"{row.discrimination:.2f}"
            table.add_row(_plain(row.id), str(row.n), f"{row.difficulty:.2f}", shown, row.note)
        out.print(table)
        if figure.warning:
            out.print(f"[yellow]{figure.warning}[/]", soft_wrap=True)
    return None


@gradebook_app.command("withdraw")
def gradebook_withdraw(
    learner: Annotated[str, typer.Argument(help="A learner's id.")],
    item: Annotated[str, typer.Argument(help="An assignment or a quiz.")],
    why: Annotated[str, typer.Option(help="The reason, which is kept.")],
    book: Book = BOOK,
) -> None:
    """Take a learner's submissions to an item out of the count; nothing is erased."""
    from course_utils.grade.gradebook import Gradebook

    with Gradebook(_existing(book)) as opened:
        count = opened.withdraw(learner, item, why)
    out.print(f"{count} withdrawn")


def _results(book: Path, rules: Path | None) -> list[Result]:
    from course_utils.grade import load_all
    from course_utils.grade.gradebook import Gradebook
    from course_utils.grade.result import results
    from course_utils.grade.rules import Rules, load_rules, own_policies

    beside = _existing(book).parent / "rules.yaml"
    file = rules or (beside if beside.exists() else None)
    own = own_policies(load_all(_catalog().root))
    with Gradebook(book) as opened:
        return results(opened.markings(), load_rules(file, own) if file else Rules(base=own))


def _existing(book: Path) -> Path:
    """Reading makes no empty gradebook where a name was mistyped."""
    if not book.exists():
        raise CourseError(f"{book}: there is no gradebook: `course gradebook import` makes one")
    return book


def _mark_graded(
    catalog: Catalog,
    quiz: str,
    responses: list[Path],
    as_json: bool,
    csv: Path | None,
    folder: Path | None,
) -> None:
    from course_utils import quiz as quizzes
    from course_utils.site.syllabus import teaching

    bank = quizzes.load_bank(catalog.banks[quiz])
    keyed = quizzes.load_keyed(bank, quizzes.keys_folder(catalog.root))
    objectives = {
        name: quizzes.Objective(text, links) for name, (text, links) in teaching(catalog).items()
    }
    records = quizzes.mark_files(keyed, quizzes.find_files(responses), objectives)
    if csv:
        csv.write_text(quizzes.as_csv(records), encoding="utf-8")
    if folder:
        quizzes.write_records(records, folder)
    if as_json:
        _print_json([record.as_data() for record in records])
    else:
        for record in records:
            out.print(_plain(_told(record)), soft_wrap=True)
    if not all(record.status == "marked" for record in records):
        sys.exit(1)


def _told(record: QuizRecord) -> str:
    """A record in one line."""
    if record.status == "rejected" or record.score is None:
        return f"{record.file}: rejected: {record.why}"
    weak = [m.id for m in record.objectives if m.max_score and m.score < m.max_score / 2]
    verdict = "passed" if record.passed else "not passed"
    again = f"; to read again: {', '.join(weak)}" if weak else ""
    return (
        f"{record.file}: {record.learner}, attempt {record.attempt}: {record.score:.4g} of "
        f"{record.max_score}, {verdict} (keys: {record.keys}){again}"
    )


@quiz_app.command("export")
def quiz_export(
    quiz: QuizId,
    form: Annotated[str, typer.Option("--format", help="qti (1.2, zip), moodle (XML) or json.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
) -> None:
    """Export a quiz, with its key, for another system; prints what the format cannot hold."""
    from course_utils import quiz as quizzes
    from course_utils.site.form_parts import render_text

    catalog = _catalog()
    if quiz in catalog.banks:
        bank = quizzes.load_bank(catalog.banks[quiz])
        keyed = quizzes.load_keyed(bank, quizzes.keys_folder(catalog.root))
        exported = quizzes.export(keyed.quiz, form, render_text, bank.topics)
    else:
        found = quizzes.load_quiz(_quiz_file(catalog, quiz))
        exported = quizzes.export(found, form, render_text)
    output.write_bytes(exported.content)
    for loss in exported.losses:
        out.print(_plain(loss), soft_wrap=True)
    count = exported.questions
    out.print(f"{output}: {count} questions with their key: keep it from learners", soft_wrap=True)


def _quiz_file(catalog: Catalog, quiz: str) -> Path:
    if quiz not in catalog.quizzes:
        ids = ", ".join([*catalog.banks, *catalog.quizzes]) or "none yet"
        raise CourseError(f"there is no quiz {quiz!r}: there are {ids}")
    return catalog.quizzes[quiz]


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

"""The `course` command: parses, calls, prints. Nothing else in the package prints."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from course_utils.errors import CourseError

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


def fail(message: str) -> NoReturn:
    """Print one line to standard error and exit with status 1."""
    err.print(f"[bold red]error:[/] {_plain(message)}", soft_wrap=True)
    sys.exit(1)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(" ".join(text.split()))


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))

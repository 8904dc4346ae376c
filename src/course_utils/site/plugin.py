"""The mkdocs plugin: mkdocs-jupyter with the course's own way from notebook to page.

It extends mkdocs-jupyter's plugin, whose `NotebookFile` makes a script a page, and leaves its
HTML renderer out: a lesson reaches MkDocs as Markdown, so that titles, table of contents,
call-outs, link checks and search are the theme's own.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs_jupyter.plugin import NotebookFile, Plugin

from course_utils.catalog import Catalog, load_catalog
from course_utils.grade.assignment import load
from course_utils.grade.rubric import load_rubric
from course_utils.quiz import load_bank
from course_utils.site.assignment_page import AssignmentPage
from course_utils.site.download import learner_notebook
from course_utils.site.exam_page import ExamPage
from course_utils.site.executed import load_manifest
from course_utils.site.hand_page import fill_markers, rubric_sheet
from course_utils.site.icons import Icons
from course_utils.site.lesson_page import LessonPage
from course_utils.site.maths import set_maths
from course_utils.site.quiz_page import QuizPage, quiz_pages
from course_utils.site.search_index import without_code
from course_utils.site.slim import slim
from course_utils.site.slots import fill_slots
from course_utils.site.wheel import ensure_wheel

__all__ = ["CoursePlugin"]

_HERE = Path(__file__).parent
_ASSETS = _HERE / "assets"
#: Read at build time only.
_NOT_PUBLISHED = {"katex/katex.min.js"}


class CoursePlugin(Plugin):  # type: ignore[misc]
    """Turns the catalog's lessons, quizzes and assignments into pages, pictures and downloads."""

    root: Path
    catalog: Catalog
    lessons: dict[str, LessonPage]
    quizzes: dict[str, QuizPage]
    exams: dict[str, ExamPage]
    assignments: dict[str, AssignmentPage]
    icons: Icons

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Add the course's templates and stylesheet."""
        self.root = Path(config.config_file_path).parent
        self.icons = Icons()
        config.theme.dirs.insert(0, str(_HERE / "theme"))
        config.extra_css.append("assets/course.css")
        config.extra_javascript.append("assets/course.js")
        return config

    def on_files(self, files: Files, config: MkDocsConfig) -> Files:
        """Append lessons, quizzes and assignments, pictures, learners' copies and assets."""
        self.catalog = load_catalog(self.root)
        manifest = load_manifest(self.root)
        quizzes = quiz_pages(self.catalog)
        self.quizzes = {quiz.uri: quiz for quiz in quizzes.values()}
        self.lessons = {}
        for quiz in quizzes.values():
            files.append(File.generated(config, quiz.uri, content=quiz.markdown()))
        exams = [ExamPage(load_bank(path)) for path in self.catalog.banks.values()]
        self.exams = {exam.uri: exam for exam in exams}
        for exam in exams:
            files.append(File.generated(config, exam.uri, content=exam.markdown()))
            files.append(File.generated(config, exam.bank_uri, content=exam.script()))
        wheel = ensure_wheel(self.root)
        self._add_file(files, config, f"downloads/{wheel.name}", wheel)
        for lesson in self.catalog.lessons:
            page = LessonPage(lesson, self.catalog, manifest, quizzes)
            self.lessons[page.uri] = page
            self._add_lesson(files, config, page, wheel.name)
        self._add_assignments(files, config, f"{config.site_url or ''}downloads/{wheel.name}")
        for path in sorted((self.root / "rubrics").glob("*.yaml")):
            sheet = rubric_sheet(load_rubric(self.root, path.stem))
            uri = f"downloads/rubrics/{path.stem}.csv"
            files.append(File.generated(config, uri, content=sheet))
        for asset in _assets():
            self._add_file(files, config, f"assets/{asset}", _ASSETS / asset)
        return files

    def _add_lesson(self, files: Files, config: MkDocsConfig, page: LessonPage, wheel: str) -> None:
        file = File(page.uri, str(self.root), config.site_dir, config.use_directory_urls)
        files.append(NotebookFile(file, **config))
        folder = page.uri.rpartition("/")[0]
        for name, content in page.converted.images.items():
            files.append(File.generated(config, f"{folder}/{name}", content=content))
        copy = learner_notebook(page.lesson, site_url=config.site_url or "", wheel=wheel)
        files.append(File.generated(config, page.download, content=copy))

    def _add_assignments(self, files: Files, config: MkDocsConfig, wheel: str) -> None:
        folders = self.catalog.assignments.values()
        pages = [AssignmentPage(load(folder), self.catalog, wheel) for folder in folders]
        self.assignments = {page.uri: page for page in pages}
        for page in pages:
            files.append(File.generated(config, page.uri, content=page.markdown()))
            for uri, content in page.downloads.items():
                files.append(File.generated(config, uri, content=content))

    def _add_file(self, files: Files, config: MkDocsConfig, uri: str, source: Path) -> None:
        files.append(File.generated(config, uri, abs_src_path=str(source)))

    def on_pre_page(self, page: Page, config: MkDocsConfig, files: Files) -> Page:
        """Leave MkDocs's renderer in place, where mkdocs-jupyter would swap in its own."""
        return page

    def on_page_markdown(
        self, markdown: str, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Give a lesson's Markdown; fill the markers of a hand-written page."""
        made = self._made(page)
        if made is None:
            return fill_markers(markdown, self.catalog, self._page_of, page=page.file.src_uri)
        text = made.markdown()
        bank = made.bank_uri if isinstance(made, ExamPage) else ""
        page.meta["course"] = {"quiz": bool(made.slots), "bank": bank}
        return text

    def on_page_content(self, html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Put the quiz forms in and set the formulas."""
        made = self._made(page)
        if made is not None:
            html = fill_slots(html, made.slots)
        html, formulas = set_maths(html, page=page.file.src_uri)
        page.meta["maths"] = formulas > 0
        return html

    def on_post_page(self, output_content: str, page: Page, config: MkDocsConfig) -> str:
        """Slim the page; the source, which mkdocs-jupyter may add here, is no download of ours."""
        return slim(self.icons.moved_from(output_content))

    def on_post_build(self, config: MkDocsConfig) -> None:
        """Draw the icons and shorten the search index.

        mkdocs-jupyter would tidy a cache that is not used.
        """
        Path(config.site_dir, "assets", "icons.css").write_text(self.icons.style_sheet(), "utf-8")
        index = Path(config.site_dir, "search", "search_index.json")
        if index.exists():
            index.write_text(without_code(index.read_text("utf-8")), "utf-8")

    def _made(self, page: Page) -> LessonPage | QuizPage | ExamPage | AssignmentPage | None:
        uri = page.file.src_uri
        quizzes = self.quizzes.get(uri) or self.exams.get(uri)
        return self.lessons.get(uri) or quizzes or self.assignments.get(uri)

    def _page_of(self, lesson_id: str) -> LessonPage:
        return self.lessons[f"lessons/{self.catalog.lesson(lesson_id).id}.py"]


@cache
def _assets() -> tuple[str, ...]:
    names = (path.relative_to(_ASSETS).as_posix() for path in _ASSETS.rglob("*") if path.is_file())
    return tuple(sorted(set(names) - _NOT_PUBLISHED))

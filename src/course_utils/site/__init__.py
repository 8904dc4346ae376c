"""The website: executed notebooks, quizzes and hand-written pages, built with MkDocs."""

from course_utils.site.builder import BuildReport, build, serve
from course_utils.site.errors import SiteError

__all__ = ["BuildReport", "SiteError", "build", "serve"]

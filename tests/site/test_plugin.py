"""What the plugin relies on in mkdocs-jupyter, whose next version may change it."""

from importlib.metadata import entry_points

from mkdocs.structure.files import File
from mkdocs_jupyter.plugin import NotebookFile, Plugin

from course_utils.site.plugin import CoursePlugin


def test_it_is_registered_and_extends_mkdocs_jupyter() -> None:
    (entry,) = entry_points(group="mkdocs.plugins", name="course")
    assert entry.load() is CoursePlugin
    assert issubclass(CoursePlugin, Plugin)


def test_every_hook_of_the_base_that_swaps_in_its_renderer_is_overridden() -> None:
    hooks = {name for name in vars(Plugin) if name.startswith("on_")}
    assert hooks - set(vars(CoursePlugin)) <= {"on_pre_build"}


def test_a_script_becomes_a_page_with_a_folder_url(tmp_path: object) -> None:
    file = File("lessons/a/b.py", str(tmp_path), "/site", use_directory_urls=True)
    page = NotebookFile(file, use_directory_urls=True, site_dir="/site")
    assert page.is_documentation_page()
    assert page.url == "lessons/a/b/"

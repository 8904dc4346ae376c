"""Every lesson's full scale runs to its end on a laptop, against the pocket Hub."""

from pathlib import Path

import pytest

from course_utils.catalog import load_catalog
from course_utils.run import Options, run_lessons

pytestmark = pytest.mark.verify


def test_every_full_scale_can_be_rehearsed() -> None:
    catalog = load_catalog(Path(__file__).parents[2])
    options = Options(scale="full", rehearse=True, fresh=True)
    report = run_lessons(catalog, catalog.lessons, options, lambda event: None)
    assert report.ok, {i: o.error for i, o in report.outcomes.items() if o.error}

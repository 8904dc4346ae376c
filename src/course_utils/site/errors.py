"""What can go wrong while the site is built."""

from course_utils.errors import CourseError


class SiteError(CourseError):
    """The site cannot be built; the text names the file, the place and the mend."""

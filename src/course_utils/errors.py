"""The one exception whose text is written for the user."""


class CourseError(Exception):
    """Something the user can mend; its text names the place and the mend in one line."""

"""The pocket world: one invented world that generates the course's own datasets."""

from course_utils.world.build import WorldError, digest, ensure

__all__ = ["WorldError", "digest", "ensure"]

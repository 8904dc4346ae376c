"""The pocket world: one invented world that generates the course's own datasets."""

from course_utils.world.build import WorldError, corpus_digest, digest, ensure

__all__ = ["WorldError", "corpus_digest", "digest", "ensure"]

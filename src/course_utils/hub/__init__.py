"""The pocket Hub: a small Hub on loopback that serves the course's datasets, models and metrics."""

from course_utils.hub.server import (
    RunningHub,
    checkpoint_folder,
    default_roots,
    launch,
    list_repos,
    serve,
    start,
)

__all__ = [
    "RunningHub",
    "checkpoint_folder",
    "default_roots",
    "launch",
    "list_repos",
    "serve",
    "start",
]

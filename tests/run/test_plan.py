"""Shards and runners from what headers say."""

from conftest_run import Course

from course_utils.run import plan


def resources(gpus: int, memory: float, minutes: float, timeout: float = 30) -> str:
    return f"{{gpus: {gpus}, memory_gb: {memory}, minutes: {minutes}, timeout: {timeout}}}"


def planned(course: Course, shards: int) -> list[dict[str, object]]:
    return [shard.as_data() for shard in plan(course.catalog().lessons, shards)]


def test_a_runner_is_named_by_what_a_lesson_needs(course: Course) -> None:
    course.write("a", resources=resources(1, 12, 6))
    course.write("b", resources=resources(0, 4, 3, 15))
    course.write("c", resources=resources(2, 200, 6.5, 40.5))
    assert planned(course, 1) == [
        {
            "name": "gpus-1-gpu-16gb-1",
            "runner": ["self-hosted", "gpus-1", "gpu-16gb"],
            "gpus": 1,
            "lessons": "part/a",
            "minutes": 6,
            "timeout": 60,
        },
        {
            "name": "gpus-2-gpu-200gb-1",
            "runner": ["self-hosted", "gpus-2", "gpu-200gb"],
            "gpus": 2,
            "lessons": "part/c",
            "minutes": 7,
            "timeout": 71,
        },
        {
            "name": "ubuntu-24.04-1",
            "runner": ["ubuntu-24.04"],
            "gpus": 0,
            "lessons": "part/b",
            "minutes": 3,
            "timeout": 45,
        },
    ]


def test_shards_hold_every_lesson_once_and_are_about_equally_long(course: Course) -> None:
    for name, minutes in zip("abcdef", (10, 50, 20, 20, 10, 10), strict=True):
        course.write(name, resources=resources(1, 8, minutes))
    shards = planned(course, 2)
    assert [shard["minutes"] for shard in shards] == [60, 60]
    told = " ".join(str(shard["lessons"]) for shard in shards).split()
    assert sorted(told) == [f"part/{name}" for name in "abcdef"]


def test_no_shard_is_empty(course: Course) -> None:
    course.write("a", resources=resources(1, 8, 5))
    assert len(planned(course, 4)) == 1
    assert plan([], 4) == []

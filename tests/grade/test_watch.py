import os
import signal
import subprocess

import pytest

from course_utils.grade import watch


class Waiting:
    """A process that was kept waiting for so many seconds."""

    def __init__(self) -> None:
        self.seconds = 5.0
        self.forks = False

    def crowded(self) -> bool:
        return self.forks

    def kept_waiting(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    now = {"now": 100.0}
    monkeypatch.setattr(watch.time, "monotonic", lambda: now["now"])
    return now


def test_time_in_which_others_ran_is_not_counted(clock: dict[str, float]) -> None:
    process = Waiting()
    patience = watch.Patience(process, 10)
    clock["now"] += 8
    assert patience.left() == 2
    process.seconds += 6
    assert patience.spent() == 2
    assert patience.left() == 8


def test_who_waits_for_ever_is_not_waited_for(clock: dict[str, float]) -> None:
    process = Waiting()
    patience = watch.Patience(process, 10)
    clock["now"] += 10 * watch.LONGEST
    process.seconds += 10 * watch.LONGEST
    assert patience.left() == 0


def test_who_keeps_itself_waiting_gains_nothing(clock: dict[str, float]) -> None:
    process = Waiting()
    patience = watch.Patience(process, 10)
    clock["now"] += 8
    process.seconds += 6
    process.forks = True
    assert patience.spent() == 8


@pytest.mark.parametrize("children", [1, watch.FEW])
def test_many_processes_are_a_crowd(children: int) -> None:
    """Which with its children are one more."""
    script = f"for i in $(seq {children}); do sleep 60 & done; echo ready; wait"
    with subprocess.Popen(
        ["sh", "-c", script], stdout=subprocess.PIPE, start_new_session=True
    ) as parent:
        assert parent.stdout
        parent.stdout.readline()
        handle = watch.Handle(parent.pid)
        assert handle.crowded() == (children == watch.FEW)
        handle.close()
        os.killpg(parent.pid, signal.SIGKILL)

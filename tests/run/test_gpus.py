"""Choosing, checking and lending GPUs that a probe claims to see; no test here needs one."""

import subprocess
import threading
import time

import pytest

from course_utils.errors import CourseError
from course_utils.run.gpus import Gpu, GpuPool, Need, choose, probe, shortage, visible

T4 = [Gpu(str(n), "T4", 15.8, 15.0) for n in (0, 1)]
H200 = Gpu("2", "H200", 150.0, 149.0)


def test_the_smallest_that_will_do_are_chosen_all_of_one_model() -> None:
    assert choose(Need(1, 8), [H200, *T4]) == T4
    assert choose(Need(2, 8), [H200, *T4]) == T4
    assert choose(Need(1, 24), [*T4, H200]) == [H200]


@pytest.mark.parametrize(
    ("need", "gpus", "message"),
    [
        (Need(1, 8), [], "needs a GPU with 8 GB of memory, and torch sees no GPU here: run it at"),
        (Need(2, 8), T4[:1], r"needs 2 GPUs with 8 GB of memory each; here there is T4 \(15\.8"),
        (Need(1, 24), T4, r"24 GB of memory; here there is T4 \(15\.8 GB\), T4 \(15\.8 GB\)"),
        (Need(2, 24), [*T4, H200], "needs 2 GPUs with 24 GB"),
    ],
)
def test_what_is_missing_is_said(need: Need, gpus: list[Gpu], message: str) -> None:
    with pytest.raises(CourseError, match=message):
        choose(need, gpus)


def test_memory_that_is_taken_is_noticed() -> None:
    now = [Gpu("0", "T4", 15.8, 3.1), Gpu("1", "T4", 15.8, 15.0)]
    assert shortage(Need(1, 8), T4[1:], now) == ""
    assert "on T4 (GPU 0) 3.1 of 15.8 GB are free" in shortage(Need(2, 8), T4, now)
    assert "0.0 of 15.8 GB" in shortage(Need(1, 8), T4[:1], [])


def test_a_process_sees_what_it_was_lent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    assert visible(T4) == {"CUDA_VISIBLE_DEVICES": "0,1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}


def test_gpus_keep_the_names_by_which_the_user_chose_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def torch_said(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 0, '[["T4", 16e9, 4e9], ["T4", 16e9, 5e9]]\n', "")

    monkeypatch.setattr(subprocess, "run", torch_said)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3, GPU-7f")
    assert probe() == [Gpu("3", "T4", 16.0, 4.0), Gpu("GPU-7f", "T4", 16.0, 5.0)]
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert [gpu.id for gpu in probe()] == ["0", "1"]


def test_torch_is_asked_and_a_hidden_gpu_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert probe() == []


def test_a_torch_that_cannot_answer_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    def failed(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 1, "", "Traceback\nImportError: no torch\n")

    monkeypatch.setattr(subprocess, "run", failed)
    with pytest.raises(CourseError, match="which GPUs there are: ImportError: no torch"):
        probe()


def test_no_gpu_is_lent_twice_at_a_time() -> None:
    pool, held, clashes = GpuPool(), list[str](), list[str]()

    def work(count: int) -> None:
        with pool.lend(count, T4) as lent:
            clashes.extend(gpu.id for gpu in lent if gpu.id in held)
            held.extend(gpu.id for gpu in lent)
            time.sleep(0.01)
            for gpu in lent:
                held.remove(gpu.id)

    threads = [threading.Thread(target=work, args=(count,)) for count in (1, 2, 1, 2, 1, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert not any(thread.is_alive() for thread in threads)
    assert clashes == []


def test_two_lessons_have_a_gpu_each() -> None:
    pool = GpuPool()
    with pool.lend(1, T4) as first, pool.lend(1, T4) as second:
        assert {gpu.id for gpu in (*first, *second)} == {"0", "1"}


def test_a_gpu_comes_back_from_a_lesson_that_failed() -> None:
    pool = GpuPool()
    with pytest.raises(ValueError, match="x"), pool.lend(2, T4):
        raise ValueError("x")
    with pool.lend(2, T4) as lent:
        assert lent == T4

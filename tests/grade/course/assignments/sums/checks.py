"""Checks of the test assignment."""

import numpy as np

from course_utils.grade.artefact import read_weights
from course_utils.grade.check import Trial, check


@check(id="adds", points=1, public=True, hint="Use +.")
def adds(trial: Trial) -> None:
    """Two numbers are added"""
    got = trial.call("add", 2, 3, returns=int)
    trial.expect(got == 5, f"add(2, 3) gave {got}")


@check(id="adds-hidden", points=2, hint="Any numbers.")
def adds_hidden(trial: Trial) -> None:
    """Other numbers are added"""
    for _ in range(3):
        a, b = trial.random.randrange(10**6), trial.random.randrange(10**6)
        trial.expect(trial.call("add", a, b, returns=int) == a + b, "")


@check(id="totals", points=2, hint="Use sum.")
def totals(trial: Trial) -> None:
    """A list is summed"""
    values = [trial.random.randrange(10**6) for _ in range(20)]
    trial.expect(trial.call("total", values, returns=int) == sum(values), "")


@check(id="labels", points=2, hint="Count characters.")
def labels(trial: Trial) -> None:
    """Each text gets its label"""
    texts = ["".join(trial.random.choices("abc", k=trial.random.randrange(20))) for _ in range(30)]
    wanted = trial.reference("label", texts)
    got = trial.call("label", texts, returns=list[str])
    trial.expect(got == wanted, "")


@check(id="scales", points=2, hint="Divide by max().")
def scales(trial: Trial) -> None:
    """An array is scaled"""
    rows = [[trial.random.uniform(1, 9) for _ in range(4)] for _ in range(3)]
    got = trial.call("scale", rows, returns=np.ndarray)
    trial.expect(got.shape == (3, 4) and np.allclose(got, np.array(rows) / np.max(rows)), "")


@check(id="weighs", points=1, hint="Hand in weights that sum to ten.")
def weighs(trial: Trial) -> None:
    """The weights sum to ten"""
    wanted = 10.0
    if "model.safetensors" in trial.folder:
        wanted = float(sum(array.sum() for array in read_weights(trial.folder).values()))
    trial.expect(wanted == 10.0 and trial.call("weigh", returns=int) == 10, "")

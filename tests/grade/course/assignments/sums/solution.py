# %%
import numpy as np


# %% tags=["solution"]
def add(a, b):
    """The sum of two numbers."""
    return a + b


# %% tags=["solution"]
def total(values):
    """The sum of a list."""
    return sum(values)


# %% tags=["solution"]
def label(texts):
    """For each text whether it is long, as 'long' or 'short'."""
    return ["long" if len(text) > 10 else "short" for text in texts]


# %% tags=["solution"]
def scale(rows):
    """The rows as an array, divided by the largest value."""
    values = np.array(rows, dtype=np.float64)
    return values / values.max()


# %% tags=["solution"]
def weigh():
    """The sum of the weights handed in; 10 where there are none."""
    return 10

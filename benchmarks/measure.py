"""How long a piece of work takes: once, or the median of several runs in CPU seconds."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable
from time import perf_counter, process_time

RUNS = 3
"""Of how many runs :func:`cpu_seconds` is the median."""


def seconds(work: Callable[[], object], clock: Callable[[], float] = perf_counter) -> float:
    """Return how long ``work`` takes by ``clock``, in seconds."""
    start = clock()
    work()
    return clock() - start


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the median of :data:`RUNS` runs, in CPU seconds, each begun without garbage."""
    taken = []
    for _ in range(RUNS):
        gc.collect()
        taken.append(seconds(work, process_time))
    return statistics.median(taken)

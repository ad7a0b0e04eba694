"""Several sessions at work on one restore: tables are dealt to whoever is free; the first failure stops all."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Event
from typing import TypeVar

from drydock.snapshot.filler import Filler, Job
from drydock.snapshot.restoring import MOST_WORKERS

T = TypeVar("T")
_TICK = 0.25


def workers_here() -> int:
    """As many as there are processors, at most eight."""
    return min(MOST_WORKERS, os.cpu_count() or 1)


def share(job: Job, portions: Iterable[T], *, settings: Sequence[bytes], work: Callable[[Filler, T], None]) -> None:
    """Do `work` with every portion, on as many sessions as the job may have. Raises what the first failure raises."""
    queue: SimpleQueue[T] = SimpleQueue()
    for portion in portions:
        queue.put(portion)
    count = max(1, min(job.means.workers, queue.qsize()))
    ended = Event()
    stopped = job.means.stopped
    shared = replace(job, means=replace(job.means, stopped=lambda: ended.is_set() or stopped()))
    with ThreadPoolExecutor(count, thread_name_prefix="restore") as pool:
        # The main thread only waits, and wakes often, so that it sees signals.
        running = {pool.submit(_work_off, shared, queue, settings=settings, work=work) for _ in range(count)}
        try:
            _await(running)
        finally:
            ended.set()


def _await(running: set[Future[None]]) -> None:
    while running:
        done, running = wait(running, timeout=_TICK, return_when=FIRST_COMPLETED)
        for each in done:
            each.result()


def _work_off(job: Job, queue: SimpleQueue[T], *, settings: Sequence[bytes], work: Callable[[Filler, T], None]) -> None:
    with job.means.open_filling(job.scratch.address, job.means.stopped) as filling:
        for setting in settings:
            filling.execute(setting)
        filler = Filler(job, filling)
        while not job.means.stopped():
            try:
                portion = queue.get_nowait()
            except Empty:
                return
            work(filler, portion)

"""Batches side by side, each on one core."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_lanes(
    function: Callable[[Item], Result], items: Iterable[Item], n_lanes: int
) -> Iterator[tuple[Item, Result]]:
    """*items* in their order, each with what *function* makes of it in one of *n_lanes* threads.

    Torch computes with one thread in each of them. What was begun is finished if the caller breaks
    off, and the rest is left.
    """
    n_threads = torch.get_num_threads()
    begun: deque[tuple[Item, Future[Result]]] = deque()
    lanes = ThreadPoolExecutor(n_lanes, initializer=torch.set_num_threads, initargs=(1,))
    try:
        for item in items:
            begun.append((item, lanes.submit(function, item)))
            # As many are waiting as are computed, so that no lane does.
            if len(begun) >= 2 * n_lanes:
                done, future = begun.popleft()
                yield done, future.result()
        while begun:
            done, future = begun.popleft()
            yield done, future.result()
    finally:
        lanes.shutdown(cancel_futures=True)
        # What a lane has set holds for threads that begin later as well.
        torch.set_num_threads(n_threads)

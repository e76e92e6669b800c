"""Batches side by side: in order, one thread of torch each, and none left behind."""

import threading
import time
from collections.abc import Iterator

import pytest
import torch

from claimnli.nli.lanes import in_lanes


def threads_of_a_new_thread() -> int:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    return found[0]


@pytest.fixture(autouse=True)
def later_threads_are_as_before() -> Iterator[None]:
    """Whether the lanes came to their end, failed, or were left."""
    torch.set_num_threads(max(2, torch.get_num_threads()))
    before = torch.get_num_threads()
    yield
    assert torch.get_num_threads() == before
    assert threads_of_a_new_thread() == before


def test_results_come_in_the_order_of_the_items() -> None:
    def slower_at_first(i: int) -> tuple[int, int]:
        time.sleep(0.02 if i == 0 else 0.0)
        return i * i, torch.get_num_threads()

    results = list(in_lanes(slower_at_first, range(20), 3))
    assert results == [(i, (i * i, 1)) for i in range(20)]
    assert list(in_lanes(slower_at_first, [], 3)) == []


def test_lanes_compute_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=10)
    assert [i for i, _ in in_lanes(lambda _: meeting.wait(), range(4), 2)] == [0, 1, 2, 3]


def test_an_error_ends_it_and_nothing_more_is_begun() -> None:
    begun = []

    def fails(i: int) -> None:
        begun.append(i)
        if i == 3:
            raise ValueError("no")
        time.sleep(0.01)

    with pytest.raises(ValueError, match="no"):
        list(in_lanes(fails, range(100), 2))
    assert len(begun) < 10


def test_whoever_breaks_off_waits_for_what_was_begun_alone() -> None:
    begun, ended = [], []

    def work(i: int) -> int:
        begun.append(i)
        time.sleep(0.01)
        ended.append(i)
        return i

    lanes = in_lanes(work, range(100), 2)
    assert next(lanes) == (0, 0)
    lanes.close()  # type: ignore[attr-defined]
    assert sorted(begun) == sorted(ended)
    assert len(begun) < 10

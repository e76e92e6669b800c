"""Several processes of one run, without their processes."""

from collections.abc import Callable
from typing import TypeVar

import pytest
import torch
from torch import Tensor, distributed

from claimnli import processes

T = TypeVar("T")


class SumNotKnownError(Exception):
    """A process gives *total* and needs the sum over all processes to go on."""

    def __init__(self, total: Tensor) -> None:
        super().__init__()
        self.total = total


class Ranks:
    """The processes of one run, one after the other, in the place of torch.distributed.

    Each goes as far as the first sum that is not known yet; when all have given their part of it,
    they begin anew.
    """

    def __init__(self, n_ranks: int) -> None:
        self._n_ranks = n_ranks
        self._rank = 0
        self._sums: list[Tensor] = []
        self._n_met = 0
        """Sums that the process at work has asked for."""

    def get_rank(self) -> int:
        return self._rank

    def get_world_size(self) -> int:
        return self._n_ranks

    def all_reduce(self, total: Tensor) -> None:
        if self._n_met == len(self._sums):
            raise SumNotKnownError(total)
        total.copy_(self._sums[self._n_met])
        self._n_met += 1

    def run(self, work: Callable[[], T]) -> list[T]:
        """What *work* returns in each process."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(processes, "_has_joined", True)
            for name in ("get_rank", "get_world_size", "all_reduce"):
                patch.setattr(distributed, name, getattr(self, name))
            while True:
                results, waiting = [], []
                for rank in range(self._n_ranks):
                    self._rank, self._n_met = rank, 0
                    try:
                        results.append(work())
                    except SumNotKnownError as error:
                        waiting.append(error.total)
                assert not (results and waiting), "some would wait for ever"
                if not waiting:
                    return results
                self._sums.append(torch.stack(waiting).sum(dim=0))

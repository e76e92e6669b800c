"""Several processes that share the work of one run, one a GPU.

``torchrun --nproc-per-node 4 -m claimnli compare FOLDER`` or ``accelerate launch`` starts them,
with the variables RANK and WORLD_SIZE. Every process reads the articles and plans the same batches,
computes each n-th of them, and gets the results of the others; the first one alone reports. Work is
shared only after ``join``: under training, which has a group of its own, each process does its own.
"""

import atexit
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from claimnli.records import FloatArray

_has_joined = False


def is_first() -> bool:
    """Whether this process is the one that speaks and writes."""
    return int(os.environ.get("RANK", "0")) == 0


def join() -> None:
    """Meet the other processes, if there are any; to be called before the device is chosen."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return
    import torch
    from accelerate import PartialState
    from torch import distributed

    global _has_joined
    if not distributed.is_initialized():
        # It also makes the process's own GPU the one that "cuda" means.
        PartialState(cpu=not torch.cuda.is_available())
        atexit.register(distributed.destroy_process_group)
    _has_joined = True


def n_processes() -> int:
    """How many processes share the batches."""
    if not _has_joined:
        return 1
    from torch import distributed

    return distributed.get_world_size()


def share(batches: list[Any]) -> list[Any]:
    """The batches of this process: each n-th, so that long and short ones are spread evenly."""
    if not _has_joined:
        return batches
    from torch import distributed

    return batches[distributed.get_rank() :: distributed.get_world_size()]


def merge(rows: "FloatArray", device: "torch.device") -> "FloatArray":
    """The rows of all processes, from arrays of one shape in which each has its own; the others
    are NaN there. A row that nobody has is NaN."""
    if not _has_joined:
        return rows
    import numpy as np
    import torch
    from torch import distributed

    is_own = ~np.isnan(rows[:, :1])
    stacked = np.concatenate([np.where(is_own, rows, 0.0), is_own], axis=1).astype(np.float32)
    total = torch.from_numpy(stacked).to(device)
    distributed.all_reduce(total)
    merged = total.cpu().numpy()
    return np.where(merged[:, -1:] > 0, merged[:, :-1], np.nan).astype(np.float32)

"""torch.compile around the model, with a way back.

Lengths and batch sizes are symbols of the compiled code, so that one compilation serves all batches
of a kind: with and without padding, of one row and of several.
"""

import logging
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

log = logging.getLogger(__name__)


class CompiledModule(nn.Module):
    """*module*, compiled at its first batches; the same inputs and outputs.

    *backend* is that of torch.compile. What cannot be compiled, for want of a compiler or of
    support for an operator or a Python version, is computed without, and the log says why.
    """

    def __init__(self, module: nn.Module, backend: str | Callable[..., Any] = "inductor") -> None:
        super().__init__()
        self._plain = module
        self._compiled: Any = None
        try:
            self._compiled = torch.compile(module, dynamic=True, backend=backend)
        except RuntimeError as error:
            self._give_up(error)

    @property
    def is_compiled(self) -> bool:
        """Whether compiling has not failed so far."""
        return self._compiled is not None

    def forward(self, **inputs: torch.Tensor) -> Any:
        if self._compiled is not None:
            try:
                return self._compiled(**inputs)
            except torch.OutOfMemoryError:
                # The engine answers with smaller batches.
                raise
            # Compilers and the code that they make fail in many ways.
            except Exception as error:  # noqa: BLE001
                self._give_up(error)
        return self._plain(**inputs)

    def _give_up(self, error: Exception) -> None:
        cause = getattr(error, "inner_exception", error)
        reason = (str(cause).strip() or type(cause).__name__).splitlines()[0]
        log.warning("the model is not compiled, and slower for it: %s", reason)
        self._compiled = None

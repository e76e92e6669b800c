"""torch.compile around the model, with a way back.

Lengths and batch sizes are symbols of the compiled code, so that one compilation serves all batches
of a kind (with and without padding, one row and several); torch stops at its own limit of eight and
computes the rest without. What cannot be compiled here, for want of a compiler or of support for an
operator, is computed as if nobody had asked, and the log says why.
"""

import logging
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch._dynamo.exc import TorchDynamoException

log = logging.getLogger(__name__)


class CompiledModule(nn.Module):
    """*module*, compiled at its first batches; the same inputs and outputs.

    *backend* is that of torch.compile.
    """

    def __init__(self, module: nn.Module, backend: str | Callable[..., Any] = "inductor") -> None:
        super().__init__()
        self._plain = module
        self._compiled: Any = torch.compile(module, dynamic=True, backend=backend)

    def forward(self, **inputs: torch.Tensor) -> Any:
        if self._compiled is not None:
            try:
                return self._compiled(**inputs)
            except TorchDynamoException as error:
                cause = getattr(error, "inner_exception", error)
                reason = (str(cause).strip() or type(cause).__name__).splitlines()[0]
                log.warning("the model is not compiled, and slower for it: %s", reason)
                self._compiled = None
        return self._plain(**inputs)

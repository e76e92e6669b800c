"""Matrix products in 16 bits, and everything between them in float32."""

from copy import deepcopy

import torch
from torch import nn

from claimnli.nli.device import ComputeDevice
from claimnli.nli.packed import can_pack, pack


def with_products_in_16_bits(compute: ComputeDevice, module: nn.Module) -> nn.Module:
    """A copy of *module* with its matrix products in the number type of *compute*.

    The copy shares all other weights. Embeddings, sums and norms between the products stay in
    float32: in bfloat16 they double the error of the logits (measured on base: 0.042 against 0.022
    at most) for a sixth of the time.
    """
    if compute.device.type == "cpu" and compute.dtype is torch.bfloat16 and can_pack(module):
        return pack(module)
    linear = [part for part in module.modules() if isinstance(part, nn.Linear)]
    own = {id(tensor) for part in linear for tensor in part.parameters()}
    shared = {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())}
    copied = deepcopy(module, {key: t for key, t in shared.items() if key not in own})
    for part in copied.modules():
        if isinstance(part, nn.Linear):
            part.to(compute.dtype)
    return copied

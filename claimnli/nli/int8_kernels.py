"""What stands between the 8-bit products of a layer, each step in one pass over the memory.

Each row of activations has a scale of its own: with one for a whole batch base keeps 84 % of its
labels (docs/log.md). The 8-bit products of PyTorch know one scale alone, and its operators for all
else, a pass each, take longer than 8 bits save. numba compiles single passes, once for each
installation.

The functions work on arrays in place and hold no lock. bfloat16 is passed as uint16, its bits;
*scale*, (n_rows,) in float32, is what the rows of a product have to be multiplied by. Products may
have more rows than there are scales: those are left alone.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

_OPTIONS: dict[str, Any] = {"nogil": True, "fastmath": True, "error_model": "numpy"}
_part_of_a_kernel = njit(inline="always", **_OPTIONS)


def _kernel(function: Any) -> Any:
    """*function*, compiled when it is first called, and kept for later runs."""
    try:
        return njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:
        # There is no folder where it could be kept.
        return njit(**_OPTIONS)(function)


_f32, _u16, _u32 = np.float32, np.uint16, np.uint32

# Added to a float, it rounds it to the nearest whole number, which then stands in the lowest bits.
_ROUNDING = np.float32(1.5 * 2**23)
_ALL_BUT_SIGN = np.uint32(0x7FFF_FFFF)
_SMALLEST = np.float32(1e-12)
_NORMAL_END = np.float32(3.75)


@intrinsic
def _float_of(_context: Any, _bits: Any) -> Any:
    def generate(_c: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.uint32), generate


@intrinsic
def _bits_of(_context: Any, _value: Any) -> Any:
    def generate(_c: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(32))

    return types.uint32(types.float32), generate


@_part_of_a_kernel
def _widened(bfloat16: Any) -> Any:
    return _float_of(_u32(_u32(bfloat16) << _u32(16)))


@_part_of_a_kernel
def _rounded(value: Any) -> Any:
    """The nearest bfloat16, the even one of two."""
    bits = _bits_of(value)
    return _u16((bits + _u32(0x7FFF) + ((bits >> _u32(16)) & _u32(1))) >> _u32(16))


@_part_of_a_kernel
def _gelu(x: Any) -> Any:
    """GELU to 1e-4 within 3.75 of 0 and to 1e-4 of *x* beyond, far less than 8 bits tell apart: the
    normal distribution as an odd polynomial, fitted by least squares, and constant beyond."""
    t = x if x < _NORMAL_END else _NORMAL_END
    t = t if t > -_NORMAL_END else -_NORMAL_END
    z = t * t
    p = _f32(3.24489754e-08)
    p = p * z + _f32(-2.05587814e-06)
    p = p * z + _f32(5.63501780e-05)
    p = p * z + _f32(-8.89121679e-04)
    p = p * z + _f32(9.10810064e-03)
    p = p * z + _f32(-6.52523690e-02)
    p = p * z + _f32(3.98331495e-01)
    return x * (_f32(0.5) + t * p)


@_part_of_a_kernel
def _quantise_row(row: Any, n_levels: Any, out: Any) -> Any:
    """Write *row* to *out* as whole numbers of at most *n_levels*; returns what one of them is."""
    largest = _u32(0)
    for j in range(row.shape[0]):
        # Without their sign floats have the order of their bits, and those a maximum by vectors.
        bits = _bits_of(row[j]) & _ALL_BUT_SIGN
        largest = bits if bits > largest else largest
    level = max(_float_of(largest), _SMALLEST) / n_levels
    inverse = _f32(1) / level
    for j in range(row.shape[0]):
        # The lowest 8 bits are the number, whether with a sign or without.
        out[j] = np.uint8(_bits_of(row[j] * inverse + _ROUNDING))
    return level


@_kernel
def quantise(x: Any, factor: Any, out: Any, scale: Any) -> None:
    """*x*: (n, length, width) in float32, times *factor* (width,); *out*: (n, padded, width) in
    int8, zeros beyond the length; *scale*: (n, padded)."""
    n, length, width = x.shape
    row = np.empty(width, np.float32)
    for i in range(n):
        for k in range(length):
            for j in range(width):
                row[j] = x[i, k, j] * factor[j]
            scale[i, k] = _quantise_row(row, _f32(127), out[i, k])
        for k in range(length, out.shape[1]):
            scale[i, k] = 0
            for j in range(width):
                out[i, k, j] = 0


@_kernel
def quantise_bfloat16(x: Any, factor: Any, out: Any, scale: Any) -> None:
    """*x*: (n, length, width) in bfloat16, times *factor*; *out*: (n * length or more, width) in
    int8."""
    n, length, width = x.shape
    row = np.empty(width, np.float32)
    for i in range(n):
        for k in range(length):
            for j in range(width):
                row[j] = _widened(x[i, k, j]) * factor[j]
            at = i * length + k
            scale[at] = _quantise_row(row, _f32(127), out[at])


@_kernel
def rescale(product: Any, scale: Any, bias: Any) -> None:
    """*product* (n_rows, width) in bfloat16 times *scale*, plus *bias* (width,), in place."""
    for i in range(scale.shape[0]):
        own = scale[i]
        for j in range(product.shape[1]):
            product[i, j] = _rounded(_widened(product[i, j]) * own + bias[j])


@_kernel
def activate(
    product: Any, scale: Any, bias: Any, factor: Any, shift: Any, out: Any, out_scale: Any
) -> None:
    """GELU of what ``rescale`` gives, times *factor* plus *shift*, which makes it positive; *out*:
    (n_rows or more, width) in uint8."""
    width = product.shape[1]
    row = np.empty(width, np.float32)
    for i in range(scale.shape[0]):
        own = scale[i]
        for j in range(width):
            x = _widened(product[i, j]) * own + bias[j]
            row[j] = _gelu(x) * factor[j] + shift[j]
        out_scale[i] = _quantise_row(row, _f32(255), out[i])


@_kernel
def add_and_norm(
    product: Any, scale: Any, bias: Any, residual: Any, gamma: Any, beta: Any, epsilon: Any, x: Any
) -> None:
    """Layer norm of what ``rescale`` gives plus *residual*, in float32: *x* (n_rows, width)."""
    width = product.shape[1]
    for i in range(scale.shape[0]):
        own, row, total = scale[i], x[i], _f32(0)
        for j in range(width):
            value = _widened(product[i, j]) * own + bias[j] + residual[i, j]
            row[j] = value
            total += value
        mean = total / _f32(width)
        total = _f32(0)
        for j in range(width):
            total += (row[j] - mean) * (row[j] - mean)
        inverse = _f32(1) / np.sqrt(total / _f32(width) + epsilon)
        for j in range(width):
            row[j] = (row[j] - mean) * inverse * gamma[j] + beta[j]

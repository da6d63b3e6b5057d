"""Weights in TensorFlow's first checkpoint format (`V1`), read without TensorFlow; arrays alone.

The file is a sorted string table: blocks of keys and values, an index of the blocks, and a footer of 48 bytes
that says where the index lies. A key repeats what it shares with the one before. Values are protocol buffers
(tensorflow/core/util/saved_tensor_slice.proto): the first, whose key is empty, says the shapes, and each of
the others holds one tensor.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sr.errors import InputError

_FOOTER = 48
_MAGIC = bytes.fromhex("57fb808b247547db")
_WHOLE, _BYTES = 0, 2  # wire types of protocol buffers

Array = NDArray[np.float32]


def read_enhancenet(path: Path) -> dict[str, Tensor]:
    """EnhanceNet under our names, from the table that its authors released.

    Its convolutions are numbered in the order of the forward pass; kernels are height x width x inputs x
    outputs. Raises InputError for any other file.
    """
    arrays = read_table(path)
    try:
        count = sum(name.endswith("/weights") for name in arrays)
        tensors = {}
        for number, ours in enumerate(_in_order(count)):
            theirs = f"generator/Conv_{number}" if number else "generator/Conv"
            kernel = arrays[f"{theirs}/weights"].transpose(3, 2, 0, 1)
            tensors[f"{ours}.weight"] = torch.from_numpy(np.ascontiguousarray(kernel))
            tensors[f"{ours}.bias"] = torch.from_numpy(arrays[f"{theirs}/biases"])
    except (KeyError, ValueError) as error:
        raise InputError(f"{path}: not laid out as EnhanceNet's authors did ({error!r}).") from error
    return tensors


def read_table(path: Path) -> dict[str, Array]:
    """Name -> tensor of a V1 table. Raises InputError for any other file, and for compressed blocks."""
    try:
        content = path.read_bytes()
        if content[-len(_MAGIC) :] != _MAGIC:
            raise InputError(f"{path}: no table of TensorFlow's first checkpoint format.")
        footer = content[-_FOOTER:]
        _, position = _handle(footer, 0)
        index, _ = _handle(footer, position)
        blocks = [_handle(value, 0)[0] for _, value in _entries(content, *index)]
        (_, described), *values = [entry for block in blocks for entry in _entries(content, *block)]
        shapes = _shapes(described)
        arrays = dict(_tensor(value) for _, value in values)
        return {name: array.reshape(shapes[name]) for name, array in arrays.items()}
    except (IndexError, KeyError, ValueError, TypeError, struct.error, OSError) as error:
        raise InputError(f"{path}: broken table of TensorFlow ({error!r}); fetch it again.") from error


def _in_order(count: int) -> list[str]:
    """Our names of EnhanceNet's convolutions in the order of the forward pass."""
    blocks = [f"body.{block}.convolutions.{part}" for block in range((count - 5) // 2) for part in (0, 1)]
    return ["head", *blocks, "doublings.0", "doublings.1", "last", "output"]


def _entries(content: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of one block; behind it stand its restart points, its compression and a checksum."""
    if content[offset + size] != 0:
        raise ValueError("its blocks are compressed")
    block = content[offset : offset + size]
    (restarts,) = struct.unpack("<I", block[-4:])
    end, position, key = len(block) - 4 - 4 * restarts, 0, b""
    while position < end:
        shared, position = _varint(block, position)
        own, position = _varint(block, position)
        length, position = _varint(block, position)
        key = key[:shared] + block[position : position + own]
        position += own
        yield key, block[position : position + length]
        position += length


def _shapes(value: bytes) -> dict[str, tuple[int, ...]]:
    """SavedTensorSlices.meta (1): a SavedSliceMeta (1) a tensor, with its name (1) and shape (2)."""
    found = {}
    tensors = (content for number, content in _fields(dict(_fields(value))[1]) if number == 1)
    for about in (dict(_fields(described)) for described in tensors):
        dimensions = [size for number, size in _fields(about[2]) if number == 2]
        found[about[1].decode("utf-8")] = tuple(dict(_fields(size))[1] for size in dimensions)
    return found


def _tensor(value: bytes) -> tuple[str, Array]:
    """SavedTensorSlices.data (2): a SavedSlice with name (1) and a tensor (3) of packed floats (5)."""
    saved = dict(_fields(dict(_fields(value))[2]))
    values = [np.frombuffer(packed, dtype="<f4") for number, packed in _fields(saved[3]) if number == 5]
    return saved[1].decode("utf-8"), np.concatenate(values).astype(np.float32)


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Number and content of a message's fields: a whole number, or bytes."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        number, position = _varint(message, position)
        if tag & 7 == _WHOLE:
            yield tag >> 3, number
        elif tag & 7 == _BYTES:
            yield tag >> 3, message[position : position + number]
            position += number
        else:
            raise ValueError(f"a field of the type {tag & 7}")


def _handle(data: bytes, position: int) -> tuple[tuple[int, int], int]:
    """Offset and size of a block, and the position behind them."""
    offset, position = _varint(data, position)
    size, position = _varint(data, position)
    return (offset, size), position


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """A whole number in groups of seven bits, lowest first, and the position behind it."""
    value = shift = 0
    while True:
        byte = data[position]
        value |= (byte & 127) << shift
        position, shift = position + 1, shift + 7
        if byte < 128:
            return value, position

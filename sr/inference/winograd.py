"""3x3 convolutions with a quarter of the multiplications (Lavin and Gray 2016, "Fast Algorithms for CNNs").

An output tile of 4x4 pixels is A^T [(G g G^T) * (B^T d B)] A, where d is the 6x6 input tile and g the kernel;
the product * is element by element, so that summing over channels is 36 matrix products. The matrices
come from interpolation at five points and infinity (Toom and Cook).

Everything works on one image in float32 on a CPU. Memory is allocated once and used again. Bands of tiles,
small enough to stay in a processor's cache, are handed to as many Python threads as torch has.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

_OUT, _IN, _KERNEL = 4, 6, 3

# Opposite and reciprocal pairs near one: half the rounding error of 0, 1, -1, 2, -2.
_POINTS = (0.0, 2.0 / 3.0, -2.0 / 3.0, 3.0 / 2.0, -3.0 / 2.0)

# 36 values of 32 channels of that many tiles fill one megabyte.
_TILES_IN_BAND = 256

Band = tuple[int, int]


def _matrices() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """A^T (4x6), G (6x3) and B^T (6x6) for the points and infinity."""
    # Toom and Cook multiply polynomials by their values: evaluate both factors, multiply, interpolate. A
    # convolution that keeps whole windows alone is the transpose of such a product in one factor, so that
    # interpolation becomes B^T, and evaluation of that factor A^T. The last place is infinity, where a
    # polynomial's value is its leading coefficient.
    points = np.array(_POINTS)
    output, kernel, data = np.zeros((_OUT, _IN)), np.zeros((_IN, _KERNEL)), np.zeros((_IN, _IN))
    for i, point in enumerate(points):
        others = np.delete(points, i)
        # Powers of the point, as many as there are outputs.
        output[:, i] = point ** np.arange(_OUT)
        # The kernel's value at the point, over the denominator of Lagrange's basis polynomial.
        kernel[i] = point ** np.arange(_KERNEL) / np.prod(point - others)
        # Its numerator: coefficients of the product of (x - p) over the other points.
        data[i, : _IN - 1] = np.polynomial.polynomial.polyfromroots(others)
    output[-1, -1] = kernel[-1, -1] = 1.0
    data[-1] = np.polynomial.polynomial.polyfromroots(points)
    return output, kernel, data


def _two_dimensional(matrix: NDArray[np.float64]) -> Tensor:
    # A X A^T, with X written row by row as a vector, is (A kron A) X.
    return torch.from_numpy(np.kron(matrix, matrix)).float()


_OUTPUT, _WEIGHT, _INPUT = (_two_dimensional(matrix) for matrix in _matrices())


class Planes:
    """Feature planes of one image, with room for the zeros that a convolution pads with.

    pixels: the channels x height x width inside; all around it stay zeros.
    """

    def __init__(self, channels: int, height: int, width: int) -> None:
        rows, columns = -(-height // _OUT), -(-width // _OUT)
        self._padded = torch.zeros(channels, _OUT * rows + 2, _OUT * columns + 2)
        self.pixels = self._padded[:, 1 : height + 1, 1 : width + 1]

    def input_tiles(self, band: Band) -> Tensor:
        """The overlapping 6x6 tiles of some tile rows: 6 x 6 x channels x rows x columns, a view."""
        rows = self._padded[:, _OUT * band[0] : _OUT * band[1] + 2]
        return rows.unfold(1, _IN, _OUT).unfold(2, _IN, _OUT).permute(3, 4, 0, 1, 2)

    def output_tiles(self, band: Band) -> Tensor:
        """The 4x4 tiles of some tile rows: 4 x 4 x channels x rows x columns, a view."""
        rows = self._padded[:, 1 + _OUT * band[0] : 1 + _OUT * band[1], 1:-1]
        return rows.unfold(1, _OUT, _OUT).unfold(2, _OUT, _OUT).permute(3, 4, 0, 1, 2)

    def clear_margin(self) -> None:
        """Put back the zeros below and to the right, where whole tiles reached over the image."""
        _, height, width = self.pixels.shape
        self._padded[:, height + 1 :] = 0.0
        self._padded[:, :, width + 1 :] = 0.0


class Winograd:
    """Convolutions over `channels` input channels of one image size, for use in a `with` statement.

    Inputs are given one after the other: what a dense block concatenates is transformed once and
    serves every later convolution.
    """

    def __init__(self, channels: int, height: int, width: int) -> None:
        rows, self._columns = -(-height // _OUT), -(-width // _OUT)
        self._threads = torch.get_num_threads()
        step = max(1, min(_TILES_IN_BAND // self._columns, -(-rows // self._threads)))
        bands = [(begin, min(begin + step, rows)) for begin in range(0, rows, step)]
        self._inputs = {band: torch.empty(_IN**2, channels, self._tiles(band)) for band in bands}
        self._scratch = threading.local()

    def __enter__(self) -> Self:
        # A band is one thread's work: torch must neither split it nor keep its own threads spinning.
        torch.set_num_threads(1)
        self._pool = ThreadPoolExecutor(self._threads, initializer=torch.set_num_threads, initargs=(1,))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()
        torch.set_num_threads(self._threads)

    def put(self, planes: Planes, first: int = 0) -> None:
        """Take `planes` as the input channels from `first` on."""
        channels = len(planes.pixels)

        def transform(band: Band) -> None:
            tiles = self._buffer("tiles", _IN**2, channels, band)
            self._as_tiles(tiles, band).copy_(planes.input_tiles(band))
            into = self._inputs[band][:, first : first + channels]
            # B^T d B of all tiles and channels at once: 36 x 36 times 36 x (channels x tiles).
            torch.mm(_INPUT, tiles.flatten(1), out=into.flatten(1))

        self._for_bands(transform)

    def convolve(self, layer: nn.Conv2d, into: Planes, slope: float) -> None:
        """into = leaky ReLU, of that negative slope, of a 3x3 convolution of the first input channels."""

        def store(result: Tensor, target: Tensor) -> None:
            target.copy_(functional.leaky_relu_(result, slope))

        self._convolve(layer, into, store)

    def convolve_and_add(self, layer: nn.Conv2d, onto: Planes, scale: float) -> None:
        """onto += scale * a 3x3 convolution of the first input channels."""

        def add(result: Tensor, target: Tensor) -> None:
            target.add_(result, alpha=scale)

        self._convolve(layer, onto, add)

    def _convolve(self, layer: nn.Conv2d, planes: Planes, finish: Callable[[Tensor, Tensor], None]) -> None:
        weight, bias = layer.weight, layer.bias
        outputs, inputs = weight.shape[:2]
        # G g G^T: 36 matrices, outputs x inputs, one for each place in a tile.
        kernels = (_WEIGHT @ weight.reshape(outputs * inputs, -1).T).view(-1, outputs, inputs)

        def multiply(band: Band) -> None:
            products = self._buffer("products", _IN**2, outputs, band)
            # The element-by-element product, summed over input channels.
            torch.bmm(kernels, self._inputs[band][:, :inputs], out=products)
            result = self._buffer("result", _OUT**2, outputs, band)
            # A^T (...) A: back from 36 values to 4x4 pixels.
            torch.mm(_OUTPUT, products.flatten(1), out=result.flatten(1))
            if bias is not None:
                result += bias[:, None]
            finish(self._as_tiles(result, band), planes.output_tiles(band))

        self._for_bands(multiply)
        planes.clear_margin()

    def _for_bands(self, work: Callable[[Band], None]) -> None:
        # Inference mode belongs to a thread, so each task enters it.
        list(self._pool.map(torch.inference_mode()(work), self._inputs))

    def _buffer(self, use: str, size: int, channels: int, band: Band) -> Tensor:
        """Memory of the calling thread, the same for the same use and length."""
        length = size * channels * self._tiles(band)
        name = f"{use} {length}"
        if not hasattr(self._scratch, name):
            setattr(self._scratch, name, torch.empty(length))
        buffer: Tensor = getattr(self._scratch, name)
        return buffer.view(size, channels, -1)

    def _as_tiles(self, values: Tensor, band: Band) -> Tensor:
        side = int(len(values) ** 0.5)
        return values.view(side, side, -1, band[1] - band[0], self._columns)

    def _tiles(self, band: Band) -> int:
        return (band[1] - band[0]) * self._columns

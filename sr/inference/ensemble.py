"""Geometric self-ensemble (Timofte et al. 2016, "Seven ways to improve example-based SR"; EDSR's "+")."""

import torch
from torch import Tensor

from sr.inference.forward import Method


def self_ensemble(method: Method) -> Method:
    """Mean of a method's results on the eight flipped and transposed images, each turned back."""

    def mean_of_eight(lr: Tensor) -> Tensor:
        total: Tensor | None = None
        for transposed in (False, True):
            for flips in ((), (2,), (3,), (2, 3)):
                image = lr.mT if transposed else lr
                result = torch.flip(method(torch.flip(image, flips)), flips)
                result = result.mT if transposed else result
                total = result.clone() if total is None else total.add_(result)
        assert total is not None
        return total.div_(8.0)

    return mean_of_eight

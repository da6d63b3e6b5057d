"""What the generators that a training kept on its way make of an image."""

import re
from pathlib import Path

import torch
from torch import nn

from sr.images import Pixels, as_rgb
from sr.inference.reconstruction import by_generator
from sr.weights.generators import load_weights


def kept_weights(folder: Path) -> dict[int, Path]:
    """step -> the generator's weights kept after it, in order."""
    found = ((re.fullmatch(r"step(\d+)\.safetensors", path.name), path) for path in folder.glob("step*"))
    return dict(sorted((int(match[1]), path) for match, path in found if match))


def kept_outputs(generator: nn.Module, kept: dict[int, Path], lr: Pixels) -> dict[int, Pixels]:
    """step -> what the generator with the weights kept then makes of an image, height x width x 3."""
    generator = generator.to("cuda" if torch.cuda.is_available() else "cpu")
    outputs = {}
    for step, path in kept.items():
        load_weights(generator, path)
        outputs[step] = as_rgb(by_generator(generator)(lr))
    return outputs

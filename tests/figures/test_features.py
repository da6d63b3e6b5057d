import numpy as np
import pytest
import torch
from torch.nn import functional

from sr.figures.features import Layer, layers, table
from sr.networks.vgg import convolution_positions


def test_shares_and_the_representative_channel() -> None:
    features = np.zeros((3, 2, 2), dtype=np.float32)
    features[0] = [[1, 2], [3, 4]]
    features[1] = [[1, -1], [-1, -1]]
    features[2] = [[-1, 0], [0, -3]]
    layer = Layer("conv1_1", features)
    assert layer.active == pytest.approx(5 / 12)
    assert layer.used_before == pytest.approx(10 / 12)
    assert layer.representative == 1  # 1/4 is nearer to 5/12 than 1 and 0


def test_features_are_those_of_the_convolutions_in_a_row() -> None:
    random = torch.Generator().manual_seed(0)
    weights, inputs = {}, 3
    for name, position in convolution_positions("vgg16").items():
        outputs = (64, 128, 256, 512, 512)[int(name[4]) - 1]
        spread = (2 / (9 * inputs)) ** 0.5
        kernel = torch.randn(outputs, inputs, 3, 3, generator=random) * spread
        weights |= {f"features.{position}.weight": kernel, f"features.{position}.bias": torch.zeros(outputs)}
        inputs = outputs
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    found = layers(image, "vgg16", weights)
    data = table(found).set_index("layer")
    normal = (torch.from_numpy(image) / 255 - torch.tensor([0.485, 0.456, 0.406])) / torch.tensor(
        [0.229, 0.224, 0.225]
    )
    first = functional.conv2d(normal.permute(2, 0, 1)[None], weights["features.0.weight"], padding=1)
    second = functional.conv2d(first.relu(), weights["features.2.weight"], padding=1)
    for name, features in (("conv1_1", first), ("conv1_2", second)):
        share = sum(value > 0 for value in features.flatten().tolist()) / features.numel()
        assert data.loc[name, "after_activation"] == pytest.approx(share, abs=1e-3)
        assert data.loc[name, "before_activation"] == 1
    assert len(data) == 13
    assert data.loc["conv5_3", ["channels", "height", "width"]].tolist() == [512, 1, 1]

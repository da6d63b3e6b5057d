import numpy as np
import pandas as pd
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch.nn import functional

from sr.figures.own import load_module
from sr.networks.vgg import convolution_positions
from sr.project import paper_folder

FIGURES = load_module(paper_folder("esrgan") / "figures.py")


def test_shares_and_the_representative_channel() -> None:
    features = np.zeros((3, 2, 2), dtype=np.float32)
    features[0] = [[1, 2], [3, 4]]
    features[1] = [[1, -1], [-1, -1]]
    features[2] = [[-1, 0], [0, -3]]
    layer = FIGURES.Layer("conv1_1", features)
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
    found = FIGURES.layers(image, "vgg16", weights)
    data = FIGURES.feature_table(found).set_index("layer")
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


def test_a_flat_image_is_in_one_range() -> None:
    image = np.full((12, 12, 3), 100, dtype=np.uint8)
    shares = FIGURES.histogram([image, image])
    assert shares[100 // 8] == 1
    assert len(shares) == 32


def test_shares_are_counted_over_all_images_together() -> None:
    random = np.random.default_rng(0)
    images = [random.integers(0, 256, size, dtype=np.uint8) for size in ((10, 12, 3), (30, 20, 3))]
    counts = [0] * 32
    for image in images:
        grey = np.floor(image @ [0.298936, 0.587043, 0.114021] + 0.5)
        for value in gaussian_filter(grey, 3.0).ravel():
            counts[int(value // 8)] += 1
    # Weights of six digits may put single pixels into the neighbouring range.
    assert np.abs(FIGURES.histogram(images) - np.array(counts) / sum(counts)).max() <= 2 / sum(counts)


def test_distance_and_mean() -> None:
    data = pd.DataFrame({"grey": [0, 8, 16], "first": [0.5, 0.5, 0.0], "second": [0.0, 0.5, 0.5]})
    assert FIGURES.distance(data["first"], data["second"]) == pytest.approx(0.5)
    assert FIGURES.distance(data["first"], data["first"]) == 0
    assert FIGURES.mean_grey(data, "first") == pytest.approx(8)


def test_titles_say_what_the_data_say() -> None:
    """Each finding turns with its data."""
    half, tenth = np.array([[[1, -1]]], dtype=np.float32), np.array([[[1] + 9 * [-1]]], dtype=np.float32)
    said = FIGURES.active_finding([FIGURES.Layer("conv1_1", half), FIGURES.Layer("conv5_4", tenth)])
    assert said == (
        "behind the rectifier 50.0% of the features of conv1_1 are active, 10.0% of those of conv5_4"
    )
    truth, near, far = [0.5, 0.5, 0.0], [0.4, 0.6, 0.0], [0.2, 0.8, 0.0]
    for before, after, said in (
        (near, far, "with features before activation the brightness is nearer to the original's (0.100 off,"),
        (far, near, "with features after activation the brightness is nearer to the original's (0.100 off,"),
        (near, near, "the brightness is as near to the original's"),
    ):
        data = pd.DataFrame({"ground truth": truth, "after activation": after, "before activation": before})
        assert said in FIGURES.brightness_finding(data)

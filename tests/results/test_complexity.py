"""Costs of generators against numbers in papers and challenges, and against hand calculation."""

from pathlib import Path

import pytest
import torch

from sr.errors import InputError
from sr.networks import GeneratorSettings
from sr.networks.msrresnet import MSRResNetSettings
from sr.networks.rrdb import RRDBSettings
from sr.networks.srresnet import SRResNetSettings
from sr.networks.swinir import SwinIRSettings
from sr.results.complexity import (
    INPUT,
    load_costs,
    measure_sources,
    multiply_adds,
    parameters,
    settings_of_source,
)
from sr.results.source import Kind, Source, parse_sources

RRDB = RRDBSettings(
    network="rrdb", blocks=23, channels=64, growth=32, residual_scaling=0.2, initialisation_scale=0.1
)
MSRRESNET = MSRResNetSettings(network="msrresnet", blocks=16, channels=64, initialisation_scale=0.1)
SWINIR = SwinIRSettings(
    network="swinir", groups=6, blocks=6, channels=180, heads=6, window=8, mlp_ratio=2, tail_channels=64
)


@pytest.mark.parametrize(
    ("settings", "count"), [(RRDB, 16_697_987), (MSRRESNET, 1_517_571), (SWINIR, 11_900_199)]
)
def test_parameters_are_the_published_counts(settings: GeneratorSettings, count: int) -> None:
    with torch.device("meta"):
        assert parameters(settings.build()) == count


def test_the_output_is_1280_x_720() -> None:
    assert INPUT == (180, 320)


def test_srresnet_costs_what_the_efficiency_challenges_print() -> None:
    """NTIRE's challenges on efficient super-resolution list 166.36 G for MSRResNet on 256 x 256 pixels,
    with biases and activations, which are not counted here.
    """
    assert multiply_adds(MSRRESNET, 256, 256) / 1e9 == pytest.approx(166.36, rel=2e-3)


def test_a_small_srresnet_by_hand() -> None:
    settings = SRResNetSettings(
        network="srresnet",
        blocks=1,
        channels=4,
        kernel=5,
        long_skip=True,
        batch_normalisation=True,
        prelu="channel",
    )
    head = 5 * 5 * 3 * 4  # multiply-adds for each pixel at the size of the input
    body = 3 * 3 * 4 * 4 * 3  # two in the block, one behind it
    first = 3 * 3 * 4 * 16
    second = 4 * first  # on four times as many pixels
    tail = 16 * 5 * 5 * 4 * 3
    assert multiply_adds(settings, 6, 7) == 6 * 7 * (head + body + first + second + tail)


def test_a_small_swinir_by_hand() -> None:
    """Products of the attention are counted: in each head every token with those of its window, twice."""
    channels, window, tail = 8, 4, 16
    settings = SwinIRSettings(
        network="swinir",
        groups=1,
        blocks=2,
        channels=channels,
        heads=2,
        window=window,
        mlp_ratio=2,
        tail_channels=tail,
    )
    linear = 2 * (3 + 1 + 2 + 2) * channels**2
    attention = 2 * 2 * window**2 * channels
    features = 9 * (3 * channels + 2 * channels**2 + channels * tail)
    upsampling = 9 * 4 * tail**2 * (1 + 4) + 16 * 9 * tail * 3
    assert multiply_adds(settings, 8, 12) == 8 * 12 * (linear + attention + features + upsampling)


def test_work_grows_with_the_image() -> None:
    assert multiply_adds(RRDB, 20, 30) == 600 * multiply_adds(RRDB, 1, 1)


def test_sources_name_their_networks() -> None:
    assert settings_of_source(Source.parse("released/esrgan")) == RRDB
    assert settings_of_source(Source.parse("baseline/bicubic")) is None
    assert settings_of_source(Source.parse("images/rcan")) is None
    full = settings_of_source(Source.parse("trained/paper/DF2K/esrgan/rrdb_psnr"))
    assert full == RRDB
    small = settings_of_source(Source.parse("trained/demo/embedded_train/esrgan/rrdb_psnr"))
    assert small is not None
    assert small.network == "rrdb"
    assert small != RRDB


def test_an_architecture_is_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = SRResNetSettings(
        network="srresnet",
        blocks=1,
        channels=4,
        kernel=3,
        long_skip=True,
        batch_normalisation=False,
        prelu="channel",
    )
    monkeypatch.setattr(
        "sr.results.complexity.settings_of_source",
        lambda source: None if source.kind == Kind.BASELINE else tiny,
    )
    costs = measure_sources(parse_sources(["baseline/bicubic", "released/a", "released/b"]), tmp_path)
    assert costs.sources.keys() == {"released/a", "released/b"}
    assert "float32" in costs.machine
    cost = costs.sources["released/a"]
    convolutions = 9 * (3 * 4 + 3 * 4 * 4 + 2 * 4 * 16 + 4 * 3)
    slopes = 4 * (1 + 1 + 2)
    assert cost.parameters == convolutions + 4 * 4 + 2 * 16 + 3 + slopes
    assert cost.seconds > 0
    # At least the output and the features behind it, 4 channels of 1280 x 720 numbers of 4 bytes each.
    assert cost.memory > 1280 * 720 * 4 * (3 + 4)
    assert len(list(tmp_path.glob("*.json"))) == 1
    monkeypatch.setattr("sr.results.complexity._measured", lambda *_: pytest.fail("measured again"))
    again = measure_sources([Source.released("a")], tmp_path)
    assert again.sources["released/a"] == cost


def test_foreign_costs_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    path.write_text('{"machine": "a"}')
    with pytest.raises(InputError, match=r"costs\.json: key 'output' is missing"):
        load_costs(path)

"""Sources print what they parse, know their folders, and are grouped by training."""

from pathlib import Path

import pytest

from sr.errors import InputError
from sr.results.source import Kind, Source, group_sources, parse_sources

PATHS = (
    "baseline/bicubic",
    "released/esrgan",
    "images/rcan",
    "trained/paper/DF2K/esrgan/rrdb_psnr",
    "trained/demo/embedded_train/srgan/srgan_vgg54/seed12",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_path_survives_parsing_and_printing(path: str) -> None:
    assert str(Source.parse(path)) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "bicubic",
        "baseline/",
        "baseline/a/b",
        "weights/esrgan",
        "trained/demo/srgan/srresnet_mse",
        "trained/demo/set/srgan/srresnet_mse/seed",
        "trained/demo/set/srgan/srresnet_mse/seed1/more",
    ],
)
def test_anything_else_is_refused_with_the_forms_there_are(path: str) -> None:
    with pytest.raises(InputError, match=r"is no source; write baseline/NAME, released/NAME"):
        Source.parse(path)


def test_a_trained_source_says_what_it_is() -> None:
    source = Source.parse(PATHS[-1])
    assert (source.kind, source.budget, source.training_set) == (Kind.TRAINED, "demo", "embedded_train")
    assert (source.paper, source.name, source.seed) == ("srgan", "srgan/srgan_vgg54", 12)
    assert source.is_training_of("srgan/srgan_vgg54")
    assert not source.is_training_of("srgan/srgan_vgg22")
    assert source.without_seed.with_seed(3).seed == 3
    assert Source.baseline("bicubic").paper == ""


def test_folders() -> None:
    results, supplied = Path("results"), Path("images")
    trained = Source.parse(PATHS[-1])
    run = "demo/embedded_train/srgan/srgan_vgg54/seed12"
    assert trained.run_folder(results) == results / "runs" / run
    assert trained.images_folder(results, supplied) == results / "reconstructions" / "trained" / run
    assert Source.images("rcan").images_folder(results, supplied) == supplied / "rcan"
    scores = Source.baseline("bicubic").scores_file(Path("scores"), "ldl", "Set5")
    assert scores == Path("scores/ldl/baseline/bicubic/Set5.json")


def test_seeds_of_a_training_are_one_group_in_the_order_given() -> None:
    training = "trained/cpu/set/ldl/rrdb_ldl"
    groups = group_sources(
        parse_sources([f"{training}/seed2", "baseline/nearest", f"{training}/seed0", f"{training}/seed2"])
    )
    assert [group.name for group in groups] == [training, "baseline/nearest"]
    assert [str(member) for member in groups[0].members] == [f"{training}/seed2", f"{training}/seed0"]
    assert (groups[0].seeds, groups[1].seeds) == ((0, 2), ())
    assert (groups[0].budget, groups[1].budget) == ("cpu", "")

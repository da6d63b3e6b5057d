"""Released generators: sizes read off the weights, what does not fit refused, facts with their evidence."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from sr.data import adding
from sr.data import assets as assets_module
from sr.data.assets import Assets
from sr.data.benchmarks import Benchmark, prepare
from sr.data.catalogue import Catalogue
from sr.errors import InputError
from sr.images import read_image, write_png
from sr.inference.reconstruction import by_generator
from sr.results.evaluation import Evaluation
from sr.results.source import Source
from sr.weights import released
from sr.weights.naming import NAMINGS
from tests.weights.small_generators import SETTINGS, small


def entry(network: str, *sources: dict[str, Any], **facts: Any) -> dict[str, Any]:
    about = {"network": SETTINGS[network].model_dump(), "training_set": "DIV2K", "trained_by": "someone"}
    return {
        "kind": "released",
        "title": "a generator",
        "path": f"released/{network}.pth",
        "licence": {"text": "MIT", "non_commercial": False},
        "released": about | facts,
        "sources": sources or [{"kind": "manual", "instructions": "ask for it; it goes to {folder}"}],
    }


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Assets:
    hashed = {
        "kind": "url",
        "url": "https://example.org/w.pth",
        "sha256": "0" * 64,
        "evidence": "stated by one",
    }
    content = Catalogue.model_validate(
        {
            "assets": {
                "authors": entry("rrdb"),
                "others": entry("msrresnet", deviation="third-party training (by someone)"),
                "averaged": entry("swinir", wrapper="params"),
                "hashed": entry("rrdb", hashed),
            }
        }
    )
    for module in (released, adding, assets_module):
        monkeypatch.setattr(module, "catalogue", lambda: content)
    return Assets(tmp_path / "assets", None)


def put(assets: Assets, network: str, content: Any) -> Path:
    path = assets.root / "released" / f"{network}.pth"
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(content, path)
    return path


@pytest.mark.parametrize("style", NAMINGS, ids=lambda style: f"{style.network}-{style.name}")
def test_every_public_file_gives_back_the_generator(tmp_path: Path, style: Any) -> None:
    generator = small(style.network)
    path = tmp_path / "w.pth"
    torch.save(style.to_public(generator.state_dict(), 2), path)
    settings, found = released.read_file(path)
    assert settings == SETTINGS[style.network]
    image = torch.rand(1, 3, 9, 11)
    with torch.inference_mode():
        assert torch.equal(found(image), generator(image))
    assert not found.training


def test_missing_weights_say_how_to_get_them(assets: Assets) -> None:
    with pytest.raises(InputError, match=r"authors \(a generator\) is not in .*: ask for it; it goes to"):
        released.load_released("authors", assets)


def test_facts_of_the_authors_own_weights(assets: Assets) -> None:
    put(assets, "rrdb", small("rrdb").state_dict())
    generator, facts = released.load_released("authors", assets)
    assert not generator.training
    assert facts["deviations"] == []
    assert facts["verified"] == adding.NO_HASH
    assert (facts["weights"], facts["trained_by"], facts["training_set"]) == ("rrdb.pth", "someone", "DIV2K")


def test_third_parties_and_unknown_bytes_deviate(assets: Assets) -> None:
    put(assets, "msrresnet", small("msrresnet").state_dict())
    assert released.load_released("others", assets)[1]["deviations"] == ["third-party training (by someone)"]
    put(assets, "rrdb", small("rrdb").state_dict())
    assert "none of those that were published" in released.facts_of("hashed", assets)["deviations"][0]


def test_the_wrapper_of_the_catalogue_is_taken(assets: Assets) -> None:
    plain = small("swinir").state_dict()
    put(assets, "swinir", {"params_ema": {k: v + 1 for k, v in plain.items()}, "params": plain})
    generator, _ = released.load_released("averaged", assets)
    assert torch.equal(generator.state_dict()["conv_last.bias"], plain["conv_last.bias"])


def test_another_network_under_the_name_is_refused(assets: Assets) -> None:
    path = put(assets, "rrdb", small("msrresnet").state_dict())
    with pytest.raises(InputError, match=r"rrdb\.pth: lacks body\.0\.rdb1\.conv1\.weight"):
        released.check_file("authors", path)
    bigger = SETTINGS["rrdb"].model_copy(update={"blocks": 3}).build().state_dict()
    with pytest.raises(InputError, match=r"holds body\.2\.rdb1"):
        released.check_file("authors", put(assets, "rrdb", bigger))
    wider = SETTINGS["rrdb"].model_copy(update={"channels": 16}).build().state_dict()
    with pytest.raises(InputError, match=r"conv_first\.weight is \(16, 3, 3, 3\), the network needs \(8, 3"):
        released.check_file("authors", put(assets, "rrdb", wider))


def test_incomplete_and_foreign_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    for network, key in [
        ("rrdb", "body.1.rdb2.conv3.bias"),
        ("msrresnet", "conv_hr.weight"),
        ("swinir", "layers.1.residual_group.blocks.1.norm2.bias"),
        ("swinir", "layers.0.residual_group.blocks.0.mlp.fc1.weight"),
    ]:
        weights = small(network).state_dict()
        del weights[key]
        torch.save(weights, path)
        with pytest.raises(InputError, match=key.replace(".", r"\.")):
            released.load_file(path)
    torch.save({"features.0.weight": torch.zeros(1)}, path)
    with pytest.raises(InputError, match=r"no network that is known here .* begin with features\.0\.weight"):
        released.load_file(path)


def test_a_scale_that_is_not_four_is_refused(tmp_path: Path) -> None:
    weights = small("swinir").state_dict()
    del weights["upsample.2.weight"], weights["upsample.2.bias"]
    torch.save({"params": weights}, tmp_path / "x2.pth")
    with pytest.raises(InputError, match=r"lacks upsample\.2\.weight"):
        released.load_file(tmp_path / "x2.pth")


def test_our_own_safetensors_need_no_guessing(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    scaled = SETTINGS["rrdb"].model_copy(update={"residual_scaling": 0.5})
    save_file(small("rrdb").state_dict(), path, {"generator": scaled.model_dump_json()})
    assert released.read_file(path)[0] == scaled
    save_file(small("rrdb").state_dict(), path, {"generator": '{"network": "rrdb"}'})
    with pytest.raises(InputError, match=r"w\.safetensors.*missing"):
        released.load_file(path)
    save_file(small("rrdb").state_dict(), path, {"generator": "{"})
    with pytest.raises(InputError, match="says nothing legible"):
        released.load_file(path)


def test_names_that_are_no_released_generator(assets: Assets) -> None:
    with pytest.raises(InputError, match="did you mean 'authors'"):
        released.load_released("author", assets)
    with pytest.raises(InputError, match=r"'vgg19' is no released generator; there are .*esrgan"):
        _real_released("vgg19")


def _real_released(name: str) -> Any:
    from sr.data.catalogue import catalogue

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(released, "catalogue", catalogue)
        return released.released(name)


@pytest.fixture
def job(assets: Assets, tmp_path: Path) -> Evaluation:
    """SRGAN's protocol, which needs no weights, on one image."""
    noise = np.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    write_png(tmp_path / "photo.png", noise)
    prepare("one", [tmp_path / "photo.png"], tmp_path / "one")
    return Evaluation(
        "srgan", Benchmark(tmp_path / "one"), tmp_path / "results", tmp_path / "images", assets, 1
    )


def test_a_source_like_others(assets: Assets, job: Evaluation) -> None:
    generator = small("rrdb")
    path = put(assets, "rrdb", generator.state_dict())
    first = job.run([Source.released("authors")])
    lr = read_image(job.benchmark.lr_files()[0])
    found = read_image(job.results / "reconstructions" / "released/authors" / "one" / "photo.png")
    assert np.array_equal(found, by_generator(generator)(lr))
    header = json.loads(job.score_path(Source.released("authors")).with_suffix(".json").read_text())
    assert (header["deviations"], header["budget"], header["seed"]) == ([], None, None)
    assert header["released"]["sha256"] == sha256(path.read_bytes()).hexdigest()
    assert job.run([Source.released("authors")]) == first
    put(assets, "rrdb", {key: 2 * value for key, value in generator.state_dict().items()})
    assert job.run([Source.released("authors")]) != first


def test_deviations_of_third_parties_reach_the_scores(assets: Assets, job: Evaluation) -> None:
    put(assets, "msrresnet", small("msrresnet").state_dict())
    job.run([Source.released("others")])
    header = json.loads(job.score_path(Source.released("others")).with_suffix(".json").read_text())
    assert header["deviations"] == ["third-party training (by someone)"]


@pytest.mark.parametrize(
    ("weights", "scale"),
    [
        ({"conv_first.weight": torch.zeros(8, 12, 3, 3)}, 2),
        ({"conv_first.weight": torch.zeros(8, 48, 3, 3)}, 1),
        ({f"model.{n}.weight": torch.zeros(8, 8, 3, 3) for n in (0, 3, 5, 7)}, 2),
        ({f"model.{n}.weight": torch.zeros(8, 8, 3, 3) for n in (0, 2, 4)}, 1),
    ],
)
@pytest.mark.parametrize("ending", ["pth", "safetensors"])
def test_networks_for_other_scales_are_refused_by_name(
    weights: dict[str, torch.Tensor], scale: int, ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"w.{ending}"
    if ending == "pth":
        torch.save({"params_ema": weights}, path)
    else:
        save_file(weights, path)
    with pytest.raises(InputError, match=f"enlarges by {scale}, and networks here enlarge by 4"):
        released.read_file(path)

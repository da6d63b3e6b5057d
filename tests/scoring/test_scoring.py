import json
import math
import threading
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
import torch

from sr.errors import InputError, Unavailable
from sr.images import write_png
from sr.metrics.known import BY_NAME
from sr.metrics.psnr import PSNR
from sr.scoring.protocol import load_protocol
from sr.scoring.scoring import count_steps, score_folders
from sr.seals import read_record


class Nothing:
    """Assets of a machine that has none."""

    def find(self, _name):
        return None

    def reason(self, name):
        return f"{name} is not here."


ASSETS = Nothing()
SRGAN, GMGAN, LDL = (load_protocol(paper) for paper in ("srgan", "gmgan", "ldl"))


def image(height, width, seed, channels=3):
    shape = (height, width, channels)[: 2 + (channels > 1)]
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.fixture
def folders(tmp_path):
    """Two originals, one not a multiple of 4, and two sources: one close, one far."""
    for number, (name, size) in enumerate({"b": (41, 50), "a": (36, 32)}.items()):
        hr = image(*size, number)
        write_png(tmp_path / "hr" / f"{name}.png", hr)
        inner = hr[: size[0] // 4 * 4, : size[1] // 4 * 4].astype(int)
        for source, change in (("near", 3), ("far", 40)):
            noise = np.random.default_rng(9).integers(-change, change + 1, inner.shape)
            suffix = "x4" if source == "far" else ""
            write_png(
                tmp_path / source / f"{name}{suffix}.png", np.clip(inner + noise, 0, 255).astype(np.uint8)
            )
    return tmp_path


def both(folders):
    return {"near": folders / "near", "far": folders / "far"}


def built_by(monkeypatch, name, build):
    """For one test another object computes a metric."""
    monkeypatch.setitem(BY_NAME, name, replace(BY_NAME[name], build=build))


def test_one_image_is_no_set(folders, monkeypatch):
    """What is asked for by default must not fail on FID where its weights are at hand."""

    class Frechet:
        def features(self, _path):
            return [0.0]

        def score(self, _sr, _hr):
            raise AssertionError("a single image has no spread")

    built_by(monkeypatch, "FID", lambda *_: Frechet())
    for folder in ("hr", "near"):
        (folders / folder / "b.png").unlink()
    found = score_folders({"near": folders / "near"}, folders / "hr", LDL, ASSETS)["near"]
    assert found.unavailable["FID"] == "FID compares sets of images, and this is a single one."
    assert set(found.set_values) == {"PSNR", "SSIM"}


def test_each_source_is_scored_as_by_itself(folders):
    from sr.images import crop_to_multiple, read_image

    found = score_folders(both(folders), folders / "hr", GMGAN, ASSETS, ["PSNR", "SSIM"])
    assert list(found) == ["near", "far"]
    for source, suffix in (("near", ""), ("far", "x4")):
        table = found[source].per_image
        assert list(table.columns) == ["image", "PSNR", "SSIM"]
        assert list(table["image"]) == ["a", "b"]
        for name in ("PSNR", "SSIM"):
            metric = BY_NAME[name].build(GMGAN, ASSETS)
            expected = []
            for stem in ("a", "b"):
                hr = crop_to_multiple(read_image(folders / "hr" / f"{stem}.png"), 4)
                sr = read_image(folders / source / f"{stem}{suffix}.png")
                expected.append(metric.score(sr, metric.reference(hr)))
            assert list(table[name]) == pytest.approx(expected)
            assert found[source].set_values[name] == pytest.approx(np.mean(expected))
    assert found["near"].set_values["PSNR"] > found["far"].set_values["PSNR"]


def test_the_references_are_made_once_for_all_sources(folders, monkeypatch):
    calls = []
    original = PSNR.reference
    monkeypatch.setattr(PSNR, "reference", lambda self, hr: calls.append(hr.shape) or original(self, hr))
    score_folders(both(folders), folders / "hr", GMGAN, ASSETS, ["PSNR"])
    assert sorted(calls) == [(36, 32, 3), (40, 48, 3)]


def test_the_set_value_of_rmse_is_the_root_of_the_mean_mse(folders):
    found = score_folders({"far": folders / "far"}, folders / "hr", GMGAN, ASSETS, ["RMSE"])["far"]
    values = found.per_image["RMSE"]
    assert found.set_values["RMSE"] == pytest.approx(np.sqrt(np.mean(values**2)))
    assert found.set_values["RMSE"] != pytest.approx(np.mean(values), rel=1e-6)


def test_an_unavailable_metric_is_named_with_its_reason(folders):
    found = score_folders({"near": folders / "near"}, folders / "hr", GMGAN, ASSETS, ["PSNR", "NIQE"])["near"]
    assert found.unavailable == {"NIQE": "niqe is not here."}
    assert "NIQE" not in found.per_image
    assert "NIQE" not in found.set_values


def test_every_reported_metric_has_a_value_or_a_reason(folders, monkeypatch):
    def missing(_protocol, _assets):
        raise Unavailable("no weights.")

    for name in [name for name, metric in BY_NAME.items() if not metric.light]:
        built_by(monkeypatch, name, missing)
    found = score_folders({"near": folders / "near"}, folders / "hr", LDL, ASSETS)["near"]
    assert set(found.set_values) == {"PSNR", "SSIM"}
    assert found.unavailable == dict.fromkeys(["LPIPS", "DISTS", "FID"], "no weights.")


class Brightness:
    """Stands for a slow no-reference metric: the mean grey level."""

    def score(self, sr):
        return float(sr.mean())


class Count:
    """Stands for a metric of sets: how many images it got, and which originals."""

    def features(self, image):
        return [float(ord(image.stem[0]))]

    def score(self, sr, hr):
        assert hr == [[float(ord("a"))], [float(ord("b"))]]
        return float(len(sr))


def test_heavy_metrics_and_metrics_of_sets(folders, monkeypatch):
    built_by(monkeypatch, "Ma", lambda *_: Brightness())
    built_by(monkeypatch, "FID", lambda *_: Count())
    steps = []
    found = score_folders(both(folders), folders / "hr", GMGAN, ASSETS, ["FID", "Ma", "PSNR"], steps.append)
    assert list(found["near"].per_image.columns) == ["image", "Ma", "PSNR"]
    assert found["near"].set_values["FID"] == 2.0
    assert steps == list(range(1, count_steps(GMGAN, 2 * 2, ["FID", "Ma", "PSNR"]) + 1))


def test_an_undefined_value_is_unavailable_and_names_the_image(folders, monkeypatch):
    class Undefined:
        def score(self, sr):
            return math.nan if sr.shape[0] == 40 else 1.0

    built_by(monkeypatch, "NIQE", lambda *_: Undefined())
    found = score_folders({"near": folders / "near"}, folders / "hr", GMGAN, ASSETS, ["NIQE"])["near"]
    assert found.unavailable == {"NIQE": "NIQE is undefined for b."}
    assert found.set_values == {}


def test_files_hold_everything(folders):
    found = score_folders({"near": folders / "near"}, folders / "hr", SRGAN, ASSETS)["near"]
    path = folders / "out" / "Set0.csv"
    extra = {
        "protocol": "srgan",
        "source": "images/near",
        "benchmark": "Set0",
        "deviations": ["other LR"],
        "seed": 1,
    }
    found.write(path, extra)
    pd.testing.assert_frame_equal(pd.read_csv(path), found.per_image)
    summary = read_record(path.with_suffix(".json"), "")
    assert summary == {
        **extra,
        "images": 2,
        "set_values": {name: pytest.approx(value) for name, value in found.set_values.items()},
        "unavailable": {},
        "table_sha256": sha256(path.read_bytes()).hexdigest(),
    }


def test_identical_images_are_written_as_valid_json(folders):
    found = score_folders({"hr": folders / "near"}, folders / "near", SRGAN, ASSETS, ["PSNR"])["hr"]
    found.write(folders / "same.csv", {})
    text = (folders / "same.json").read_text()
    summary = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert float(summary["set_values"]["PSNR"]) == math.inf
    assert summary["deviations"] == []
    assert pd.read_csv(folders / "same.csv")["PSNR"].tolist() == [math.inf, math.inf]


def test_a_missing_reconstruction_is_named(folders):
    (folders / "near" / "b.png").unlink()
    with pytest.raises(InputError, match=r"near: has no reconstruction of b in .*hr; add b\.png"):
        score_folders(both(folders), folders / "hr", GMGAN, ASSETS, ["PSNR"])


def test_a_reconstruction_without_original_is_named(folders):
    (folders / "hr" / "a.png").unlink()
    with pytest.raises(InputError, match=r"near/a\.png: .*hr has no original of that name"):
        score_folders(both(folders), folders / "hr", GMGAN, ASSETS, ["PSNR"])


def test_two_reconstructions_of_one_original_are_refused(folders):
    write_png(folders / "near" / "ax4.png", image(36, 32, 0))
    with pytest.raises(InputError, match=r"ax4\.png: a\.png is of the same original"):
        score_folders(both(folders), folders / "hr", GMGAN, ASSETS, ["PSNR"])


def test_a_missized_reconstruction_is_named_with_both_sizes(folders):
    write_png(folders / "far" / "bx4.png", image(41, 50, 0))
    with pytest.raises(
        InputError, match=r"bx4\.png: is 50x41, but b\.png cropped to a multiple of 4 is 48x40"
    ):
        score_folders(both(folders), folders / "hr", GMGAN, ASSETS, ["PSNR"])


def test_an_image_smaller_than_the_window_is_named(folders):
    for folder in ("hr", "near"):
        write_png(folders / folder / "c.png", image(16, 16, 0))
    with pytest.raises(InputError, match=r"c\.png: SSIM needs 11x11 pixels"):
        score_folders({"near": folders / "near"}, folders / "hr", GMGAN, ASSETS, ["SSIM"])


def test_an_unknown_metric_is_refused_with_the_nearest(folders):
    with pytest.raises(InputError, match="'PSRN' is no metric; did you mean 'PSNR'"):
        score_folders(both(folders), folders / "hr", GMGAN, ASSETS, ["PSRN"])


@pytest.mark.parametrize("protocol", [SRGAN, GMGAN])
def test_how_a_grey_reconstruction_is_stored_does_not_matter(tmp_path, protocol):
    hr, sr = image(40, 40, 0, channels=1), image(40, 40, 1, channels=1)
    write_png(tmp_path / "hr" / "bridge.png", hr)
    write_png(tmp_path / "grey" / "bridge.png", sr)
    write_png(tmp_path / "rgb" / "bridge.png", np.repeat(sr[:, :, None], 3, axis=2))
    found = score_folders(
        {name: tmp_path / name for name in ("grey", "rgb")},
        tmp_path / "hr",
        protocol,
        ASSETS,
        ["PSNR", "SSIM"],
    )
    assert found["grey"].set_values == found["rgb"].set_values


def test_torch_keeps_its_threads(folders):
    before = torch.get_num_threads()
    score_folders(both(folders), folders / "hr", GMGAN, ASSETS, ["SSIM"])
    assert torch.get_num_threads() == before


@pytest.fixture
def eight_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(8)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("eight_threads")
@pytest.mark.parametrize(("device", "most"), [("cuda", 4), ("cpu", 8)])
def test_a_gpu_has_few_images_at_a_time_however_many_threads_there_are(tmp_path, monkeypatch, device, most):
    """All that may work at a time do meet; more would be counted."""
    for number in range(16):
        for folder in ("hr", "sr"):
            write_png(tmp_path / folder / f"{number}.png", image(16, 16, number))
    meeting, lock, at_work, counts = threading.Barrier(most), threading.Lock(), [], []

    class Meets:
        def reference(self, hr):
            with lock:
                at_work.append(hr)
                counts.append(len(at_work))
            meeting.wait(60)

        def score(self, _sr, _reference):
            with lock:
                at_work.pop()
            return 1.0

    built_by(monkeypatch, "SSIM", lambda *_: Meets())
    monkeypatch.setattr("sr.scoring.scoring.scoring_device", lambda: torch.device(device))
    score_folders({"sr": tmp_path / "sr"}, tmp_path / "hr", GMGAN, ASSETS, ["SSIM"])
    assert max(counts) == most

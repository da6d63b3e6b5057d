"""A measurement against sums worked out by hand, and the reason where there is none."""

from pathlib import Path

import pytest

from sr.errors import InputError
from sr.results.image_sets import BenchmarkState
from sr.results.measurement import Measurement, NotMeasured, Obstacle, Results, metrics_of
from tests.results.synthetic_scores import make_run, write_score

TRAINING = "trained/paper/set/srgan/srresnet_mse"
SEEDS = [f"{TRAINING}/seed{seed}" for seed in (0, 1)]


@pytest.fixture
def results(tmp_path: Path) -> Results:
    """Two seeds on Set5; of a third nothing was scored."""
    for seed, psnr in zip(SEEDS, ([30.0, 20.0], [32.0, 26.0]), strict=True):
        unavailable = {"LPIPS": "AlexNet is not at hand."}
        write_score(tmp_path, seed, "Set5", {"PSNR": psnr}, unavailable=unavailable, deviations=["x", "y"])
    return make_run(
        tmp_path,
        *SEEDS,
        f"{TRAINING}/seed2",
        Set14=BenchmarkState(status="unavailable", reason="Set14 is not at hand"),
    )


def test_values_over_seeds_and_images(results: Results) -> None:
    found = results.measure("srgan", results.groups[0], "Set5", "PSNR")
    assert isinstance(found, Measurement)
    assert (found.mean, found.of_seeds, found.range) == (27.0, (25.0, 29.0), (25.0, 29.0))
    assert found.spread == pytest.approx(8**0.5)
    assert (found.seeds, found.trainings, found.images) == ((0, 1), 2, tuple(f"image{i}" for i in range(5)))
    assert [str(source) for source in found.unscored] == [f"{TRAINING}/seed2"]
    assert found.deviations == ("x", "y")


def test_one_image(results: Results) -> None:
    found = results.measure("srgan", results.groups[0], "Set5", "PSNR", "image1")
    assert isinstance(found, Measurement)
    assert (found.mean, found.of_seeds, found.images) == (23.0, (20.0, 26.0), ("image1",))


@pytest.mark.parametrize(
    ("protocol", "benchmark", "metric", "image", "obstacle", "reason"),
    [
        ("srgan", "Set14", "PSNR", None, Obstacle.BENCHMARK_UNAVAILABLE, "Set14 is not at hand"),
        ("srgan", "Urban100", "PSNR", None, Obstacle.BENCHMARK_NOT_RUN, "Urban100 is not among"),
        ("ldl", "Set5", "PSNR", None, Obstacle.NOT_SCORED, f"{TRAINING} was not scored on Set5"),
        ("srgan", "BSD100", "PSNR", None, Obstacle.NOT_SCORED, f"{TRAINING} was not scored on BSD100"),
        ("srgan", "Set5", "LPIPS", None, Obstacle.METRIC_UNAVAILABLE, "AlexNet is not at hand."),
        ("srgan", "Set5", "SSIM", None, Obstacle.NO_SUCH_VALUE, "hold no such SSIM"),
        ("srgan", "Set5", "PSNR", "image7", Obstacle.NO_SUCH_VALUE, "hold no such PSNR of image7"),
    ],
)
def test_why_there_is_none(
    results: Results,
    protocol: str,
    benchmark: str,
    metric: str,
    image: str | None,
    obstacle: Obstacle,
    reason: str,
) -> None:
    found = results.measure(protocol, results.groups[0], benchmark, metric, image)
    assert isinstance(found, NotMeasured)
    assert found.obstacle is obstacle
    assert reason in found.reason


def test_a_metric_of_a_whole_set_has_no_values_of_images(tmp_path: Path) -> None:
    write_score(tmp_path, SEEDS[0], "Set5", {"PSNR": [30.0]}, set_values={"PSNR": 30.0, "FID": 12.5})
    results = make_run(tmp_path, SEEDS[0])
    found = results.measure("srgan", results.groups[0], "Set5", "FID")
    assert isinstance(found, Measurement)
    assert (found.mean, found.per_image, found.spread) == (12.5, None, None)


def test_metrics_with_values_come_first(results: Results) -> None:
    assert metrics_of(results.scored("srgan", results.groups[0], "Set5")) == ["PSNR", "LPIPS"]


def test_a_file_that_changed_is_read_again(results: Results, tmp_path: Path) -> None:
    write_score(tmp_path, SEEDS[0], "Set5", {"PSNR": [10.0, 10.0, 10.0]})
    write_score(tmp_path, SEEDS[1], "Set5", {"PSNR": [20.0, 20.0, 20.0]})
    found = results.measure("srgan", results.groups[0], "Set5", "PSNR")
    assert isinstance(found, Measurement)
    assert found.mean == 15.0


def test_scores_of_a_part_of_a_benchmark_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.results.synthetic_scores.size_of", lambda _benchmark: None)
    write_score(tmp_path, "baseline/bicubic", "BSD100", {"PSNR": [25.0] * 99})
    run = make_run(tmp_path, "baseline/bicubic")
    with pytest.raises(InputError, match="99 images, where BSD100 has 100"):
        run.measure("srgan", run.groups[0], "BSD100", "PSNR")

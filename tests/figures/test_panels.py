import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sr.figures.collect import draw_image_figures
from sr.figures.figure import Description, Missing
from sr.figures.panels import draw_table, leaders
from sr.figures.paper_results import PaperResults, methods, unfilled
from sr.figures.values import best_finding
from sr.images import write_png
from sr.results.source import Source, parse_sources

SRGAN = "trained/demo/some_set/srgan/srgan_vgg54/seed0"
GMGAN = "trained/demo/some_set/gmgan/gmgan/seed{seed}"
SOURCES = ("baseline/bicubic", SRGAN, GMGAN.format(seed=1), GMGAN.format(seed=0))
PSNR = {"first": (30.0, 28.0, 27.5, 27.0), "second": (30.0, 29.0, 21.0, 22.0)}

pytestmark = pytest.mark.usefixtures("benchmarks_of_any_size")


@pytest.fixture
def results(tmp_path: Path) -> PaperResults:
    """Two images of a benchmark, three methods, one of them with two seeds."""
    return _results(tmp_path, "small", PSNR)


def _results(folder: Path, benchmark: str, psnr: dict[str, tuple[float, ...]]) -> PaperResults:
    random = np.random.default_rng(0)
    for image in psnr:
        write_png(folder / "benchmarks" / benchmark / "HR" / f"{image}.png", _noise(random))
    for number, source in enumerate(SOURCES):
        for image in psnr:
            images = folder / "results/reconstructions" / source / benchmark
            write_png(images / f"{image}.png", _noise(random))
        values = {image: each[number] for image, each in psnr.items()}
        _write_score(folder / "results/scores/gmgan" / source / f"{benchmark}.json", source, values)
    return PaperResults(
        "gmgan",
        tuple(parse_sources(SOURCES)),
        (benchmark,),
        {},
        folder / "results",
        folder / "benchmarks",
        folder,
    )


def _noise(random: np.random.Generator) -> np.ndarray:
    return random.integers(0, 256, (128, 100, 3), dtype=np.uint8)


def _write_score(path: Path, source: str, psnr: dict[str, float]) -> None:
    trained = source.startswith("trained/")
    header: dict[str, Any] = {
        "protocol": "gmgan",
        "source": source,
        "benchmark": path.stem,
        "images": len(psnr),
        "set_values": {},
        "unavailable": {},
        "deviations": [],
        "budget": "demo" if trained else None,
        "seed": int(source[-1]) if trained else None,
        "stale": None,
    }
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(header))
    rows = "".join(f"{image},{value}\n" for image, value in psnr.items())
    path.with_suffix(".csv").write_text(f"image,PSNR\n{rows}")


def test_panels_show_the_image_that_differs_most_with_its_scores(results: PaperResults) -> None:
    pytest.importorskip("matplotlib")
    outcome = draw_image_figures(results)
    folder = results.figures
    assert outcome["panels_small"] is None
    data = pd.read_csv(folder / "panels_small.csv")
    # Of two seeds, the first named; PSNR differs more on `second` (8 dB between the methods, 0.5 on `first`).
    assert data["image"].unique().tolist() == ["second"]
    assert dict(zip(data["method"], data["value"], strict=True)) == {
        "Bicubic": 30,
        "SRGAN": 29,
        "GMGAN": 21,
    }
    assert data[["width", "height"]].iloc[0].tolist() == [96, 96]
    said = json.loads((folder / "panels_small.json").read_text())
    assert said["budgets"] == ["demo"]
    assert "budget: demo" in said["title"]
    # Bicubic has the highest PSNR, and is no rival of what was trained.
    assert "second of small; best here: SRGAN by PSNR" in said["title"]
    assert "LapSRN" in said["caption"]
    assert all((folder / f"panels_small.{suffix}").is_file() for suffix in ("png", "svg"))


def test_images_that_a_paper_shows_come_with_its_printed_numbers(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    images = ("219090", "8023", "296059", "101087")
    results = _results(tmp_path, "BSD100", dict.fromkeys(images, (25.0, 24.0, 23.0, 22.0)))
    assert draw_image_figures(results)["panels_fig5"] is None
    data = pd.read_csv(results.figures / "panels_fig5.csv", dtype={"image": str})
    assert tuple(data["image"].unique()) == images
    bicubic = data[(data["method"] == "Bicubic") & (data["image"] == "8023")].iloc[0]
    assert bicubic["value"] == 25
    assert bicubic["printed"] == 28.5  # Fig. 5


def test_without_the_metrics_of_its_numbers_a_table_of_images_is_missing_with_the_reason(
    tmp_path: Path,
) -> None:
    """GMGAN's Fig. 5 prints three metrics; here none of them can be had."""
    pytest.importorskip("matplotlib")
    images = ("219090", "8023", "296059", "101087")
    results = _results(tmp_path, "BSD100", dict.fromkeys(images, (25.0, 24.0, 23.0, 22.0)))
    for path in results.folder.glob("scores/gmgan/**/BSD100.json"):
        header = json.loads(path.read_text())
        header["unavailable"] = dict.fromkeys(("PSNR", "SSIM", "PI"), "its network is not at hand")
        path.write_text(json.dumps(header))
        path.with_suffix(".csv").write_text("image\n" + "".join(f"{image}\n" for image in images))
    with pytest.raises(Missing, match=r"was measured: its network is not at hand$"):
        draw_table(results, "fig5", results.figures / "panels_fig5.png")


def test_images_that_a_paper_names_are_shown_where_they_are_at_hand(tmp_path: Path) -> None:
    """GMGAN's Fig. 6 names three images, two of BSD100; Fig. 7's is of a benchmark that is not there."""
    pytest.importorskip("matplotlib")
    images = ("108005", "175032", "219090", "8023", "296059", "101087")
    results = _results(tmp_path, "BSD100", dict.fromkeys(images, (25.0, 24.0, 23.0, 22.0)))
    outcome = draw_image_figures(results)
    assert outcome["panels_fig6"] is None
    data = pd.read_csv(results.figures / "panels_fig6.csv", dtype={"image": str})
    assert data["image"].unique().tolist() == ["108005", "175032"]
    assert set(data["method"]) == {"Bicubic", "SRGAN", "GMGAN"}
    assert outcome["panels_fig7"] == "its images are of Urban100, which is not at hand"


def test_what_is_missing_is_said_with_its_reason(results: PaperResults) -> None:
    pytest.importorskip("matplotlib")
    stale = results.figures / "panels_gone.png"
    write_png(stale, np.zeros((4, 4, 3), dtype=np.uint8))
    draw_image_figures(results)
    index = json.loads((stale.parent / "images.json").read_text())
    assert index["made"] == ["panels_small"]
    assert "BSD100" in index["missing"]["panels_fig5"]
    assert not stale.exists()


def test_without_runs_nothing_is_drawn(tmp_path: Path, results: PaperResults) -> None:
    bare = PaperResults(
        "ldl",
        (Source.baseline("bicubic"),),
        ("small",),
        {"ldl/rrdb_refined_map": "no VGG"},
        results.folder,
        results.benchmark_folder,
        tmp_path,
    )
    pytest.importorskip("matplotlib")
    outcome = draw_image_figures(bare)
    assert outcome.pop("toy_regions") is None  # it needs none
    assert all(outcome.values())
    assert outcome["artifact_maps"] == "ldl/rrdb_refined_map can not be trained here: no VGG"
    assert [path.name for path in bare.figures.glob("*.png")] == ["toy_regions.png"]


def test_methods_are_called_as_in_the_paper(results: PaperResults) -> None:
    found = {str(method.source): method.name for method in methods(results)}
    assert found == {"baseline/bicubic": "Bicubic", SRGAN: "SRGAN", GMGAN.format(seed=1): "GMGAN"}
    absent = unfilled(results, methods(results))
    assert "EDSR+" in absent
    assert "SRGAN" not in absent


def test_a_recipe_that_was_not_trained_is_named(results: PaperResults) -> None:
    with pytest.raises(Missing, match="gmgan/gmgan_df2k was not trained"):
        results.trained("gmgan_df2k")


def test_smaller_budgets_are_written_out() -> None:
    about = Description("Panels", "gmgan", "", "What is shown.")
    assert about.of([Source.parse(SRGAN)]).title == "Panels (budget: demo)"
    assert about.of([Source.parse(SRGAN)]).caption.startswith("What is shown. Trained under the budget demo")
    assert about.of([Source.parse(SRGAN)]).budgets == ("demo",)
    paper = about.of([Source.parse(SRGAN.replace("demo", "paper"))])
    assert (paper.title, paper.caption, paper.budgets) == ("Panels", "What is shown.", ("paper",))


BEST = "; best here: "


def scores(image: str, **values: tuple[float, ...]) -> list[dict[str, Any]]:
    """Values of the released weights a, b and c on an image, by metric."""
    return [
        {"benchmark": "Set5", "image": image, "method": method, "metric": metric, "value": value}
        | {"source": f"released/{method}"}
        for metric, column in values.items()
        for method, value in zip("abc", column, strict=True)
    ]


def test_the_best_of_each_metric_goes_by_its_direction() -> None:
    rows = scores("one", PSNR=(30, 29, 25), SSIM=(0.9, 0.8, 0.7), LPIPS=(0.3, 0.2, 0.25), NIQE=(5, 4, 3))
    assert best_finding(pd.DataFrame(rows), leaders) == f"{BEST}a by PSNR and SSIM, b by LPIPS, c by NIQE"
    assert best_finding(pd.DataFrame([row for row in rows if row["method"] == "a"]), leaders) == ""


def test_each_budget_and_each_kind_has_its_own_best() -> None:
    """By the values alone, c would be best here; but a and b alone are small networks."""
    rows = scores("one", PSNR=(24, 25, 30))
    for row in rows[:2]:
        row["source"] = f"trained/cpu/some_set/srgan/{row['method']}/seed0"
    rows += [{**rows[2], "method": "bicubic", "source": "baseline/bicubic", "value": 28}]
    assert best_finding(pd.DataFrame(rows), leaders) == "; best at budget cpu: b by PSNR"
    rows += [{**rows[2], "method": "d", "source": "released/d", "value": 29}]
    assert best_finding(pd.DataFrame(rows), leaders) == (
        "; best at budget cpu: b by PSNR; best of the released weights: c by PSNR"
    )
    rows[1]["source"] = "trained/short/some_set/srgan/b/seed0"
    assert best_finding(pd.DataFrame(rows), leaders) == "; best of the released weights: c by PSNR"


def test_of_several_images_the_best_on_most_is_named() -> None:
    rows = scores("one", PSNR=(30, 29, 25)) + scores("two", PSNR=(20, 29, 25))
    rows += scores("three", PSNR=(20, 21, 19))
    assert best_finding(pd.DataFrame(rows), leaders) == f"{BEST}b by PSNR (2 of 3 images)"


def test_methods_of_equal_values_are_named_together() -> None:
    """As a recipe and its twin, whose images are the same; where all are equal, none is best."""
    rows = scores("one", PSNR=(29, 30, 30), SSIM=(0.9, 0.9, 0.8), LPIPS=(0.2, 0.2, 0.2))
    assert best_finding(pd.DataFrame(rows), leaders) == f"{BEST}b and c by PSNR, a and b by SSIM"
    rows = scores("one", PSNR=(29, 30, 30)) + scores("two", PSNR=(20, 25, 25))
    assert best_finding(pd.DataFrame(rows), leaders) == f"{BEST}b and c by PSNR (2 of 2 images)"
    rows = scores("one", PSNR=(29, 30, 30)) + scores("two", PSNR=(20, 25, 24))
    assert best_finding(pd.DataFrame(rows), leaders) == f"{BEST}b by PSNR (2 of 2 images)"


def test_nobody_is_best_on_half_of_the_images_or_fewer() -> None:
    rows = scores("one", PSNR=(30, 29, 25)) + scores("two", PSNR=(20, 29, 25))
    assert best_finding(pd.DataFrame(rows), leaders) == ""
    rows += scores("three", PSNR=(20, 21, 22))
    assert best_finding(pd.DataFrame(rows), leaders) == ""

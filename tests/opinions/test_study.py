"""The two studies as written out, and how a faulty one is refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sr.errors import InputError
from sr.opinions.power import describe_plan
from sr.opinions.study import Stated, load_study
from sr.papers.published import load_published
from tests.opinions.small_study import STUDY

STATED = {"says": "x", "source": "y", "benchmark": "toy"}


def constants(paper: str, method: str) -> dict[tuple[str, str], float]:
    """Numbers of the study that the paper prints outside its tables."""
    return {(c.dataset, c.metric): c.value for c in load_published(paper) if c.method == method}


def test_srgans_study_has_the_numbers_that_the_paper_prints() -> None:
    _, study = load_study("srgan")
    printed = constants("srgan", "MOS test")
    assert study.raters == printed["Set5+Set14+BSD100", "n_raters"]
    assert len(study.on("Set5")) == len(study.on("Set14")) == printed["Set5+Set14", "n_versions_per_image"]
    assert len(study.on("BSD100")) == printed["BSD100", "n_versions_per_image"]
    assert study.calibration
    assert study.calibration.count == printed["BSD300 train", "n_calibration_images"]
    assert study.repeats
    assert study.repeats.images == printed["BSD100", "n_pilot_images"]
    assert list(study.scale.categories) == [1, 2, 3, 4, 5]
    plan = "\n".join(describe_plan(study, study.raters))
    assert f"answers {printed['Set5+Set14+BSD100', 'n_ratings_per_rater']:.0f}," in plan
    assert f"{printed['Set5+Set14+BSD100', 'n_ratings_total']:.0f} ratings" in plan


def test_srgans_losses_without_a_best_are_those_of_its_table_1() -> None:
    """Sec. 3.4: of SRResNet's and of SRGAN's loss functions none is significantly best on Set5."""
    _, study = load_study("srgan")
    methods = dict.fromkeys(cell.method for cell in load_published("srgan") if cell.item == "table1")
    groups = [tuple(m for m in methods if m.startswith(network)) for network in ("SRResNet-", "SRGAN-")]
    (said,) = (one.no_best for one in study.stated if one.no_best)
    assert sorted(map(sorted, said)) == sorted(map(sorted, groups))


def test_bebys_study_has_the_numbers_that_the_paper_prints() -> None:
    _, study = load_study("beby")
    printed = constants("beby", "user study")
    assert study.raters == printed["-", "n_participants"]
    assert study.shown == printed["-", "n_cases_per_session"]
    assert len(study.versions) == printed["-", "n_versions_ranked"]
    assert "900 ratings" in "\n".join(describe_plan(study, study.raters))


def test_every_printed_opinion_score_has_a_version() -> None:
    _, study = load_study("srgan")
    rated = {
        (*place.split("/"), benchmark)
        for name, version in study.versions.items()
        for place in version.methods
        for benchmark in study.images
        if name in study.on(benchmark)
    }
    for cell in load_published("srgan"):
        if cell.metric == "MOS":
            assert (cell.item, cell.method, cell.dataset) in rated


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scale": {"kind": "category"}}, "labels of the categories"),
        ({"scale": {"kind": "ranking"}}, "belong to a scale of categories"),
        ({"versions": {"a": {}, "b": {"original": True}}}, "name methods, a source"),
        ({"repeats": {"images": 1, "benchmark": "toys"}}, "repeats: 'toys' is unknown; did you mean 'toy'"),
        ({"raters": 0}, "raters"),
        ({"ratters": 3}, "unknown key 'ratters'; did you mean 'raters'"),
        ({"stated": [{"says": "x", "source": "y", "benchmark": "toy", "better": "dul"}]}, "mean 'dull'"),
        ({"stated": [{**STATED, "no_best": [["dull", "sharpp"]]}]}, "mean 'sharp'"),
        ({"stated": [{**STATED, "no_best": [["dull"]]}]}, "two versions or more, each once"),
        ({"stated": [{**STATED, "no_best": [["dull", "dull", "wild"]]}]}, "two versions or more, each once"),
        ({"stated": [{**STATED, "no_best": [["dull", "wild"]], "better": "wild"}]}, "give `no_best` alone"),
        (
            {"calibration": {"images": "embedded_train", "count": 1, "expected": {"nearest": 1}}},
            "the other way",
        ),
    ],
)
def test_a_faulty_study_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(STUDY | change))
    with pytest.raises(InputError, match=message):
        load_study(str(path))


def test_a_study_outside_replications_names_sources(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(
        yaml.safe_dump(STUDY | {"versions": {"a": {"methods": ["table2/SRGAN"]}, "b": {"original": True}}})
    )
    with pytest.raises(InputError, match="name sources in its versions"):
        load_study(str(path))


def test_a_paper_without_a_study_is_told_which_have_one() -> None:
    with pytest.raises(InputError, match="beby, srgan"):
        load_study("ldl")


def test_a_statement_without_the_newer_key_is_written_as_before() -> None:
    """A study's hash names its pages and answers, which people have given."""
    pairs = Stated(says="x", source="sec. 1", benchmark="Set5", significant="all")
    assert set(pairs.model_dump()) == {"says", "source", "benchmark", "significant", "but_not", "better"}
    groups = Stated(says="x", source="sec. 1", benchmark="Set5", no_best=(("a", "b"),))
    assert Stated.model_validate(groups.model_dump(mode="json")) == groups

"""Result files: whole ones count, and each kind of nonsense is refused by name."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from sr.cli.opinions import write_outcome
from sr.opinions.collect import collect
from sr.opinions.design import Key, Stimulus
from sr.opinions.outcome import analyse
from tests.opinions.small_study import RANKING, STUDY, prepared, result, signed, write_results

QUALITY = {"dull": 1, "sharp": 3, "wild": 2, "truth": 5}


def honest(_rater: str, shown: Sequence[Stimulus]) -> Any:
    if len(shown) == 1:
        return QUALITY[shown[0].version]
    return sorted(range(len(shown)), key=lambda place: -QUALITY[shown[place].version])


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return prepared(tmp_path_factory.mktemp("study"), STUDY)


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_scores_are_read_back_under_the_versions_that_were_shown(key: Key, tmp_path: Path) -> None:
    found = collect(key, write_results(key, tmp_path, honest))
    assert not found.refused
    assert len(found.ratings) == 4 * (3 * 4 + 4)
    assert (found.ratings["value"] == found.ratings["version"].map(QUALITY)).all()
    assert found.ratings["again"].sum() == 4 * 4


def test_orders_are_read_back_as_places(tmp_path: Path) -> None:
    key = prepared(tmp_path, RANKING)
    found = collect(key, write_results(key, tmp_path / "answers", honest))
    places = found.ratings.groupby("version")["value"].unique()
    assert {version: list(place) for version, place in places.items()} == {
        "truth": [1],
        "sharp": [2],
        "wild": [3],
        "dull": [4],
    }


def changed(text: str, change: Callable[[dict[str, Any]], None]) -> str:
    content = json.loads(text)
    change(content)
    return json.dumps(content, separators=(",", ":"))


def better_first_score(content: dict[str, Any]) -> None:
    content["trials"][0]["answer"] = 5 - content["trials"][0]["answer"]


def resigned(key: Key, text: str, change: Callable[[dict[str, Any]], None]) -> str:
    """A change by someone who knows the page's secret: still no answer that could not be given."""
    content = json.loads(changed(text, change))
    content.pop("seal")
    return signed(content, key.raters["01"])


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda _key, text: text[: len(text) // 2], "truncated"),
        (lambda _key, _text: "", "truncated"),
        (lambda _key, _text: "[1, 2]", "not a result file"),
        (lambda _key, _text: "[" * 100_000, "not a whole JSON file"),
        (lambda _key, text: changed(text, better_first_score), "changed after the page wrote it"),
        (lambda _key, text: changed(text, lambda c: c["trials"][0].update(ms=9999)), "changed after"),
        (lambda _key, text: changed(text, lambda c: c.update(rater="02")), "changed after"),
        (lambda _key, text: changed(text, lambda c: c.update(rater="99")), "has no rater 99"),
        (lambda _key, text: changed(text, lambda c: c.update(study="0123456789abcdef")), "another study"),
        (lambda _key, text: changed(text, lambda c: c.update(name="Ada")), "unknown key 'name'"),
        (lambda _key, text: changed(text, lambda c: c.pop("screen")), "'screen' is missing"),
        (lambda key, text: resigned(key, text, lambda c: c["trials"].pop()), "incomplete: 15 answers to 16"),
        (lambda key, text: resigned(key, text, lambda c: c["trials"].reverse()), "not in their order"),
        (
            lambda key, text: resigned(key, text, lambda c: c["trials"][2].update(answer=6)),
            "t3 has no answer 6",
        ),
        (
            lambda key, text: resigned(key, text, lambda c: c["trials"][2].update(answer=0)),
            "t3 has no answer 0",
        ),
        (lambda key, text: resigned(key, text, lambda c: c["trials"][2].update(answer=[0])), "has no answer"),
        (lambda key, text: resigned(key, text, lambda c: c["trials"][2].update(ms=-5)), "ms"),
    ],
)
def test_nonsense_is_refused_and_stops_no_other_file(
    key: Key, tmp_path: Path, spoil: Callable[[Key, str], str], why: str
) -> None:
    bad = write(tmp_path, "bad.json", spoil(key, result(key, "01", honest)))
    good = write(tmp_path, "good.json", result(key, "03", honest))
    found = collect(key, [bad, good, tmp_path / "missing.json"])
    assert list(found.results) == ["03"]
    assert why in found.refused[str(bad)]
    assert "can not be read" in found.refused[str(tmp_path / "missing.json")]


def test_orders_must_name_every_place_once(tmp_path: Path) -> None:
    key = prepared(tmp_path, RANKING)
    for number, wrong in enumerate(([0, 1, 2], [0, 1, 2, 2], [0, 1, 2, 4], 1)):
        path = write(tmp_path, f"{number}.json", result(key, "01", lambda _rater, _shown, wrong=wrong: wrong))
        assert "has no answer" in collect(key, [path]).refused[str(path)]


def test_a_copy_counts_once_and_two_different_files_of_one_rater_not_at_all(key: Key, tmp_path: Path) -> None:
    one = write(tmp_path, "one.json", result(key, "01", honest))
    copy = write(tmp_path, "copy.json", result(key, "01", honest))
    found = collect(key, [one, copy])
    assert list(found.results) == ["01"]
    assert "the same answers as" in found.refused[str(copy)]
    other = write(tmp_path, "other.json", result(key, "01", lambda _rater, _shown: 3))
    found = collect(key, [one, copy, other])
    assert not found.results
    assert len(found.ratings) == 0
    assert set(found.refused) == {str(one), str(copy), str(other)}


def test_a_study_prepared_with_another_seed_is_another_study(key: Key, tmp_path: Path) -> None:
    other = key.model_copy(update={"seed": 1})
    path = write(tmp_path, "one.json", result(key, "01", honest))
    assert "another study" in collect(other, [path]).refused[str(path)]


def test_answers_that_came_too_fast_are_kept_apart(key: Key, tmp_path: Path) -> None:
    hurried = write(tmp_path, "01.json", result(key, "01", honest, ms=20))
    files = [hurried, *(write(tmp_path, f"{r}.json", result(key, r, honest)) for r in ("02", "03", "04"))]
    outcome = analyse(collect(key, files))
    assert outcome.raters.set_index("rater")["apart"].to_dict() == {
        "01": "100% of the answers came sooner than 100 ms",
        "02": "",
        "03": "",
        "04": "",
    }
    assert set(outcome.ratings["rater"]) == {"02", "03", "04"}
    assert set(
        outcome.table("scores", "everyone")["raters"] if "raters" in outcome.table("scores") else [4]
    ) == {4}
    assert "raters: 3 of the study's 4" in outcome.deviations


@pytest.mark.parametrize("study", [STUDY, RANKING], ids=["scores", "orders"])
def test_the_outcome_is_written_even_when_nothing_came_back(study: dict[str, Any], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    key = prepared(tmp_path, study)
    for name, files in {"none": [], "one": write_results(key, tmp_path / "a", honest)[:1]}.items():
        write_outcome(analyse(collect(key, files)), tmp_path / name)
        page = (tmp_path / name / "index.html").read_text()
        assert f"{len(files)} raters came back" in page
        assert json.loads((tmp_path / name / "summary.json").read_text())["raters"]["came back"] == len(files)

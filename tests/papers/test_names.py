"""Papers and items as people call them."""

import pytest

from sr.papers.names import by_year, place_of, title_of, year_of
from sr.project import papers


def test_a_paper_is_called_as_its_readme_is_headed() -> None:
    assert [title_of(paper) for paper in ("beby", "ldl")] == ["Beby-GAN", "LDL"]


def test_every_paper_has_the_year_that_its_readme_cites() -> None:
    assert all(year_of(paper) for paper in papers())
    assert (year_of("srgan"), year_of("ldl")) == (2017, 2022)  # CVPR 2017 and CVPR 2022
    assert by_year(["ldl", "beby", "srgan"]) == ["srgan", "beby", "ldl"]


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ("table1", "Table 1"),
        ("table1_supp", "supplement Table 1"),
        ("fig5", "Fig. 5"),
        ("rrdb", "rrdb"),
    ],
)
def test_places_are_written_out(item: str, place: str) -> None:
    assert place_of(item) == place

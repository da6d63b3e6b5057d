"""Papers and items as people call them."""

import pytest

from sr.papers.names import place_of, title_of


def test_a_paper_is_called_as_its_readme_is_headed() -> None:
    assert [title_of(paper) for paper in ("beby", "ldl")] == ["Beby-GAN", "LDL"]


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

"""Statistics of few images are quicker to check by hand than those of a whole benchmark."""

import pytest


@pytest.fixture(autouse=True)
def few_images(benchmarks_of_any_size: None) -> None:
    pass

"""What `--config` may say, and how it is explained."""

from typing import Any

import pytest

from sr.config import load_yaml
from sr.errors import InputError
from sr.planning.configuration import configuration
from sr.project import root

SHIPPED: dict[str, Any] = load_yaml(root() / "workflow" / "config.yaml")


def test_one_name_stands_for_a_list_of_one() -> None:
    read = configuration(SHIPPED | {"papers": "srgan", "sources": "released", "benchmarks": "Set5"})
    assert (read.papers, read.sources, read.benchmarks) == (("srgan",), ("released",), ("Set5",))


def test_a_number_of_seeds_is_explained() -> None:
    with pytest.raises(InputError, match=r"write \[0,1,2\] for 3 trainings .* or \[3\] for the seed 3"):
        configuration(SHIPPED | {"seeds": 3})

import json
import math
from pathlib import Path

import pandas as pd
import pytest
import torch

from sr.figures.swiss_roll import write
from sr.toys.swiss_roll import roll


def test_estimates_on_the_roll_have_no_distance(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    on, off = roll(torch.linspace(5, 14, 15)), torch.zeros(15, 2)
    write({"on": on, "off": off}, tmp_path / "swiss_roll.png")
    data = pd.read_csv(tmp_path / "swiss_roll.csv")
    assert data["x"].tolist() == 2 * list(range(-7, 8))
    assert data[data["loss"] == "on"]["distance"].max() < 2e-3  # the roll is 50,000 points
    # The roll begins at the radius 1.5 pi, where it is nearest to its centre.
    from_centre = data[data["loss"] == "off"]["distance"].tolist()
    assert from_centre == pytest.approx(15 * [1.5 * math.pi], rel=1e-4)
    assert json.loads((tmp_path / "swiss_roll.json").read_text())["place"] == "Fig. 2"
    assert (tmp_path / "swiss_roll.svg").is_file()

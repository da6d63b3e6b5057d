import numpy as np
import pytest
import torch

from sr.figures.artifact_maps import Patch, maps, table
from sr.figures.crops import Crop
from sr.images import to_tensor
from sr.losses.artifact import Artifact, ArtifactSettings
from sr.losses.batch import Batch

WINDOW, ROOT = 3, 5.0


@pytest.fixture
def images() -> list[np.ndarray]:
    """Original, output, output of the averaged model."""
    random = np.random.default_rng(1)
    return [random.integers(0, 256, (6, 7, 3), dtype=np.uint8) for _ in range(3)]


def test_maps_are_those_of_the_equations(images: list[np.ndarray]) -> None:
    made = maps(*images, window=WINDOW, root=ROOT)
    original, output, averaged = (image / 255 for image in images)
    residual = original - output
    sigma = np.var(residual, ddof=1) ** (1 / ROOT)
    assert made.sigma == pytest.approx(sigma)
    mirrored = np.pad(residual, ((1, 1), (1, 1), (0, 0)), mode="reflect")
    for row in range(6):
        for column in range(7):
            first = np.abs(residual[row, column]).sum()
            second = np.abs(original[row, column] - averaged[row, column]).sum()
            local = np.var(mirrored[row : row + 3, column : column + 3], ddof=1)
            place = row, column
            assert made.residual[place] == pytest.approx(first, rel=1e-5)
            assert made.local[place] == pytest.approx(local, rel=1e-4)
            assert made.scaled[place] == pytest.approx(sigma * local, rel=1e-4)
            assert made.spared[place] == (first < second)
            assert made.refined[place] == pytest.approx(0 if first < second else sigma * local, rel=1e-4)


def test_the_refined_map_is_the_one_that_training_uses(images: list[np.ndarray]) -> None:
    made = maps(*images, window=WINDOW, root=ROOT)
    settings = ArtifactSettings(
        weight=1, window=WINDOW, root=ROOT, map="refined", residual="signed", gradient_through_map=False
    )
    hr, sr, averaged = (to_tensor(image)[None] for image in images)
    batch = Batch(lr=hr, hr=hr, sr=sr, discriminator=None, sr_ema=averaged, mixing=None)
    with torch.no_grad():
        loss = float(Artifact(settings)(batch))
    assert loss == pytest.approx(float((made.refined * made.residual).mean()) / 3, rel=1e-4)


def test_the_table_holds_every_pixel_of_every_patch(images: list[np.ndarray]) -> None:
    made = maps(*images, window=WINDOW, root=ROOT)
    patch = Patch("baboon", Crop(14, 6, 7, 6), images[0], images[1], made)
    data = table({"A": patch, "B": patch})
    assert len(data) == 2 * 42
    row = data[(data["patch"] == "B") & (data["x"] == 16) & (data["y"] == 9)].iloc[0]
    assert row["refined"] == pytest.approx(made.refined[3, 2], rel=1e-3)
    assert row["image"] == "baboon"

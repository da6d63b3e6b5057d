import numpy as np
import pytest

from sr.metrics.rmse import METRIC, RMSE
from sr.metrics.views import View

VIEW = View("Y", False, 0, "as_stored")


def test_constant_difference_is_the_rmse():
    hr = np.full((8, 8), 50, dtype=np.uint8)
    assert RMSE(VIEW).score(hr + 7, RMSE(VIEW).reference(hr)) == pytest.approx(7.0)


def test_a_sets_value_is_the_root_of_the_mean_mse():
    # The mean of 3 and 4 would be 3.5.
    assert METRIC.pool([3.0, 4.0]) == pytest.approx(12.5**0.5)

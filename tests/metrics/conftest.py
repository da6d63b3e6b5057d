"""Tests of metrics on networks make up the weights, which no catalogue knows."""

import pytest


@pytest.fixture(autouse=True)
def made_up_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights are taken as they are; that real ones are held against their hash, tests/data tests."""
    monkeypatch.setattr("sr.metrics.deep_features.require_stated", lambda _name, _path: None)

"""What every test stands on: a user's folder of its own, and one hypothesis profile."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("check", deadline=None, derandomize=True, max_examples=25)
settings.register_profile(
    "soak",
    deadline=None,
    max_examples=5_000,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("check")


@pytest.fixture(autouse=True)
def user_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Move the user's data folder away from the real one; it does not exist yet."""
    home = tmp_path / "perfeval-home"
    monkeypatch.setenv("PERFEVAL_HOME", str(home))
    return home

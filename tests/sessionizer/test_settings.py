"""Settings that do not go together are refused at the start."""

import pytest
from pydantic import ValidationError

from sessionizer.settings import Settings


def test_a_partition_is_not_called_stuck_before_its_tick_can_come() -> None:
    Settings(tick_ms=20_000, stuck_after_ms=60_000)
    with pytest.raises(ValidationError, match="three times tick_ms"):
        Settings(tick_ms=20_001, stuck_after_ms=60_000)

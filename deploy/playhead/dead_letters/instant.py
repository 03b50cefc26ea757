"""Instants as a person writes and reads them. Pure: what time it is now is handed in."""

import re
from datetime import UTC, datetime

_AGO = re.compile(r"(\d+)(s|m|h|d)")
_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def instant(text: str, now_ms: int) -> int:
    """In ms since the epoch: "90m", "2h", "3d" before now, or an ISO date or time (UTC where it has no zone).

    Raises:
        ValueError: it is neither.
    """
    if (ago := _AGO.fullmatch(text)) is not None:
        return now_ms - int(ago[1]) * _UNIT_MS[ago[2]]
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time; say how long ago, as 90m, 2h, 3d, or when, as 2026-07-01T12:00"
        ) from None
    return int((at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp() * 1_000)


def spelt(at_ms: int) -> str:
    """As ISO in UTC, to the ms; the number itself where no calendar has it."""
    try:
        return (
            datetime.fromtimestamp(at_ms / 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{at_ms % 1_000:03}Z"
        )
    except (OverflowError, ValueError, OSError):
        return str(at_ms)

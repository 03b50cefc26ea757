"""Says why a session cannot be played, or not yet (rule 10 of design.md)."""

from typing import Literal

WhyNot = Literal["no_events", "no_meta", "no_full_snapshot"]


def why_not(*, replayable: bool, events: int, landing_url: str) -> WhyNot | None:
    """What is missing; None where it can be played. While a session is active it may still come.

    Args:
        landing_url: where the session's earliest Meta event says it began; empty without one (rule 9).
    """
    if replayable:
        return None
    if not events:
        return "no_events"
    return "no_full_snapshot" if landing_url else "no_meta"

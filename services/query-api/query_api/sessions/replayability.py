"""Says for a person why a session cannot be played, or not yet (rule 10 of design.md)."""

from typing import Literal


def why_not(*, replayable: bool, status: Literal["active", "completed"], missing: int) -> str | None:
    """None where it can be played. `missing` counts the batches known to be missing."""
    if replayable:
        return None
    if status == "active":
        if missing:
            return "Waiting for the start of the recording: a part of it has not arrived yet."
        return "Waiting for the first full picture of the page."
    if missing:
        return (
            "The start of the recording never arrived, so there is no full picture of the page to play from."
        )
    return "The recording holds no full picture of the page to play from."

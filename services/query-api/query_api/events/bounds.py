"""Which part of a window a call asks for, and the places in its order that this means. Pure.

All times are ms since the epoch on the visitor's clock, as events are.
"""

from dataclasses import dataclass

from query_api.events.order import Place
from query_api.problems import Reason, Refusal


@dataclass(frozen=True)
class Bounds:
    at: int | None = None
    """Begin at the last full snapshot not after this, so that it plays."""
    from_at: int | None = None
    """Begin at the first event that is not before this."""
    to_at: int | None = None
    """End before the first event that is not before this."""

    def check(self) -> None:
        """
        Raises:
            Refusal: bad_parameter, where the bounds do not go together.
        """
        if self.at is not None and self.from_at is not None:
            raise Refusal(
                Reason.BAD_PARAMETER,
                "at, from: both say where to begin. `at` begins at a full snapshot, so that it plays; `from` "
                "at exactly that time. Give one of them.",
            )
        start, name = (self.at, "at") if self.from_at is None else (self.from_at, "from")
        if start is not None and self.to_at is not None and self.to_at < start:
            raise Refusal(Reason.BAD_PARAMETER, f"to: it is before {name}, so nothing lies between.")

    @property
    def after(self) -> Place | None:
        """The page comes after this; None where it begins with the window, or with a snapshot."""
        return None if self.from_at is None else _before_all_of(self.from_at)

    @property
    def until(self) -> Place | None:
        return None if self.to_at is None else _before_all_of(self.to_at)

    @property
    def scope(self) -> tuple[str, ...]:
        """What makes two lists of events different ones, for their cursors."""
        return str(self.at), str(self.from_at), str(self.to_at)


EVERYTHING = Bounds()


def _before_all_of(at: int) -> Place:
    """Before every event of this ms and after every one of earlier ones."""
    return Place(at, -2, -1, -1, -1)

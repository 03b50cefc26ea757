"""Who holds the token of a call, whichever kind of token it is."""

from dataclasses import dataclass

from schemas.token import Role


@dataclass(frozen=True)
class Holder:
    name: str
    """For people."""
    tenant: str
    role: Role
    session_id: str | None = None
    """Set where it is a share link's token: it opens nothing but what a replay of this one session needs."""
    until_at: int | None = None
    """ms since the epoch; when the token ends by itself, where it does."""

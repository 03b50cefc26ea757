"""Which call needs what of its caller: one table, and a call that is not in it is refused to everybody.

`guard` keeps it. A HEAD is its GET.
"""

from dataclasses import dataclass
from typing import Literal

from schemas.token import Role

Needs = Literal["nothing", "reader", "admin"]


@dataclass(frozen=True)
class Rule:
    needs: Needs
    shared: bool = False
    """Whether the token of a share link may call it for its own session: what a replay page asks for."""

    def allows(self, role: Role) -> bool:
        """Whether a role is enough. An admin may do all that a reader may."""
        return role == "admin" or self.needs != "admin"


# Who runs the service, and whoever wants to become known to it.
OPEN = Rule("nothing")
READS = Rule("reader")
REPLAYS = Rule("reader", shared=True)
# What a stranger comes to see, or what can no longer be seen, is an admin's to decide.
CHANGES = Rule("admin")

RULES: dict[tuple[str, str], Rule] = {
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/metrics"): OPEN,
    ("POST", "/v1/sign-in"): OPEN,
    ("POST", "/v1/sign-out"): OPEN,
    ("GET", "/v1/me"): READS,
    ("GET", "/v1/connections"): READS,
    ("GET", "/v1/connections/{connection_id}/sessions"): READS,
    ("GET", "/v1/connections/{connection_id}/sessions/stats"): READS,
    ("GET", "/v1/connections/{connection_id}/sessions/friction"): READS,
    ("GET", "/v1/sessions/{session_id}"): REPLAYS,
    ("GET", "/v1/sessions/{session_id}/events"): REPLAYS,
    ("GET", "/v1/sessions/{session_id}/live"): REPLAYS,
    ("GET", "/v1/sessions/{session_id}/export"): READS,
    ("GET", "/v1/sessions/{session_id}/timeline"): REPLAYS,
    ("GET", "/v1/sessions/{session_id}/shares"): READS,
    ("POST", "/v1/sessions/{session_id}/shares"): CHANGES,
    ("DELETE", "/v1/sessions/{session_id}/shares/{share_id}"): CHANGES,
}


def rule_of(method: str, route: str) -> Rule:
    """The rule of a call; `route` is its path as the OpenAPI document writes it.

    Raises:
        LookupError: the call has no rule. It is then answered by nobody: say here what it needs.
    """
    try:
        return RULES["GET" if method == "HEAD" else method, route]
    except KeyError:
        raise LookupError(f"{method} {route} has no rule in {__name__}") from None

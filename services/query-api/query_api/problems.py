"""Every refusal of the query API: its reason, HTTP status and text, in one table.

Services and repositories raise `Refusal`; only `problem_answers` knows how one travels over HTTP.
"""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, Field


class Reason(StrEnum):
    MALFORMED_REQUEST = "malformed_request"
    URL_TOO_LONG = "url_too_long"
    BAD_PARAMETER = "bad_parameter"
    MISSING_TOKEN = "missing_token"  # noqa: S105 - a reason
    UNKNOWN_TOKEN = "unknown_token"  # noqa: S105 - a reason
    ADMIN_NEEDED = "admin_needed"
    SHARING_OFF = "sharing_off"
    UNKNOWN_CONNECTION = "unknown_connection"
    UNKNOWN_SESSION = "unknown_session"
    UNKNOWN_WINDOW = "unknown_window"
    UNKNOWN_SHARE = "unknown_share"
    UNKNOWN_PATH = "unknown_path"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_ACCEPTABLE = "not_acceptable"
    NOT_PLAYABLE = "not_playable"
    TOO_MANY_SHARES = "too_many_shares"
    EXPORT_TOO_LARGE = "export_too_large"
    TOO_MANY_VIEWERS = "too_many_viewers"
    INTERNAL_ERROR = "internal_error"
    CLICKHOUSE_UNAVAILABLE = "clickhouse_unavailable"
    QUERY_TIMEOUT = "query_timeout"
    NOT_READY = "not_ready"
    KEYS_UNAVAILABLE = "keys_unavailable"
    KAFKA_UNAVAILABLE = "kafka_unavailable"


@dataclass(frozen=True)
class Facts:
    status: int
    title: str
    detail: str
    """What is said where the place that refuses has nothing more exact to say."""
    retry_after_s: int | None = None


# What does not exist and what belongs to another tenant get the same answer, byte for byte.
TABLE: dict[Reason, Facts] = {
    Reason.MALFORMED_REQUEST: Facts(400, "It is not a request", "What was sent is not HTTP/1.1."),
    Reason.URL_TOO_LONG: Facts(414, "The URL is too long", "No call needs one of so many characters."),
    Reason.BAD_PARAMETER: Facts(400, "A parameter is not valid", "Correct the parameter and call again."),
    Reason.MISSING_TOKEN: Facts(
        401, "A token is needed", "Send `Authorization: Bearer <token>`, or sign in."
    ),
    Reason.UNKNOWN_TOKEN: Facts(401, "The token is not known", "It was mistyped, or it is no longer valid."),
    # A 403 tells that a thing is there, so it is said only of what is the caller's own tenant's.
    Reason.ADMIN_NEEDED: Facts(
        403, "An admin is needed", "Your token may read, and this is an admin's to do."
    ),
    Reason.SHARING_OFF: Facts(403, "Sharing is off", "This server has no key to sign links with."),
    Reason.UNKNOWN_CONNECTION: Facts(
        404, "There is no such connection", "None of your connections has this id."
    ),
    Reason.UNKNOWN_SESSION: Facts(404, "There is no such session", "None of your sessions has this id."),
    Reason.UNKNOWN_WINDOW: Facts(404, "There is no such window", "The session has no window with this id."),
    Reason.UNKNOWN_SHARE: Facts(
        404, "There is no such share", "The session has no share with this id, or no longer."
    ),
    Reason.UNKNOWN_PATH: Facts(404, "There is nothing here", "No page and no call has this path."),
    Reason.METHOD_NOT_ALLOWED: Facts(
        405, "The method is not allowed", "The header Allow names those that are."
    ),
    Reason.NOT_ACCEPTABLE: Facts(
        406, "There is no such form", "What Accept and Accept-Encoding ask for is not to be had."
    ),
    Reason.NOT_PLAYABLE: Facts(
        409,
        "It cannot be played",
        "No full snapshot with a Meta event before it has arrived; the session says what is missing.",
    ),
    Reason.TOO_MANY_SHARES: Facts(
        409, "There are too many shares", "Revoke some of this session's, or wait until some expire."
    ),
    Reason.EXPORT_TOO_LARGE: Facts(
        413, "It is too large for a page", "A browser would not open it. Ask for NDJSON or JSON."
    ),
    Reason.TOO_MANY_VIEWERS: Facts(
        503,
        "There are too many viewers",
        "No further live stream is opened here now. Call again in a moment.",
        retry_after_s=5,
    ),
    Reason.INTERNAL_ERROR: Facts(500, "Something went wrong here", "The fault is ours; it has been logged."),
    Reason.CLICKHOUSE_UNAVAILABLE: Facts(
        503,
        "The store is not available",
        "ClickHouse does not answer. Call again in a moment.",
        retry_after_s=2,
    ),
    Reason.QUERY_TIMEOUT: Facts(
        503, "The store took too long", "Ask for less, or call again in a moment.", retry_after_s=5
    ),
    Reason.NOT_READY: Facts(
        503, "Not ready yet", "What this call needs is still being read from Kafka.", retry_after_s=2
    ),
    Reason.KEYS_UNAVAILABLE: Facts(
        503,
        "The sign-on's keys are not available",
        "A JWT cannot be checked now: the sign-on does not answer. Call again in a moment.",
        retry_after_s=10,
    ),
    Reason.KAFKA_UNAVAILABLE: Facts(
        503,
        "Kafka does not answer",
        "The change may have been made all the same. Look, and call again in a moment.",
        retry_after_s=2,
    ),
}


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """A call that is refused for one of the reasons of the table."""

    def __init__(self, reason: Reason, detail: str | None = None):
        self.reason = reason
        self.facts = TABLE[reason]
        self.detail = detail or self.facts.detail
        super().__init__(f"{reason}: {self.detail}")


class Problem(BaseModel):
    """The body of every refusal (RFC 9457)."""

    type: str = Field(examples=["urn:playhead:problem:unknown_session"])
    title: str = Field(description="For people; the same for the same reason.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="For people; what exactly was wrong.")
    reason: Reason = Field(description="For programs; one of a closed set.")


def problem_of(refusal: Refusal) -> Problem:
    return Problem(
        type=f"urn:playhead:problem:{refusal.reason}",
        title=refusal.facts.title,
        status=refusal.facts.status,
        detail=refusal.detail,
        reason=refusal.reason,
    )

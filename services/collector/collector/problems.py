"""The refusals: every reason for which a request is turned down, in one closed table.

Pure. The answers, the OpenAPI document and the docs are made from this table (section 4 of design.md).
"""

from dataclasses import dataclass
from enum import Enum

import msgspec

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Row:
    """`title` is for a person; `text` says what they can do about it."""

    status: int
    title: str
    text: str


class Reason(Enum):
    """The name of a member is the `reason` of the answer."""

    malformed_json = Row(
        400,
        "The body cannot be read",
        'Send UTF-8 JSON: an array of rrweb events, {"events": [...]} or an event a line, whole, compressed '
        "as Content-Encoding says.",
    )
    invalid_event = Row(
        400,
        "An event is not an rrweb event",
        "Each event is an object with an integer `type` of 0 to 65535 and a number `timestamp` in ms since "
        "the epoch, not before 1970 or after 2299. `index` tells which one is not.",
    )
    empty_batch = Row(400, "There is no event in the body", "Send at least one event, or nothing at all.")
    bad_parameter = Row(
        400, "A query parameter is missing or wrong", "See the detail, and the parameters in /openapi.json."
    )
    malformed_request = Row(400, "The request is not HTTP", "Speak HTTP/1.1.")
    unknown_key = Row(401, "The write key is unknown", "Take `key` from the connection's settings.")
    origin_not_allowed = Row(
        403,
        "This site may not send to the connection",
        "Add the page's origin to the connection's allowed origins.",
    )
    consent_missing = Row(
        403,
        "The connection records only with consent",
        "Ask the visitor, then send `consent=1`.",
    )
    connection_paused = Row(403, "The connection is paused", "Send nothing until it is resumed.")
    not_found = Row(404, "There is nothing here", "See /openapi.json for what is served.")
    method_not_allowed = Row(405, "The method is not allowed here", "The Allow header names those that are.")
    slow_headers = Row(408, "The headers did not arrive in time", "Send the request again.")
    slow_body = Row(408, "The body did not arrive in time", "Send the batch again, or in smaller ones.")
    batch_too_large = Row(
        413,
        "The batch is too large",
        "Send fewer events in a batch. The limits are on the compressed body, the decompressed body, the "
        "number of events and the record in the log.",
    )
    unsupported_encoding = Row(
        415,
        "The body's type or encoding is not supported",
        "Content-Type: application/json, application/x-ndjson or text/plain. Content-Encoding: identity, "
        "gzip, deflate or zstd.",
    )
    rate_limited = Row(
        429,
        "The connection sends too much",
        "Nothing was read. Send the same batch with the same seq again after Retry-After seconds.",
    )
    headers_too_large = Row(
        431, "The headers are too large", "Send less of them: they are cookies or a long address, mostly."
    )
    internal_error = Row(500, "The collector failed", "This is a fault of the collector; its log says more.")
    broker_unavailable = Row(
        503,
        "The log cannot be written now",
        "Send the same batch with the same seq again after Retry-After seconds. It may have arrived.",
    )
    overloaded = Row(
        503,
        "Too many bytes are on their way",
        "Nothing was written. Send the same batch with the same seq again after Retry-After seconds.",
    )

    @property
    def status(self) -> int:
        return self.value.status


CLOSING = frozenset(
    {Reason.slow_body, Reason.slow_headers, Reason.headers_too_large, Reason.malformed_request}
)
"""After these the socket is closed: where the next request would begin is not known."""


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """A request is turned down; `detail` tells the particulars and never holds payload."""

    def __init__(
        self, reason: Reason, detail: str, *, index: int | None = None, retry_after_s: int | None = None
    ):
        super().__init__(f"{reason.name}: {detail}")
        self.reason = reason
        self.detail = detail
        self.index = index
        self.retry_after_s = retry_after_s
        """Where the refusal itself knows when to come again."""


class Problem(msgspec.Struct, omit_defaults=True):
    """The body of a refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    reason: str
    index: int | None = None
    """Position of the event in the batch, from 0; only with invalid_event."""


_encode = msgspec.json.Encoder().encode


def body_of(refused: Refused) -> bytes:
    """The problem document of a refusal."""
    row = refused.reason.value
    return _encode(
        Problem(
            type=f"urn:playhead:problem:{refused.reason.name}",
            title=row.title,
            status=row.status,
            detail=refused.detail,
            reason=refused.reason.name,
            index=refused.index,
        )
    )


def headers_of(refused: Refused, retry_after_s: int, challenge: bytes = b"Key") -> list[tuple[bytes, bytes]]:
    """The headers of a refusal, but for CORS and the length.

    Args:
        challenge: how a key is given here, for a 401: `Key` in the query, `Bearer` in a header.
    """
    headers = [(b"content-type", MEDIA_TYPE.encode())]
    if refused.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % refused.retry_after_s))
    elif refused.reason.status in (429, 503):
        headers.append((b"retry-after", b"%d" % retry_after_s))
    elif refused.reason.status == 401:
        headers.append((b"www-authenticate", challenge))
    elif refused.reason in CLOSING:
        headers.append((b"connection", b"close"))
    return headers

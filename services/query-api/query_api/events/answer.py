"""How a stream of events travels over HTTP: in what form, kept by whom, and cut off when nobody takes it."""

from collections.abc import Mapping
from hashlib import blake2s
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from query_api import metrics
from query_api.events.forms import MEDIA_TYPES
from query_api.negotiation import media_type
from query_api.patient_response import PatientResponse, Pieces
from query_api.problems import Reason, Refusal
from query_api.sessions.repository import RecordedSessionRow


def form_of(request: Request) -> str:
    """The media type that the call asks for.

    Raises:
        Refusal: not_acceptable.
    """
    accepts = request.headers.getlist("accept")
    chosen = media_type(",".join(accepts) if accepts else None, MEDIA_TYPES)
    if chosen is None:
        raise Refusal(Reason.NOT_ACCEPTABLE, f"Accept: there is {' and '.join(MEDIA_TYPES)}.")
    return chosen


def caching(session: RecordedSessionRow, *what: object) -> dict[str, str]:
    """A completed session seldom changes, but a late batch is added to it (rule 5): so it may be kept, and
    must be asked for again with its ETag, which costs one look-up.

    Args:
        what: all that the answer's text depends on beside the session's version.
    """
    headers = {"Vary": "Accept"}
    if session.status != "completed":
        return headers | {"Cache-Control": "no-store"}
    digest = blake2s(repr((session.session_id, session.version, *what)).encode(), digest_size=12)
    # Weak, as the same answer travels compressed in different ways.
    return headers | {"Cache-Control": "private, no-cache", "ETag": f'W/"{digest.hexdigest()}"'}


def unchanged(request: Request, headers: Mapping[str, str]) -> Response | None:
    """The 304, where the caller holds this answer (RFC 9110: compared without regard to W/)."""
    etag = headers.get("ETag")
    if etag is None:
        return None
    held = [
        tag.strip().removeprefix("W/")
        for tag in ",".join(request.headers.getlist("if-none-match")).split(",")
    ]
    if etag.removeprefix("W/") not in held and "*" not in held:
        return None
    return Response(status_code=304, headers={**headers, "Vary": "Accept, Accept-Encoding"})


def link_to_next(request: Request, cursor: str | None) -> dict[str, str]:
    """The Link header that leads to the page of `cursor`: the same call with it (RFC 8288)."""
    if cursor is None:
        return {}
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return {"Link": f'<{request.url.path}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'}


class HeadResponse(Response):
    """What a GET would say before its body, which would come in pieces: so its length is not known."""

    def __init__(self, headers: Mapping[str, str], form: str) -> None:
        super().__init__(headers=headers, media_type=form)
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        await send({"type": "http.response.body", "body": b""})


class EventsResponse(PatientResponse):
    """Events in pieces, which gives up on a client that takes nothing, for it holds a query open."""

    def __init__(self, stream: Pieces, headers: Mapping[str, str], form: str, stall_timeout_ms: int) -> None:
        super().__init__(stream, headers, form, stall_timeout_ms)

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        except TimeoutError:
            metrics.EVENT_PAGES_BROKEN.labels("client_stalled").inc()
            raise
        except Refusal as refusal:
            # The answer has begun; all that is left is to break it off where the client sees it.
            metrics.EVENT_PAGES_BROKEN.labels(str(refusal.reason)).inc()
            raise

"""Answer a request of a raw ASGI endpoint: what it made, or the refusal, from the one closed table.

Knows ASGI, CORS and the table; nothing of what the endpoint does. Every answer carries CORS headers and a
JSON body, because a page that may not read an answer drops what it sent.
"""

import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import structlog
from starlette.types import Receive, Scope, Send

from collector import cors, metrics
from collector.access import ACCESS
from collector.body import ClientGone
from collector.problems import Reason, Refused, body_of, headers_of
from schemas.envelope import Batch

log = structlog.get_logger(__name__)

_ACCEPTED = metrics.REQUESTS.labels("accepted")

Headers = dict[bytes, bytes]
"""Of a request, names in lower case; of one given twice, the last."""


class Answer(msgspec.Struct, frozen=True, gc=False):
    status: int
    body: bytes
    headers: Sequence[tuple[bytes, bytes]] = ((b"content-type", b"application/json"),)
    """But for those of CORS and the length."""


def accepted(batch: Batch) -> Answer:
    """The broker has it."""
    return Answer(202, b'{"accepted":%d,"batch":"%s"}' % (batch.events, batch.batch_id.hex().encode()))


Endpoint = Callable[[Scope, Headers, Receive], Awaitable[Answer]]
"""Takes a request. What it cannot take it raises as Refused; ClientGone is not answered."""


async def answer(
    endpoint: Endpoint,
    scope: Scope,
    receive: Receive,
    send: Send,
    retry_after_s: int,
    challenge: bytes = b"Key",
) -> None:
    """Ask the endpoint, count the outcome and send the answer, whatever happens.

    Args:
        challenge: what a 401 asks for (see `headers_of`).
    """
    headers: Headers = dict(scope["headers"])
    began_s = time.perf_counter()
    try:
        made = await endpoint(scope, headers, receive)
        _ACCEPTED.inc()
        ACCESS.accepted(made.status, (time.perf_counter() - began_s) * 1_000)
    except ClientGone:
        metrics.REQUESTS.labels("client_gone").inc()
        return
    except Exception as error:  # noqa: BLE001 - `refused_for` logs what is a fault of ours
        made = _refusal(error, retry_after_s, challenge, began_s)
    sent_headers = [
        *made.headers,
        *cors.headers(headers.get(b"origin")),
        (b"content-length", b"%d" % len(made.body)),
    ]
    await send({"type": "http.response.start", "status": made.status, "headers": sent_headers})
    await send({"type": "http.response.body", "body": made.body})
    metrics.ANSWERED_BYTES.inc(len(made.body))


def _refusal(error: Exception, retry_after_s: int, challenge: bytes, began_s: float) -> Answer:
    # Not in `answer`: a name of its frame for the error, whose traceback holds that frame, would be a cycle
    # that keeps the body and what it was decompressed to until the next garbage collection.
    refused = refused_for(error)
    name, status = refused.reason.name, refused.reason.status
    metrics.REQUESTS.labels(name).inc()
    ACCESS.refused(name, status, (time.perf_counter() - began_s) * 1_000, refused.detail)
    return Answer(status, body_of(refused), headers_of(refused, retry_after_s, challenge))


def refused_for(error: Exception) -> Refused:
    """What a client is told of this error. A fault of ours is logged whole, and its answer says no more."""
    if isinstance(error, Refused):
        return error
    log.error("a batch could not be handled", exc_info=error)
    return Refused(Reason.internal_error, "the batch was not written; the fault has been logged")

"""`POST /v1/batches`, the hot path: raw ASGI, a list of named steps from request to acknowledgement."""

import time

from starlette.types import Receive, Scope, Send

from collector import metrics
from collector.admit import check_sender
from collector.answer import Answer, Headers, accepted, answer
from collector.intake import Intake
from collector.parameters import check_media_type, content_encoding, parse
from collector.seal import seal

PATH = "/v1/batches"


class Ingest:
    """The ASGI endpoint."""

    def __init__(self, intake: Intake):
        self._intake = intake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await answer(self._accept, scope, receive, send, self._intake.retry_after_s)

    async def _accept(self, scope: Scope, headers: Headers, receive: Receive) -> Answer:
        """Take a batch; the number of its events and its id once the broker has it."""
        intake = self._intake
        parameters = parse(scope["query_string"])
        connection = intake.connection_of(parameters.key)
        check_sender(connection, parameters, intake.origin_of(headers))
        check_media_type(headers.get(b"content-type", b""))
        encoding = content_encoding(headers.get(b"content-encoding", b""), parameters.encoding)
        body, prepared = await intake.receive(
            connection, headers, receive, encoding, numbered=parameters.seq is not None
        )
        batch = seal(
            connection,
            parameters,
            prepared,
            received_at=time.time_ns() // 1_000_000,
            user_agent=intake.user_agent_of(headers),
            country=intake.country_of(headers),
        )
        await intake.write(batch)
        if prepared.payload is not body:
            metrics.REFRAMED.inc()
        return accepted(batch)

"""`POST /recordings/{id}/events`: what the official client could not send over its socket, an event a line.

Its source (2.1.0): it posts while its first socket does not open (every 5 s), when the page is hidden,
and each event over 10^6 characters by itself. A loop that needs several requests sends the earlier events
again in each, and a refused post puts its events back, so the same event comes in different company: its
hash tells.
"""

import time

from starlette.types import Receive, Scope, Send

from collector import metrics
from collector.admit import check_sender
from collector.answer import Answer, Headers, accepted, answer
from collector.intake import Intake
from collector.official_client.address import of_post
from collector.official_client.facts import facts_of_lines
from collector.official_client.windows import Windows
from collector.parameters import check_media_type, content_encoding
from collector.problems import Reason, Refused
from collector.seal import seal


class Posts:
    """The ASGI endpoint."""

    def __init__(self, intake: Intake, windows: Windows):
        self._intake = intake
        self._windows = windows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await answer(self._accept, scope, receive, send, self._intake.retry_after_s, challenge=b"Bearer")

    async def _accept(self, scope: Scope, headers: Headers, receive: Receive) -> Answer:
        intake = self._intake
        address = of_post(scope["path"], scope["query_string"], headers.get(b"authorization", b""))
        connection = intake.connection_of(address.key)
        window = self._windows.of_post((connection.id, address.recording), address.recording)
        check_sender(connection, address.parameters(window, final=False), intake.origin_of(headers))
        check_media_type(headers.get(b"content-type", b""))
        if content_encoding(headers.get(b"content-encoding", b""), "") != "identity":
            raise Refused(Reason.unsupported_encoding, "a recording's events are taken uncompressed")
        body, prepared = await intake.receive(connection, headers, receive, "identity", numbered=False)
        facts = facts_of_lines(body)
        batch = seal(
            connection,
            address.parameters(window, final=facts.ends),
            prepared,
            received_at=time.time_ns() // 1_000_000,
            user_agent=intake.user_agent_of(headers),
            country=intake.country_of(headers),
            visitor_id=facts.visitor_id,
        )
        await intake.write(batch)
        if prepared.payload is not body:
            metrics.REFRAMED.inc()
        return accepted(batch)

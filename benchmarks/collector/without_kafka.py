"""Our collector, its records acknowledged at once, or the bare server under it; settings as ever.

`python -m benchmarks.collector.without_kafka whole KEY` and `… bare KEY`. All else is the collector's own.
"""

import asyncio
import sys

from starlette.types import Receive, Scope, Send

import collector.__main__ as program
from collector import app
from schemas.connection import Connection, ConnectionBook, encode


class AcknowledgesAtOnce:
    """In place of `collector.publish.Publisher`."""

    up = True

    def __init__(self, *_: object, **__: object) -> None:
        pass

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def publish(self, key: bytes, value: bytes, at_ms: int) -> None:
        pass


class KnowsOneConnection:
    """In place of `collector.connections.ConnectionReader`."""

    caught_up = True
    book = ConnectionBook()

    def __init__(self, *_: object, **__: object) -> None:
        pass

    async def run(self) -> None:
        await asyncio.Event().wait()


class BareServer:
    """Reads a body and answers it: what uvicorn takes by itself."""

    def __init__(self, rest: app.Dispatch) -> None:
        self._rest = rest
        self.open_sockets = rest.open_sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._rest(scope, receive, send)
            return
        while (await receive()).get("more_body"):
            pass
        answer = b'{"accepted":0,"batch":"00000000000000000000000000000000"}'
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 202, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


def main(kind: str, key: str) -> None:
    connection = Connection(id="bench", tenant="bench", name="Bench", created_at=0, write_keys=(key,))
    KnowsOneConnection.book.apply(b"bench", encode(connection))
    for name, instead in (("Publisher", AcknowledgesAtOnce), ("ConnectionReader", KnowsOneConnection)):
        setattr(app, name, instead)
    whole = program.build
    if kind == "bare":
        program.build = lambda settings, stop: BareServer(whole(settings, stop))
    program.main()


if __name__ == "__main__":
    main(*sys.argv[1:])

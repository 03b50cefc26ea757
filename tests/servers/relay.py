"""A relay between clients and a broker that can lose what the broker answers."""

import asyncio
import contextlib
from collections import deque
from typing import Self

PRODUCE = 0
"""The API key of the Kafka protocol's Produce requests."""
_SIZE_BYTES = 4


class Relay:
    """Clients connect to its port as if it were the broker's."""

    def __init__(self, port: int, broker_port: int) -> None:
        self._port = port
        self._broker_port = broker_port
        self._server: asyncio.Server | None = None
        self._to_lose = 0
        self.lost = 0
        """Answers to Produce requests that no client saw."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    def lose(self, answers: int) -> None:
        """Cut the connection instead of handing on the next answers to Produce requests."""
        self._to_lose = answers

    async def _relay(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            broker, to_broker = await asyncio.open_connection("127.0.0.1", self._broker_port)
        except OSError:
            to_client.transport.abort()
            return
        # A broker answers the requests of a connection in their order.
        asked: deque[int] = deque()
        both = [
            asyncio.ensure_future(self._requests(client, to_broker, asked)),
            asyncio.ensure_future(self._answers(broker, to_client, asked)),
        ]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for one in both:
            one.cancel()
        to_client.transport.abort()
        to_broker.transport.abort()
        await asyncio.gather(*both, return_exceptions=True)

    async def _requests(
        self, client: asyncio.StreamReader, to_broker: asyncio.StreamWriter, asked: deque[int]
    ) -> None:
        while (frame := await _frame(client)) is not None:
            asked.append(int.from_bytes(frame[_SIZE_BYTES : _SIZE_BYTES + 2]))
            to_broker.write(frame)
            await to_broker.drain()

    async def _answers(
        self, broker: asyncio.StreamReader, to_client: asyncio.StreamWriter, asked: deque[int]
    ) -> None:
        while (frame := await _frame(broker)) is not None:
            if asked.popleft() == PRODUCE and self._to_lose:
                self._to_lose -= 1
                self.lost += 1
                return
            to_client.write(frame)
            await to_client.drain()


async def _frame(reader: asyncio.StreamReader) -> bytes | None:
    """With its size before it; None at the end, in the middle of a frame too."""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        size = await reader.readexactly(_SIZE_BYTES)
        return size + await reader.readexactly(int.from_bytes(size))
    return None

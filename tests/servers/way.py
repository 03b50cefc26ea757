"""A way to a server that a test can block: it hangs, or refuses, while the server itself goes on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

CHUNK_BYTES = 64 * 1024


class Way:
    """A port that leads to another. Open until it is told otherwise."""

    def __init__(self, to_url: str) -> None:
        to = urlsplit(to_url)
        assert to.hostname is not None
        assert to.port is not None
        self._to = to.hostname, to.port
        self._open = asyncio.Event()
        self._open.set()
        self._refuses = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._delay_s = 0.0
        self.url = ""

    def hang(self) -> None:
        """Whoever sends anything waits for an answer, and so do those who connect."""
        self._open.clear()

    def refuse(self) -> None:
        """Cut all connections, and each new one."""
        self._refuses = True
        self._cut()

    def slow(self, delay_s: float) -> None:
        """What is sent goes on only after so long."""
        self._delay_s = delay_s

    def open(self) -> None:
        self._refuses = False
        self._delay_s = 0.0
        self._open.set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            writer.transport.abort()
            return
        there_reader, there_writer = await asyncio.open_connection(*self._to)
        ends = {writer, there_writer}
        self._writers |= ends
        try:
            await asyncio.gather(self._there(reader, there_writer), _forward(there_reader, writer))
        finally:
            self._writers -= ends
            for each in ends:
                each.close()

    async def _there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(CHUNK_BYTES):
                await asyncio.sleep(self._delay_s)
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        writer.close()

    def _cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def a_way_to(url: str) -> AsyncIterator[Way]:
    way = Way(url)
    server = await asyncio.start_server(way.accept, "127.0.0.1", 0)
    way.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield way
    finally:
        server.close()
        way.open()
        way._cut()

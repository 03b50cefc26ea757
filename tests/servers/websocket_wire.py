"""The client's end of a WebSocket, frame by frame: a test decides when what is sent and what is answered."""

import asyncio
from typing import Self

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

WAIT_S = 30


class Wire:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, protocol: ClientProtocol):
        self._reader = reader
        self._writer = writer
        self._protocol = protocol
        self._events: list[object] = []

    @classmethod
    async def open(cls, url: str, origin: str | None = None) -> tuple[Self, Response]:
        """Ask for a socket at a ws:// address; the answer is a 101 where there is one."""
        uri = parse_uri(url)
        reader, writer = await asyncio.open_connection(uri.host, uri.port)
        wire = cls(reader, writer, ClientProtocol(uri))
        request = wire._protocol.connect()
        if origin is not None:
            request.headers["Origin"] = origin
        wire._protocol.send_request(request)
        await wire._flush()
        answer = await wire._next()
        assert isinstance(answer, Response)
        return wire, answer

    async def text(self, *messages: bytes) -> None:
        for message in messages:
            self._protocol.send_text(message)
        await self._flush()

    async def binary(self, message: bytes) -> None:
        self._protocol.send_binary(message)
        await self._flush()

    async def close(self) -> None:
        """Say that nothing more comes, and wait until the server has taken all that was said."""
        self._protocol.send_close()
        await self._flush()
        while (await self.frame()).opcode is not Opcode.CLOSE:
            pass
        self.cut()

    async def half_a_text(self, message: bytes) -> None:
        """A message's frame, and then not all of it."""
        self._protocol.send_text(message)
        whole = b"".join(self._protocol.data_to_send())
        self._writer.write(whole[: len(whole) // 2])
        await self._writer.drain()

    async def frame(self) -> Frame:
        """The next frame that the server sends; a close is not answered before `answer_close`."""
        frame = await self._next()
        assert isinstance(frame, Frame)
        return frame

    async def text_before_close_is_answered(self, *messages: bytes) -> None:
        """As a browser whose page has not learned of the server's close yet."""
        for message in messages:
            header_and_data = Frame(Opcode.TEXT, message).serialize(mask=True)
            self._writer.write(header_and_data)
        await self._writer.drain()

    async def answer_close(self) -> None:
        await self._flush()

    def cut(self) -> None:
        self._writer.transport.abort()

    async def _next(self) -> object:
        async with asyncio.timeout(WAIT_S):
            while not self._events:
                data = await self._reader.read(65_536)
                if data:
                    self._protocol.receive_data(data)
                else:
                    self._protocol.receive_eof()
                self._events += self._protocol.events_received()
                if not data and not self._events:
                    raise ConnectionError("the server closed the connection")
        return self._events.pop(0)

    async def _flush(self) -> None:
        self._writer.write(b"".join(self._protocol.data_to_send()))
        await self._writer.drain()

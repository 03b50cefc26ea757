"""What a socket holds of a message that has not come to its end, and what that costs."""

import asyncio

import pytest
import uvicorn
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from collector.admit import BytesInFlight
from collector.official_client.protocol import protocol_counting

FRAMES = 2_000
WAIT_S = 30
ADDRESS = parse_uri("ws://shop.example/recordings/r/events/ws")


class Transport(asyncio.Transport):
    def __init__(self):
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data):
        self.written += data

    def close(self):
        self.closed = True

    def is_closing(self):
        return self.closed

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass


class Socket:
    """An accepted socket whose client sends frames, each in a chunk of its own."""

    def __init__(self, most_bytes=10**9):
        self.unfinished = BytesInFlight(most_bytes)
        self.looked_at = 0
        """Pieces of messages that were handed out, in all."""
        self.received = []
        self.accepted = asyncio.Event()
        self.ended = asyncio.Event()
        config = uvicorn.Config(self.app, interface="asgi3", log_config=None)
        config.load()
        self.protocol = counting_pieces(self)(config, ServerState(), {})
        self.transport = Transport()
        self.protocol.connection_made(self.transport)

    async def app(self, scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "welcome"})
        await send({"type": "websocket.send", "text": "welcome"})
        self.accepted.set()
        while (message := await receive())["type"] == "websocket.receive":
            self.received.append(message)
        self.ended.set()

    async def open(self, client=None):
        client = client or ClientProtocol(ADDRESS)
        client.send_request(client.connect())
        self.protocol.data_received(b"".join(client.data_to_send()))
        await asyncio.wait_for(self.accepted.wait(), WAIT_S)
        return self

    def frame(self, opcode, data, *, fin=False):
        self.protocol.data_received(Frame(opcode, data, fin=fin).serialize(mask=True))

    async def end(self):
        self.protocol.connection_lost(None)
        await asyncio.wait_for(self.ended.wait(), WAIT_S)


def counting_pieces(socket):
    class Counting(protocol_counting(socket.unfinished)):
        @property
        def frames(self):
            socket.looked_at += len(self.pieces)
            return self.pieces

        @frames.setter
        def frames(self, pieces):
            self.pieces = pieces

    return Counting


@pytest.mark.parametrize("data", [b"x", b""])
async def test_work_grows_with_the_frames_of_a_message_not_with_their_square(data):
    socket = await Socket().open()
    socket.frame(Opcode.TEXT, b"begun")
    for _ in range(FRAMES):
        socket.frame(Opcode.CONT, data)
    assert socket.looked_at < 10 * FRAMES
    assert len(socket.protocol.pieces) == 1
    assert socket.unfinished.now_bytes == len(b"begun") + FRAMES * len(data)
    await socket.end()
    assert socket.unfinished.now_bytes == 0


@pytest.mark.parametrize(
    ("opcode", "name", "made"), [(Opcode.TEXT, "text", bytes.decode), (Opcode.BINARY, "bytes", bytes)]
)
async def test_a_message_in_many_frames_is_the_same_message(opcode, name, made):
    socket = await Socket().open()
    parts = ["ü😀".encode()[at : at + 1] for at in range(6)]
    for _ in range(2):
        socket.frame(opcode, parts[0])
        for part in parts[1:]:
            socket.frame(Opcode.CONT, part)
        socket.frame(Opcode.CONT, b"", fin=True)
        assert socket.unfinished.now_bytes == 0
    socket.frame(opcode, b"whole", fin=True)
    await socket.end()
    assert [message[name] for message in socket.received] == [made(b"".join(parts))] * 2 + [made(b"whole")]
    assert {type(message[name]) for message in socket.received} == {type(made(b""))}


async def test_a_message_that_grows_over_the_limit_ends_its_socket():
    socket = await Socket(most_bytes=FRAMES).open()
    socket.frame(Opcode.TEXT, b"")
    for _ in range(FRAMES):
        socket.frame(Opcode.CONT, b"x")
    assert not socket.transport.closed
    socket.frame(Opcode.CONT, b"x")
    assert socket.transport.closed
    await socket.end()
    assert socket.unfinished.now_bytes == 0


async def test_what_is_sent_is_compressed_and_the_socket_holds_no_compressor():
    client = ClientProtocol(ADDRESS, extensions=[ClientPerMessageDeflateFactory(client_max_window_bits=True)])
    socket = await Socket().open(client)
    client.receive_data(socket.transport.written)
    answer, *said = client.events_received()
    assert "server_no_context_takeover" in answer.headers["Sec-WebSocket-Extensions"]
    assert [bytes(frame.data) for frame in said] == [b"welcome"] * 2
    texts = [f'{{"type":3,"timestamp":{number}}}' * 20 for number in range(3)]
    for text in texts:
        client.send_text(text.encode())
    sent = b"".join(client.data_to_send())
    assert len(sent) < len("".join(texts)) / 4
    socket.protocol.data_received(sent)
    await socket.end()
    assert [message["text"] for message in socket.received] == texts

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from backports.zstd import decompress
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from query_api.compression import SMALLEST_BYTES, Compression, accepted

Ask = Callable[[str], bytes]
TEXT = b'{"type":3,"timestamp":1},' * 5_000
UNPACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "zstd": decompress}


async def answer(app: ASGIApp, accept_encoding: str | None) -> tuple[dict[str, str], list[bytes]]:
    """Headers, and the bodies of the messages as they were sent."""
    headers: dict[str, str] = {}
    bodies: list[bytes] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers.update({name.decode(): value.decode() for name, value in message["headers"]})
        elif message["type"] == "http.response.body":
            bodies.append(message.get("body", b""))

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    sent = [] if accept_encoding is None else [(b"accept-encoding", accept_encoding.encode())]
    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": sent,
        "asgi": {"spec_version": "2.4"},
    }
    await Compression(app)(scope, receive, send)
    return headers, bodies


def whole(media_type: str = "application/json", body: bytes = TEXT) -> ASGIApp:
    return Response(body, media_type=media_type)


def streamed(pieces: int) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def coming():  # type: ignore[no-untyped-def]
            for _ in range(pieces):
                yield TEXT

        await StreamingResponse(coming(), media_type="application/json")(scope, receive, send)

    return app


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip;q=0.8", "gzip"),
        ("zstd;q=0, gzip;q=0", None),
        ("*", "zstd"),
        ("*;q=0.1, zstd;q=0", "gzip"),
        ("GZIP", "gzip"),
        ("gzip;q=nonsense", None),
    ],
)
def test_the_best_encoding_that_is_accepted(header: str, encoding: str | None) -> None:
    assert accepted(header) == encoding


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_a_whole_answer_is_compressed_and_says_its_length(encoding: str) -> None:
    headers, bodies = await answer(whole(), encoding)

    assert headers["content-encoding"] == encoding
    assert int(headers["content-length"]) == len(b"".join(bodies)) < len(TEXT)
    assert UNPACK[encoding](b"".join(bodies)) == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_a_streamed_answer_is_one_compressed_stream(encoding: str) -> None:
    headers, bodies = await answer(streamed(3), encoding)

    assert headers["content-encoding"] == encoding
    assert "content-length" not in headers
    assert UNPACK[encoding](b"".join(bodies)) == TEXT * 3


async def test_the_length_of_a_file_that_is_sent_in_pieces_is_not_said_of_its_compressed_form(
    tmp_path: Path,
) -> None:
    file = tmp_path / "index.js"
    file.write_bytes(TEXT * 10)

    headers, bodies = await answer(FileResponse(file), "gzip")

    assert len(bodies) > 1
    assert "content-length" not in headers
    assert gzip.decompress(b"".join(bodies)) == TEXT * 10


async def test_each_piece_of_a_streamed_answer_can_be_read_at_once() -> None:
    _, bodies = await answer(streamed(3), "gzip")
    reader = zlib.decompressobj(31)

    assert [reader.decompress(body) for body in bodies[:3]] == [TEXT] * 3


@pytest.mark.parametrize(
    ("app", "accept_encoding"),
    [
        (whole(), None),
        (whole(), "br"),
        (whole("image/png"), "gzip"),
        (whole(body=TEXT[: SMALLEST_BYTES - 1]), "gzip"),
    ],
)
async def test_what_gains_nothing_or_is_not_asked_for_stays_as_it_is(
    app: ASGIApp, accept_encoding: str | None
) -> None:
    headers, bodies = await answer(app, accept_encoding)

    assert "content-encoding" not in headers
    assert TEXT.startswith(b"".join(bodies))


@pytest.mark.parametrize("accept_encoding", [None, "gzip"])
async def test_caches_are_told_that_the_answer_depends_on_what_is_accepted(
    accept_encoding: str | None,
) -> None:
    headers, _ = await answer(whole(), accept_encoding)

    assert headers["vary"] == "Accept-Encoding"

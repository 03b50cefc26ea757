import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from backports.zstd import decompress
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from query_api.compression import SMALLEST_BYTES, Compression

Ask = Callable[[str], bytes]
TEXT = b'{"type":3,"timestamp":1},' * 5_000
UNPACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "zstd": decompress}


async def answer(
    app: ASGIApp, accept_encoding: str | None, method: str = "GET"
) -> tuple[dict[str, str], list[bytes]]:
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
        "method": method,
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


@pytest.mark.parametrize("app", [whole(), streamed(3)])
async def test_gzip_is_one_member_for_browsers_drop_the_others(app: ASGIApp) -> None:
    _, bodies = await answer(app, "gzip")
    reader = zlib.decompressobj(31)

    reader.decompress(b"".join(bodies))

    assert reader.eof
    assert reader.unused_data == b""


@pytest.mark.parametrize("accept_encoding", ["zstd", "gzip", "identity"])
@pytest.mark.parametrize("pieces", [1, 3])
async def test_a_head_says_what_a_get_would_and_sends_nothing(accept_encoding: str, pieces: int) -> None:
    said, _ = await answer(streamed(pieces), accept_encoding)
    headers, bodies = await answer(streamed(pieces), accept_encoding, "HEAD")

    assert headers == said
    assert b"".join(bodies) == b""


async def test_where_not_even_identity_is_accepted_the_refusal_says_what_there_is() -> None:
    headers, bodies = await answer(whole(), "br, *;q=0")

    assert headers["content-type"] == "application/problem+json"
    problem = json.loads(b"".join(bodies))
    assert (problem["status"], problem["reason"]) == (406, "not_acceptable")
    assert "zstd, gzip and identity" in problem["detail"]


async def test_lines_of_json_are_compressed_like_json() -> None:
    headers, _ = await answer(whole("application/x-ndjson"), "zstd")

    assert headers["content-encoding"] == "zstd"

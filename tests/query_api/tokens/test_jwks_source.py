"""The JWKS document from where it is: whole, small, in time, and from nowhere else."""

import gzip
from pathlib import Path

import aiohttp
import pytest

from query_api.tokens.jwks_source import MAX_BYTES, from_file, from_url
from tests.query_api.tokens.sign_on_server import serving
from tests.query_api.tokens.signer import Signer

LONG_MS = 30_000


async def test_a_document_is_fetched() -> None:
    async with serving() as server:
        server.publish(Signer())
        assert await from_url(server.url, LONG_MS)() == server.content


@pytest.mark.parametrize("status", [204, 301, 302, 307, 404, 500])
async def test_any_other_status_is_no_document_and_a_redirect_is_not_followed(status: int) -> None:
    async with serving() as server, serving() as elsewhere:
        server.status, server.headers = status, {"Location": elsewhere.url}
        with pytest.raises(ValueError, match=str(status)):
            await from_url(server.url, LONG_MS)()
        assert elsewhere.asked == 0


async def test_a_document_that_has_no_end_is_given_up() -> None:
    async with serving() as server:
        server.content = b"x" * (MAX_BYTES + 1)
        with pytest.raises(ValueError, match="larger"):
            await from_url(server.url, LONG_MS)()


async def test_a_small_document_that_was_compressed_to_be_huge_is_given_up() -> None:
    async with serving() as server:
        server.content = gzip.compress(b" " * (64 * MAX_BYTES))
        server.headers = {"Content-Encoding": "gzip"}
        with pytest.raises((ValueError, aiohttp.ClientError)):
            await from_url(server.url, LONG_MS)()


async def test_a_server_that_does_not_answer_is_given_up() -> None:
    async with serving() as server:
        server.may_answer.clear()
        with pytest.raises(TimeoutError):
            await from_url(server.url, 100)()


async def test_a_server_that_is_not_there() -> None:
    with pytest.raises(aiohttp.ClientError):
        await from_url("http://127.0.0.1:1/jwks", LONG_MS)()


async def test_a_document_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    with pytest.raises(OSError, match="jwks"):
        await from_file(file)()

    file.write_bytes(b"{}")
    assert await from_file(file)() == b"{}"

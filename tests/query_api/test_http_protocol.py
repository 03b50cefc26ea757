"""What the app never sees, on a real socket: each answer is a problem, and the process lives on."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from query_api.app import create_app
from query_api.http_protocol import MOST_URL_BYTES, ProblemProtocol
from query_api.problems import TABLE, Reason, Refusal, problem_of
from query_api.response_headers import ALWAYS
from query_api.settings import Settings
from tests.servers.query_api import QueryApi
from tests.servers.waiting import run

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]

Answer = tuple[int, dict[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryApi]:
    api = QueryApi(tmp_path_factory.mktemp("query-api"))
    try:
        run(api.alive())
        yield api
    finally:
        run(api.process.kill())


async def sent(api: QueryApi, request: bytes) -> Answer:
    """The status, headers and body of the answer on a socket of its own, which is at its end then."""
    host, _, port = api.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request)
        await writer.drain()
        return read(await reader.read())
    finally:
        writer.close()


def read(answer: bytes) -> Answer:
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(status.split()[1]), headers, json.loads(body)


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()


def of_length(path: str, length: int) -> str:
    return path + "x" * (length - len(path))


def is_the_problem(answer: Answer, reason: Reason) -> None:
    status, headers, body = answer
    assert (status, body) == (TABLE[reason].status, problem_of(Refusal(reason)).model_dump(mode="json"))
    assert headers["content-type"] == "application/problem+json"
    assert headers["content-length"] == str(len(json.dumps(body, separators=(",", ":"))))
    assert headers["cache-control"] == "no-store"
    assert headers["connection"] == "close"
    assert {name: headers[name.lower()] for name in ALWAYS} == ALWAYS


PATHS = ["/v1/sessions/a?cursor=", "/v1/sessions/", "/", "/?"]


@pytest.mark.parametrize("length", [MOST_URL_BYTES + 1, 1_000_000])
@pytest.mark.parametrize("path", PATHS)
async def test_a_url_that_is_too_long_is_a_problem(api: QueryApi, path: str, length: int) -> None:
    is_the_problem(await sent(api, get(of_length(path, length))), Reason.URL_TOO_LONG)

    assert (await sent(api, get("/v1/me")))[0] == 401, "it serves on"


class Taking(asyncio.Transport):
    """What is written to a socket."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.taken += bytes(data)

    def close(self) -> None: ...


async def test_a_url_that_comes_in_pieces_is_not_kept_and_not_cut_to_another() -> None:
    protocol = ProblemProtocol(Config(create_app(Settings()), log_config=None), ServerState(), {})
    transport = Taking()
    protocol.connection_made(transport)
    protocol.data_received(b"GET /healthz?")
    for _ in range(100):
        protocol.data_received(b"x" * 10_000)
        assert len(protocol.url) <= MOST_URL_BYTES
    assert transport.taken == b"", "who is still sending would lose the answer"
    protocol.data_received(b" HTTP/1.1\r\nHost: x\r\n\r\n")

    is_the_problem(read(transport.taken), Reason.URL_TOO_LONG)


@pytest.mark.parametrize("path", PATHS)
async def test_the_longest_url_is_the_apps_to_answer(api: QueryApi, path: str) -> None:
    status, headers, body = await sent(api, get(of_length(path, MOST_URL_BYTES)))

    assert (status, body["reason"]) in [(401, "missing_token"), (404, "unknown_path")]
    assert headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / FOO\r\n\r\n",
        b"no request at all\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
async def test_what_is_no_request_is_a_problem(api: QueryApi, request_: bytes) -> None:
    is_the_problem(await sent(api, request_), Reason.MALFORMED_REQUEST)

    assert (await sent(api, get("/v1/me")))[0] == 401, "it serves on"

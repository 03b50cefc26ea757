"""Every route x another tenant's token: the answer is, byte for byte, the one for what does not exist.

The routes are taken from the OpenAPI document, so a new one cannot be forgotten.
"""

from typing import Any

import httpx
import pytest
from clickhouse_connect.driver.client import Client
from fastapi import FastAPI

from query_api.app import create_app
from query_api.settings import Settings
from tests.query_api.conftest import calling, know
from tests.query_api.seeds import (
    START,
    SessionVersion,
    batch,
    connection,
    event,
    insert_batches,
    insert_sessions,
    session_id,
)

pytestmark = pytest.mark.stack

# Who runs the service, and whoever wants to become known to it, calls these without a token.
OPEN = {
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/metrics"),
    ("post", "/v1/sign-in"),
    ("post", "/v1/sign-out"),
}
# These answer with what the caller's own tenant has, and name nothing of anybody's.
NAMELESS = {("get", "/v1/connections"), ("get", "/v1/me")}

THEIRS = session_id(START, 4_001)
UNKNOWN = {"connection_id": "no-such-connection", "session_id": session_id(START, 4_002)}
FOREIGN = {"connection_id": "rival-shop", "session_id": THEIRS}


def routes() -> list[tuple[str, str]]:
    document = create_app(Settings()).openapi()
    return [(method, path) for path, operations in document["paths"].items() for method in operations]


CLOSED = sorted(set(routes()) - OPEN)
NAMING = sorted(set(CLOSED) - NAMELESS)


def test_the_open_and_the_nameless_routes_are_there() -> None:
    assert set(routes()) >= OPEN | NAMELESS


@pytest.mark.parametrize("path", [path for _, path in NAMING])
def test_every_name_in_a_path_is_one_of_which_this_test_knows_a_foreign_value(path: str) -> None:
    names = {part[1:-1] for part in path.split("/") if part.startswith("{")}
    assert names
    assert names <= set(FOREIGN)


@pytest.fixture
def theirs(store: Client) -> None:
    insert_sessions(store, SessionVersion("rival-shop", THEIRS, tenant="rival"))
    insert_batches(store, "rival-shop", THEIRS, batch(event(START, "their secret"), seq=0))


def seen(response: httpx.Response) -> tuple[Any, ...]:
    return response.status_code, response.content, sorted(response.headers.items())


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize(("method", "path"), NAMING)
async def test_what_is_another_tenant_s_is_answered_as_what_is_not_there(
    demo: httpx.AsyncClient, rival: httpx.AsyncClient, method: str, path: str
) -> None:
    own = await rival.request(method, path.format(**FOREIGN))
    foreign = await demo.request(method, path.format(**FOREIGN))
    unknown = await demo.request(method, path.format(**UNKNOWN))

    assert own.status_code == 200, "the owner sees it, so there is something to hide"
    assert foreign.status_code == 404
    assert seen(foreign) == seen(unknown)


@pytest.mark.usefixtures("theirs")
async def test_a_tenant_without_connections_gets_the_same_answer(app: FastAPI) -> None:
    async with calling(app, "empty_secret") as empty:
        foreign = await empty.get(f"/v1/sessions/{THEIRS}")
        unknown = await empty.get(f"/v1/sessions/{UNKNOWN['session_id']}")

    assert foreign.status_code == 404
    assert seen(foreign) == seen(unknown)


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize("path", sorted(path for _, path in NAMELESS))
async def test_what_names_nothing_answers_with_the_caller_s_own(
    demo: httpx.AsyncClient, rival: httpx.AsyncClient, path: str
) -> None:
    assert "rival" not in (await demo.get(path)).text
    assert "rival" in (await rival.get(path)).text


@pytest.mark.usefixtures("theirs")
async def test_a_session_of_a_connection_that_changed_hands_stays_with_its_tenant(
    demo: httpx.AsyncClient, store: Client
) -> None:
    one = session_id(START, 4_003)
    insert_sessions(store, SessionVersion("shop", one, tenant="the former owner"))

    assert (await demo.get(f"/v1/sessions/{one}")).status_code == 404
    listed = (await demo.get("/v1/connections/shop/sessions")).json()["sessions"]
    assert one not in [each["session_id"] for each in listed]
    assert (await demo.get("/v1/connections/shop/sessions/stats")).json()["total"] == len(listed)


@pytest.mark.parametrize(("method", "path"), CLOSED)
@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "missing_token"),
        ({"Authorization": "Bearer wrong"}, "unknown_token"),
        ({"Authorization": "Bearer"}, "missing_token"),
        ({"Authorization": "Basic ZGVtbzpkZW1v"}, "unknown_token"),
        ({"Authorization": "Bearer demo_secret extra"}, "unknown_token"),
        ({"Authorization": "demo_secret"}, "unknown_token"),
        ({"Cookie": "playhead_token=wrong"}, "unknown_token"),
        # A header that is wrong is not made right by a cookie.
        ({"Authorization": "Bearer wrong", "Cookie": "playhead_token=demo_secret"}, "unknown_token"),
    ],
)
async def test_without_a_known_token_every_closed_route_is_closed(
    nobody: httpx.AsyncClient, method: str, path: str, headers: dict[str, str], reason: str
) -> None:
    response = await nobody.request(method, path.format(**UNKNOWN), headers=headers)

    assert (response.status_code, response.json()["reason"]) == (401, reason)
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), sorted(OPEN - {("post", "/v1/sign-in")}))
async def test_an_open_route_asks_for_no_token(nobody: httpx.AsyncClient, method: str, path: str) -> None:
    assert (await nobody.request(method, path)).status_code != 401


async def test_a_tenant_with_a_thousand_connections_finds_its_session(
    app: FastAPI, store: Client, demo: httpx.AsyncClient
) -> None:
    know(app, *(connection(f"{number:04}-{'x' * 59}") for number in range(1_000)))
    one = session_id(START, 4_004)
    insert_sessions(store, SessionVersion(f"0500-{'x' * 59}", one))

    assert (await demo.get(f"/v1/sessions/{one}")).status_code == 200

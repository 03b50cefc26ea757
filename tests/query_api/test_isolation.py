"""Every route x another tenant's token: the answer is, byte for byte, the one for what does not exist.

The routes are taken from the OpenAPI document, so a new one cannot be forgotten.
"""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from clickhouse_connect.driver.client import Client
from fastapi import FastAPI

from query_api.app import create_app
from query_api.settings import Settings
from query_api.tokens.rules import rule_of
from tests.query_api.conftest import calling, know, know_shares
from tests.query_api.seeds import (
    START,
    SessionVersion,
    batch,
    connection,
    event,
    insert_batches,
    insert_sessions,
    session_id,
    share,
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
UNKNOWN = {
    "connection_id": "no-such-connection",
    "session_id": session_id(START, 4_002),
    "share_id": "no-such-share",
}
FOREIGN = {"connection_id": "rival-shop", "session_id": THEIRS, "share_id": "their-share"}


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
def theirs(store: Client, app: FastAPI) -> None:
    insert_sessions(store, SessionVersion("rival-shop", THEIRS, tenant="rival"))
    insert_batches(store, "rival-shop", THEIRS, batch(event(START, "their secret"), seq=0))
    know_shares(app, share("their-share", THEIRS, tenant="rival"))


async def call(
    app: FastAPI, secret: str | None, method: str, path: str, names: dict[str, str]
) -> httpx.Response:
    """With a body and parameters where the call needs them, so that it is the names that decide."""
    body: dict[str, Any] = {"json": {}} if method == "post" else {}
    if path.endswith("/friction"):
        body = {"params": {"session": names["session_id"]}}
    async with calling(app, secret) as client:
        return await client.request(method, path.format(**names), **body)


def seen(response: httpx.Response) -> tuple[Any, ...]:
    return response.status_code, response.content, sorted(response.headers.items())


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize(("method", "path"), NAMING)
async def test_what_is_another_tenant_s_is_answered_as_what_is_not_there(
    app: FastAPI, method: str, path: str
) -> None:
    for secret in ("demo_secret", "demo_admin"):
        foreign = await call(app, secret, method, path, FOREIGN)
        unknown = await call(app, secret, method, path, UNKNOWN)
        assert foreign.status_code == 404, secret
        assert seen(foreign) == seen(unknown), secret

    own = await call(app, "rival_admin", method, path, FOREIGN)
    assert own.is_success, "the owner sees it, so there is something to hide"


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize(("method", "path"), NAMING)
async def test_a_reader_is_told_that_an_admin_is_needed_only_of_what_is_its_own_tenant_s(
    app: FastAPI, method: str, path: str
) -> None:
    own = await call(app, "rival_secret", method, path, FOREIGN)

    if rule_of(method.upper(), path).needs == "admin":
        assert (own.status_code, own.json()["reason"]) == (403, "admin_needed")
    else:
        assert own.status_code == 200


Asked = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def asked(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Every query that the store is asked, with what it is asked for, but for the ids that were named."""
    found: Asked = []
    clickhouse = app.state.rooms.clickhouse

    def noting(ask: Callable[..., Any]) -> Callable[..., Any]:
        def noted(name: str, sql: str, parameters: dict[str, Any], *rest: Any) -> Any:
            named = set(FOREIGN.values()) | set(UNKNOWN.values())
            found.append((name, {k: v for k, v in parameters.items() if str(v) not in named}))
            return ask(name, sql, parameters, *rest)

        return noted

    for method in ("select", "stream"):
        monkeypatch.setattr(clickhouse, method, noting(getattr(clickhouse, method)))
    return found


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize("secret", ["demo_secret", "demo_admin"])
@pytest.mark.parametrize(("method", "path"), NAMING)
async def test_what_is_another_tenant_s_is_looked_up_as_what_is_not_there(
    app: FastAPI, asked: Asked, method: str, path: str, secret: str
) -> None:
    """The same queries, so that the time to an answer tells nothing either."""
    await call(app, secret, method, path, FOREIGN)
    for_foreign = list(asked)
    asked.clear()
    await call(app, secret, method, path, UNKNOWN)

    assert for_foreign == asked
    assert bool(asked) is ("session_id" in path), "a session is looked up in the store, for every caller"
    assert "rival" not in str(asked)


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
    body = {"json": {}} if method == "post" else {}
    response = await nobody.request(method, path.format(**UNKNOWN), headers=headers, **body)  # type: ignore[arg-type]

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

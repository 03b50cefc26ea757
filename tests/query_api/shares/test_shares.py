"""Links that open one session: made, listed, used, and ended in every way."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from clickhouse_connect.driver.client import Client
from fastapi import FastAPI

from query_api.shares.links import sign
from query_api.shares.service import MOST_OF_A_SESSION
from schemas.share import LONGEST_DAYS, Share
from tests.query_api.conftest import SHARE_KEY, calling, know_shares
from tests.query_api.seeds import (
    START,
    SessionVersion,
    batch,
    event,
    insert_batches,
    insert_sessions,
    session_id,
    share,
)

pytestmark = pytest.mark.stack

OURS, OTHER, NOWHERE = session_id(START, 8_001), session_id(START, 8_002), session_id(START, 8_003)
SHARES = f"/v1/sessions/{OURS}/shares"


@pytest.fixture(scope="module", autouse=True)
def _sessions(store: Client) -> None:
    insert_sessions(store, SessionVersion("shop", OURS), SessionVersion("shop", OTHER))
    insert_batches(store, "shop", OURS, batch(event(START, "what was seen"), seq=0))


def link(one: Share, key: str = SHARE_KEY) -> str:
    return sign(one, key.encode())


@pytest.fixture
async def made(demo_admin: httpx.AsyncClient) -> dict[str, Any]:
    response = await demo_admin.post(SHARES, json={"valid_for_hours": 2, "at": START + 500})
    assert response.status_code == 201
    answer: dict[str, Any] = response.json()
    return answer


@pytest.fixture
async def guest(app: FastAPI, made: dict[str, Any]) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app, made["token"]) as client:
        yield client


def seen(response: httpx.Response) -> tuple[Any, ...]:
    return response.status_code, response.content, sorted(response.headers.items())


async def test_a_share_says_what_it_is(made: dict[str, Any]) -> None:
    assert made["session_id"] == OURS
    assert made["created_by"] == "demo's desk"
    assert made["expires_at"] - made["created_at"] == 2 * 3_600_000
    assert made["at"] == START + 500
    assert made["path"] == f"/sessions/{OURS}?at={START + 500}#share={made['token']}"


async def test_without_anything_said_it_is_valid_for_a_week_from_the_beginning(
    demo_admin: httpx.AsyncClient,
) -> None:
    answer = (await demo_admin.post(SHARES, json={})).json()

    assert answer["expires_at"] - answer["created_at"] == 7 * 86_400_000
    assert answer["at"] is None
    assert answer["path"] == f"/sessions/{OURS}#share={answer['token']}"


@pytest.mark.parametrize(
    "body",
    [
        {"valid_for_hours": 0},
        {"valid_for_hours": -1},
        {"valid_for_hours": LONGEST_DAYS * 24 + 1},
        {"valid_for_hours": "for ever"},
        {"at": -1},
        {"at": 10**20},
        {"more": 1},
        [],
    ],
)
async def test_a_body_that_is_no_share_is_refused(demo_admin: httpx.AsyncClient, body: object) -> None:
    response = await demo_admin.post(SHARES, json=body)

    assert (response.status_code, response.json()["reason"]) == (400, "bad_parameter")


async def test_a_form_of_another_site_cannot_make_one(app: FastAPI) -> None:
    """With the admin's cookie: a page elsewhere can have a browser post text/plain without asking."""
    async with calling(app, None) as browser:
        browser.cookies.set("playhead_token", "demo_admin")
        assert (await browser.post(SHARES, json={})).status_code == 201
        for content_type in ("text/plain", "application/x-www-form-urlencoded"):
            response = await browser.post(SHARES, content=b"{}", headers={"Content-Type": content_type})
            assert response.status_code == 400


async def test_a_link_opens_what_the_replay_of_its_session_asks_for(guest: httpx.AsyncClient) -> None:
    session = await guest.get(f"/v1/sessions/{OURS}")
    events = await guest.get(f"/v1/sessions/{OURS}/events")

    assert session.json()["session_id"] == OURS
    assert "what was seen" in events.text
    assert (await guest.get(f"/v1/sessions/{OURS.upper()}")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/me"),
        ("GET", "/v1/connections"),
        ("GET", "/v1/connections/shop/sessions"),
        ("GET", "/v1/connections/shop/sessions/stats"),
        ("GET", SHARES),
        ("POST", SHARES),
        ("DELETE", f"{SHARES}/one"),
    ],
)
async def test_a_link_opens_nothing_else(
    guest: httpx.AsyncClient, nobody: httpx.AsyncClient, method: str, path: str
) -> None:
    body = {"json": {}} if method == "POST" else {}
    forged = await nobody.request(method, path, headers={"Authorization": "Bearer wrong"}, **body)

    response = await guest.request(method, path, **body)

    assert response.status_code == 401
    assert seen(response) == seen(forged)


@pytest.mark.parametrize("call", ["", "/events"])
async def test_another_session_is_to_a_link_as_one_that_is_not_there(
    guest: httpx.AsyncClient, demo: httpx.AsyncClient, call: str
) -> None:
    other = await guest.get(f"/v1/sessions/{OTHER}{call}")
    nowhere = await guest.get(f"/v1/sessions/{NOWHERE}{call}")

    assert other.status_code == 404
    assert seen(other) == seen(nowhere) == seen(await demo.get(f"/v1/sessions/{NOWHERE}{call}"))


async def test_a_link_signs_nobody_in(nobody: httpx.AsyncClient, made: dict[str, Any]) -> None:
    response = await nobody.post("/v1/sign-in", json={"token": made["token"]})

    assert (response.status_code, response.json()["reason"]) == (401, "unknown_token")
    assert "set-cookie" not in response.headers


VALID = share("valid", OURS)


@pytest.mark.parametrize(
    ("case", "held", "token"),
    [
        ("forged", (VALID,), link(VALID, "the key of somebody else altogether..")),
        ("expired", (share("valid", OURS, expires_at=START),), link(share("valid", OURS, expires_at=START))),
        ("revoked", (), link(VALID)),
        ("its record says another session", (share("valid", OTHER),), link(VALID)),
        ("its record says another tenant", (share("valid", OURS, tenant="rival"),), link(VALID)),
        ("its record ends earlier", (share("valid", OURS, expires_at=3_900_000_000_000),), link(VALID)),
        ("nonsense", (VALID,), "shr_nonsense"),
    ],
)
async def test_a_link_that_opens_nothing_is_answered_as_a_token_that_nobody_has(
    app: FastAPI, nobody: httpx.AsyncClient, case: str, held: tuple[Share, ...], token: str
) -> None:
    path = f"/v1/sessions/{OURS}"
    know_shares(app, VALID)
    assert (await nobody.get(path, headers={"Authorization": f"Bearer {link(VALID)}"})).status_code == 200
    know_shares(app, *held)

    response = await nobody.get(path, headers={"Authorization": f"Bearer {token}"})

    unknown = await nobody.get(path, headers={"Authorization": "Bearer wrong"})
    assert response.status_code == 401
    assert seen(response) == seen(unknown)


async def test_a_revoked_link_opens_nothing_and_is_not_there(
    demo_admin: httpx.AsyncClient, demo: httpx.AsyncClient, guest: httpx.AsyncClient, made: dict[str, Any]
) -> None:
    revoked = await demo_admin.delete(f"{SHARES}/{made['share_id']}")

    assert (revoked.status_code, revoked.content) == (204, b"")
    assert (await guest.get(f"/v1/sessions/{OURS}")).status_code == 401
    assert made["share_id"] not in (await demo.get(SHARES)).text
    again = await demo_admin.delete(f"{SHARES}/{made['share_id']}")
    assert (again.status_code, again.json()["reason"]) == (404, "unknown_share")


async def test_a_share_is_revoked_under_its_own_session_only(
    app: FastAPI, demo_admin: httpx.AsyncClient
) -> None:
    know_shares(app, VALID, share("theirs", OURS, tenant="rival"))

    for path in (f"/v1/sessions/{OTHER}/shares/valid", f"{SHARES}/theirs", f"{SHARES}/none"):
        response = await demo_admin.delete(path)
        assert (response.status_code, response.json()["reason"]) == (404, "unknown_share")
    assert (await demo_admin.delete(f"{SHARES}/valid")).status_code == 204


async def test_the_list_has_the_sessions_own_valid_ones_and_no_token(
    app: FastAPI, demo: httpx.AsyncClient
) -> None:
    know_shares(
        app,
        share("late", OURS, created_at=START + 1, at=START),
        share("early", OURS),
        share("expired", OURS, expires_at=START),
        share("other", OTHER),
        share("theirs", OURS, tenant="rival"),
    )

    answer = await demo.get(SHARES)

    assert [each["share_id"] for each in answer.json()["shares"]] == ["early", "late"]
    assert answer.json()["shares"][1] == {
        "share_id": "late",
        "session_id": OURS,
        "created_at": START + 1,
        "created_by": "the desk",
        "expires_at": 4_000_000_000_000,
        "at": START,
    }
    assert "shr_" not in answer.text


async def test_a_reader_sees_them_and_neither_makes_nor_revokes(
    app: FastAPI, demo: httpx.AsyncClient
) -> None:
    know_shares(app, VALID)

    for response in (await demo.post(SHARES, json={}), await demo.delete(f"{SHARES}/valid")):
        assert (response.status_code, response.json()["reason"]) == (403, "admin_needed")
    assert [each["share_id"] for each in (await demo.get(SHARES)).json()["shares"]] == ["valid"]


async def test_there_is_an_end_to_the_shares_of_a_session(
    app: FastAPI, demo_admin: httpx.AsyncClient
) -> None:
    expired = (share(f"expired-{n}", OURS, expires_at=START) for n in range(MOST_OF_A_SESSION))
    know_shares(app, *expired, *(share(f"s-{n}", OURS) for n in range(MOST_OF_A_SESSION - 1)))

    assert (await demo_admin.post(SHARES, json={})).status_code == 201
    refused = await demo_admin.post(SHARES, json={})
    assert (refused.status_code, refused.json()["reason"]) == (409, "too_many_shares")
    assert (await demo_admin.post(f"/v1/sessions/{OTHER}/shares", json={})).status_code == 201


async def test_without_a_key_no_link_is_made_and_none_opens(app: FastAPI) -> None:
    app.state.rooms.shares._keys._file = None
    know_shares(app, VALID)

    async with calling(app, "demo_admin") as admin, calling(app, link(VALID)) as guest:
        response = await admin.post(SHARES, json={})
        assert (response.status_code, response.json()["reason"]) == (403, "sharing_off")
        assert (await guest.get(f"/v1/sessions/{OURS}")).status_code == 401


async def test_a_process_that_has_not_heard_from_kafka_for_long_refuses_links(app: FastAPI) -> None:
    """One may have been revoked in the meantime. Tokens of the tenant's own people go on."""
    rooms = app.state.rooms
    know_shares(app, VALID)
    heard = rooms.share_reader._clock()
    rooms.share_reader._clock = lambda: heard + rooms.settings.share_stale_after_ms + 1

    async with calling(app, link(VALID)) as guest, calling(app, "demo_secret") as demo:
        response = await guest.get(f"/v1/sessions/{OURS}")
        assert (response.status_code, response.json()["reason"]) == (503, "not_ready")
        assert (await demo.get(f"/v1/sessions/{OURS}")).status_code == 200

        rooms.share_reader._clock = lambda: heard + 1
        assert (await guest.get(f"/v1/sessions/{OURS}")).status_code == 200


async def test_a_session_that_is_gone_is_gone_for_a_link_too(app: FastAPI) -> None:
    gone = share("gone", NOWHERE)
    know_shares(app, gone)

    async with calling(app, link(gone)) as guest:
        response = await guest.get(f"/v1/sessions/{NOWHERE}")

    assert (response.status_code, response.json()["reason"]) == (404, "unknown_session")


async def test_ids_are_not_to_be_guessed(made: dict[str, Any]) -> None:
    assert len(made["share_id"]) >= 22

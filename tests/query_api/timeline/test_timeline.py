"""The call for a session's timeline."""

import json

import httpx
import pytest
from clickhouse_connect.driver.client import Client
from fastapi import FastAPI

from query_api.shares.links import sign
from tests.query_api.conftest import SHARE_KEY, calling, know_shares
from tests.query_api.seeds import (
    START,
    SessionVersion,
    batch,
    insert_batches,
    insert_sessions,
    session_id,
    share,
)

pytestmark = pytest.mark.stack

ONE = session_id(START, 61_001)
PATH = f"/v1/sessions/{ONE}/timeline"


def click(at: int) -> bytes:
    data = {"source": 2, "type": 2, "id": 7, "x": 12.5, "y": 30}
    return json.dumps({"type": 3, "data": data, "timestamp": START + at}).encode()


@pytest.fixture(scope="module", autouse=True)
def _session(store: Client) -> None:
    insert_sessions(store, SessionVersion("shop", ONE))
    insert_batches(store, "shop", ONE, batch(*(click(at) for at in (0, 300, 600, 20_000)), seq=0))


async def test_what_happened_and_when(demo: httpx.AsyncClient) -> None:
    answer = (await demo.get(PATH)).json()

    assert answer["more"] is False
    assert [(each["kind"], each["at"] - START) for each in answer["items"]] == [
        ("click", 0),
        ("dead_click", 0),
        ("rage_click", 0),
        ("click", 300),
        ("dead_click", 300),
        ("click", 600),
        ("dead_click", 600),
        ("idle", 600),
        ("click", 20_000),
    ]
    assert answer["items"][2] == {
        "kind": "rage_click",
        "at": START,
        "until_at": START + 600,
        "window_id": "w",
        "node_id": 7,
        "x": 12.5,
        "y": 30.0,
        "name": None,
        "text": None,
    }


async def test_thresholds_are_parameters(demo: httpx.AsyncClient) -> None:
    stricter = {"rage_clicks": 4, "dead_after_ms": 60_000, "idle_after_ms": 30_000}

    items = (await demo.get(PATH, params=stricter)).json()["items"]

    assert {each["kind"] for each in items} == {"click"}


async def test_what_is_more_than_asked_for_is_asked_for_from_where_it_ended(demo: httpx.AsyncClient) -> None:
    first = (await demo.get(PATH, params={"limit": 4})).json()
    rest = (await demo.get(PATH, params={"from": first["items"][-1]["at"]})).json()

    assert (len(first["items"]), first["more"]) == (4, True)
    assert (rest["items"][0], rest["more"]) == (first["items"][-1], False)
    assert len(rest["items"]) == 6


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": 0},
        {"limit": 5_001},
        {"rage_clicks": 1},
        {"rage_clicks": 101},
        {"rage_within_ms": -1},
        {"dead_after_ms": 10**30},
        {"idle_after_ms": 0},
        {"from": -1},
        {"from": "now"},
    ],
)
async def test_thresholds_have_limits(demo: httpx.AsyncClient, parameters: dict[str, object]) -> None:
    response = await demo.get(PATH, params=parameters)  # type: ignore[arg-type]

    assert (response.status_code, response.json()["reason"]) == (400, "bad_parameter")


async def test_a_share_link_opens_its_own_sessions_timeline(app: FastAPI) -> None:
    one = share("one", ONE)
    know_shares(app, one)

    async with calling(app, sign(one, SHARE_KEY.encode())) as guest:
        assert (await guest.get(PATH)).status_code == 200
        assert (await guest.get(f"/v1/sessions/{session_id(START, 61_002)}/timeline")).status_code == 404

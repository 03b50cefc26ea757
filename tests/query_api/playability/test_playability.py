"""Playability as one reads it of a session, over the real engine."""

from itertools import count
from typing import Any

import httpx
import pytest
from clickhouse_connect.driver.client import Client

from query_api.events.order import Batch
from query_api.playability.repository import MOST_SNAPSHOTS, WINDOWS
from tests.query_api.kinds import FULL_SNAPSHOT, META
from tests.query_api.plans import granules_read
from tests.query_api.seeds import (
    START,
    SessionVersion,
    Window,
    batch,
    event,
    insert_batches,
    insert_sessions,
    session_id,
)

pytestmark = pytest.mark.stack

_seeds = count(40_000)


def seeded(store: Client, windows: dict[Window, list[Batch]]) -> str:
    one = session_id(START, next(_seeds))
    insert_sessions(store, SessionVersion("shop", one, windows=tuple(windows)))
    for window, batches in windows.items():
        if batches:
            insert_batches(store, "shop", one, *batches, window_id=window.id)
    return f"/v1/sessions/{one}"


async def told(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    response = await client.get(url)
    assert response.status_code == 200, response.text
    return {each["window_id"]: each["playability"] for each in response.json()["windows"]}


def snapshot(ms: int) -> bytes:
    return event(START + ms, "s", FULL_SNAPSHOT)


async def test_each_window_tells_its_snapshots_and_from_where_it_plays(
    demo: httpx.AsyncClient, store: Client
) -> None:
    whole = [batch(event(START, "m", META), snapshot(1), snapshot(40), seq=0), batch(snapshot(30), seq=1)]
    unnumbered = [batch(event(START, "m", META), snapshot(5), offset=4)]
    orphan = [batch(event(START + 2), seq=0)]
    url = seeded(
        store,
        {
            Window("whole", playable_at=START + 1): whole,
            Window("unnumbered", playable_at=START + 5): unnumbered,
            Window("orphan", playable_at=None): orphan,
            Window("empty", playable_at=None, events=0): [],
        },
    )

    assert await told(demo, url) == {
        "whole": {
            "from_at": START + 1,
            "reason": None,
            "full_snapshots": [
                {"at": START + 1, "seq": 0},
                {"at": START + 30, "seq": 1},
                {"at": START + 40, "seq": 0},
            ],
            "full_snapshots_in_all": 3,
        },
        "unnumbered": {
            "from_at": START + 5,
            "reason": None,
            "full_snapshots": [{"at": START + 5, "seq": None}],
            "full_snapshots_in_all": 1,
        },
        "orphan": {
            "from_at": None,
            "reason": "no_full_snapshot",
            "full_snapshots": [],
            "full_snapshots_in_all": 0,
        },
        "empty": {"from_at": None, "reason": "no_events", "full_snapshots": [], "full_snapshots_in_all": 0},
    }


async def test_a_window_whose_first_part_is_lost_says_so_and_plays_from_its_first_snapshot(
    demo: httpx.AsyncClient, store: Client
) -> None:
    batches = [
        batch(event(START), event(START + 5), seq=3),
        batch(event(START + 900, "m", META), snapshot(901), event(START + 950), seq=4),
    ]
    url = seeded(store, {Window(playable_at=START + 901): batches})

    playability = (await told(demo, url))["w"]
    page = (await demo.get(f"{url}/events", params={"at": START})).json()

    assert (playability["from_at"], playability["reason"]) == (START + 901, "first_part_missing")
    assert [each["timestamp"] - START for each in page["events"]] == [900, 901, 950]


async def test_a_batch_that_was_inserted_twice_counts_once(demo: httpx.AsyncClient, store: Client) -> None:
    store.command("SYSTEM STOP MERGES recordings")
    twice = batch(event(START, "m", META), snapshot(1), seq=0)
    url = seeded(store, {Window(playable_at=START + 1): [twice]})
    insert_batches(store, "shop", url.rpartition("/")[2], twice)

    assert (await told(demo, url))["w"]["full_snapshots_in_all"] == 1


async def test_of_very_many_snapshots_the_first_are_listed(demo: httpx.AsyncClient, store: Client) -> None:
    many = batch(event(START, "m", META), *(snapshot(n) for n in range(1, MOST_SNAPSHOTS + 31)), seq=0)
    url = seeded(store, {Window(playable_at=START + 1): [many]})

    playability = (await told(demo, url))["w"]

    assert [each["at"] - START for each in playability["full_snapshots"]] == list(
        range(1, MOST_SNAPSHOTS + 1)
    )
    assert playability["full_snapshots_in_all"] == MOST_SNAPSHOTS + 30


def test_it_is_read_by_the_primary_key_and_without_any_text(store: Client) -> None:
    names = {"connection_id": "shop", "session_id": session_id(START, 1)}
    parameters = names | {"window_ids": ["w"], "playable_at": [1], "most": 5}
    for n in range(3):
        seeded(store, {Window(): [batch(event(START + n), seq=n)]})

    read, _ = granules_read(store, WINDOWS, parameters)
    plan = "\n".join(row[0] for row in store.query(f"EXPLAIN actions = 1 {WINDOWS}", parameters).result_rows)

    assert read == 0
    assert "payload" not in plan

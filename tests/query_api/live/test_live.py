"""The call for a session's live stream, over the real engine. A completed session's stream ends by itself."""

import itertools
import json
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest
from clickhouse_connect.driver.client import Client
from fastapi import FastAPI

from query_api.clickhouse import ClickHouse
from query_api.events.order import Batch
from query_api.live.arrival import BEFORE_ALL, Arrival
from query_api.live.repository import EVERYTHING, LiveRepository, SessionKey
from query_api.shares.links import sign
from tests.query_api.conftest import SHARE_KEY, calling, know_shares
from tests.query_api.kinds import FULL_SNAPSHOT, META
from tests.query_api.live.sse import Message, read
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
    share,
)

pytestmark = pytest.mark.stack

_seeds = itertools.count(99_001)


def meta(at: int) -> bytes:
    return event(START + at, "meta", META)


def snapshot(at: int) -> bytes:
    return event(START + at, "snapshot", FULL_SNAPSHOT)


def move(at: int) -> bytes:
    return event(START + at, "move")


def a_session(
    store: Client, windows: dict[str, list[Batch]], *, status: str = "completed", **window: Any
) -> str:
    one = session_id(START, next(_seeds))
    columns = tuple(Window(id=name, **window) for name in windows)
    insert_sessions(store, SessionVersion("shop", one, status=status, windows=columns))
    for name, batches in windows.items():
        if batches:
            insert_batches(store, "shop", one, *batches, window_id=name)
    return one


async def stream(client: httpx.AsyncClient, one: str, last: str | None = None) -> list[Message]:
    headers = {} if last is None else {"Last-Event-ID": last}
    response = await client.get(f"/v1/sessions/{one}/live", headers=headers)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    return read(response.content, last or "")


def told(messages: list[Message]) -> list[tuple[str, int, list[int]]]:
    """(window, offset, times of its events) of each batch."""
    return [
        (each.data["window_id"], each.offset, [it["timestamp"] - START for it in each.data["events"]])
        for each in messages
        if each.event == "batch"
    ]


async def test_batches_come_in_order_of_arrival_with_what_they_are(
    store: Client, demo: httpx.AsyncClient
) -> None:
    one = a_session(
        store,
        {
            "v": [
                batch(meta(0), snapshot(1), seq=0, offset=10, partition=3),
                batch(move(900), seq=2, offset=12, partition=3),
                batch(move(500), move(600), seq=1, offset=15, partition=3),
            ],
            "w": [batch(meta(300), snapshot(301), offset=11, partition=3)],
        },
    )

    messages = await stream(demo, one)

    assert told(messages) == [
        ("v", 10, [0, 1]),
        ("w", 11, [300, 301]),
        ("v", 12, [900]),
        ("v", 15, [500, 600]),
    ]
    assert [each.data["seq"] for each in messages[:4]] == [0, None, 2, 1]
    assert messages[0].data["received_at"] == START + 1
    assert messages[0].data["events"][0] == json.loads(meta(0))
    assert (messages[4].event, messages[4].data) == ("completed", {"completed_at": START + 2_000_000})
    assert len(messages) == 5


async def test_it_begins_at_each_window_s_newest_full_snapshot(
    store: Client, demo: httpx.AsyncClient
) -> None:
    one = a_session(
        store,
        {
            "v": [
                batch(meta(0), snapshot(1), seq=0, offset=0),
                batch(move(100), seq=1, offset=1),
                batch(move(200), meta(201), snapshot(202), move(203), seq=2, offset=4),
                # It came late, and of before the snapshot.
                batch(move(150), seq=3, offset=6),
                batch(move(300), seq=4, offset=7),
            ],
            # Of after its snapshot, and it came before it.
            "w": [batch(move(900), seq=1, offset=2), batch(meta(5), snapshot(6), seq=0, offset=3)],
            "without": [batch(move(0), seq=5, offset=5)],
        },
    )

    assert told(await stream(demo, one)) == [
        ("w", 2, [900]),
        ("w", 3, [5, 6]),
        ("v", 4, [201, 202, 203]),
        ("without", 5, [0]),
        ("v", 7, [300]),
    ]


async def test_a_meta_that_a_batch_before_holds_comes_with_the_snapshot(
    store: Client, demo: httpx.AsyncClient
) -> None:
    one = a_session(
        store,
        {"w": [batch(move(0), meta(1), seq=0, offset=0), batch(snapshot(2), move(3), seq=1, offset=1)]},
        playable_at=START + 2,
    )
    assert told(await stream(demo, one)) == [("w", 1, [1, 2, 3])]


async def test_resumed_at_any_id_it_gives_exactly_the_rest(store: Client, demo: httpx.AsyncClient) -> None:
    one = a_session(
        store,
        {
            "v": [
                batch(meta(0), snapshot(1), seq=0, offset=0),
                *(batch(move(at * 10), seq=at, offset=at) for at in range(1, 7)),
                batch(meta(70), snapshot(71), seq=7, offset=8),
            ],
            "w": [batch(meta(5), snapshot(6), seq=0, offset=7), batch(move(9), seq=1, offset=9)],
            "x": [batch(meta(5), snapshot(6), seq=0, offset=10), batch(move(1), seq=1, offset=11)],
        },
    )
    whole = await stream(demo, one)
    assert told(whole)[0] == ("w", 7, [5, 6]), "the older snapshot of v is left out"

    for number, message in enumerate(whole[:-1]):
        assert await stream(demo, one, message.id) == whole[number + 1 :]


async def test_resumed_within_its_beginning_it_is_still_as_it_was_when_it_began(
    store: Client, demo: httpx.AsyncClient
) -> None:
    one = a_session(
        store,
        {
            "v": [batch(meta(0), snapshot(1), seq=0, offset=0), batch(move(50), seq=1, offset=3)],
            "w": [batch(meta(5), snapshot(6), seq=0, offset=1), batch(move(20), seq=1, offset=2)],
        },
    )
    began = await stream(demo, one)
    # A newer snapshot, which would have the stream of v begin later.
    insert_batches(store, "shop", one, batch(meta(90), snapshot(91), seq=2, offset=4), window_id="v")

    rest = await stream(demo, one, began[0].id)

    assert told(rest) == [*told(began)[1:], ("v", 4, [90, 91])]


async def test_ids_from_behind_the_beginning_are_partition_and_offset(
    store: Client, demo: httpx.AsyncClient
) -> None:
    one = a_session(store, {"w": [batch(meta(0), snapshot(1), move(2), seq=0, offset=41_806, partition=3)]})

    (began, _) = await stream(demo, one)
    assert began.id == "3-41806-41806"
    insert_batches(store, "shop", one, batch(move(3), seq=1, offset=41_808, partition=3))
    (came, _) = await stream(demo, one, began.id)
    assert came.id == "3-41808"


@pytest.mark.parametrize(
    "last",
    ["x", "3", "-1-2", "1-2-1", "1-" + "9" * 30, "9" * 65, "1-2; DROP", "0-9223372036854775808", "%00"],
)
async def test_an_id_that_is_none_is_refused(store: Client, demo: httpx.AsyncClient, last: str) -> None:
    one = a_session(store, {"w": []})
    response = await demo.get(f"/v1/sessions/{one}/live", headers={"Last-Event-ID": last})

    assert (response.status_code, response.json()["reason"]) == (400, "bad_parameter")
    assert response.headers["content-type"] == "application/problem+json"


async def test_an_id_of_later_than_all_there_is_gives_the_completion(
    store: Client, demo: httpx.AsyncClient
) -> None:
    one = a_session(store, {"w": [batch(move(0), seq=0, offset=5)]})
    assert [each.event for each in await stream(demo, one, f"65535-{2**63 - 1}")] == ["completed"]


async def test_a_batch_that_was_inserted_twice_comes_once(store: Client, demo: httpx.AsyncClient) -> None:
    first, second = batch(meta(0), snapshot(1), seq=0, offset=0), batch(move(9), seq=1, offset=1)
    one = a_session(store, {"w": [first, second]})
    insert_batches(store, "shop", one, first, second)
    assert [offset for _, offset, _ in told(await stream(demo, one))] == [0, 1]


async def test_a_batch_of_which_nothing_was_left_does_not_come(
    store: Client, demo: httpx.AsyncClient
) -> None:
    empty = batch(move(9), seq=1, offset=1)._replace(events=0, payload=b"")
    one = a_session(store, {"w": [batch(move(0), seq=0, offset=0), empty]})
    assert [offset for _, offset, _ in told(await stream(demo, one))] == [0]


async def test_a_session_without_batches_is_completed_all_the_same(
    store: Client, demo: httpx.AsyncClient
) -> None:
    assert [each.event for each in await stream(demo, a_session(store, {}))] == ["completed"]


async def test_a_long_session_is_read_in_pieces(
    store: Client, demo: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = a_session(
        store, {"w": [batch(event(START + at, "x" * 100_000), seq=at, offset=at) for at in range(20)]}
    )
    sizes: list[int] = []
    asking = app.state.rooms.clickhouse.read

    async def noting(name: str, *rest: Any) -> bytes:
        answer: bytes = await asking(name, *rest)
        sizes.append(len(answer))
        return answer

    monkeypatch.setattr(app.state.rooms.clickhouse, "read", noting)

    assert [offset for _, offset, _ in told(await stream(demo, one))] == list(range(20))
    assert max(sizes) < 400_000 < sum(sizes)


async def test_another_accept_is_refused(store: Client, demo: httpx.AsyncClient) -> None:
    one = a_session(store, {})
    response = await demo.get(f"/v1/sessions/{one}/live", headers={"Accept": "application/json"})
    assert (response.status_code, response.json()["reason"]) == (406, "not_acceptable")


async def test_it_is_not_compressed(store: Client, demo: httpx.AsyncClient) -> None:
    """A compressor for each viewer would be larger than all else that is held of one."""
    one = a_session(store, {"w": [batch(event(START, "x" * 9_000), seq=0)]})
    response = await demo.get(f"/v1/sessions/{one}/live", headers={"Accept-Encoding": "zstd, gzip"})
    assert "content-encoding" not in response.headers


async def test_a_share_link_shows_its_own_session(store: Client, app: FastAPI) -> None:
    one, other = a_session(store, {}), a_session(store, {})
    link = share("live", one)
    know_shares(app, link)
    async with calling(app, sign(link, SHARE_KEY.encode())) as guest:
        assert (await guest.get(f"/v1/sessions/{one}/live")).status_code == 200
        assert (await guest.get(f"/v1/sessions/{other}/live")).status_code == 404


async def test_no_more_viewers_than_are_allowed(store: Client, demo: httpx.AsyncClient, app: FastAPI) -> None:
    one = a_session(store, {}, status="active")
    live = app.state.rooms.live
    live._limits = replace(live._limits, viewers=3)
    streams = [await live.open("demo", one, None) for _ in range(3)]

    refused = await demo.get(f"/v1/sessions/{one}/live")
    assert (refused.status_code, refused.json()["reason"]) == (503, "too_many_viewers")
    assert int(refused.headers["retry-after"]) > 0

    await streams.pop().aclose()
    for each in [*streams, await live.open("demo", one, None)]:
        await each.aclose()


@pytest.fixture
def repository(connected: ClickHouse) -> LiveRepository:
    return LiveRepository(connected)


def key(one: str, started_at: int = START) -> SessionKey:
    return SessionKey("shop", one, started_at)


async def test_news_are_the_newest_version_and_its_status(store: Client, repository: LiveRepository) -> None:
    active, completed, expired = (session_id(START, next(_seeds)) for _ in range(3))
    insert_sessions(store, SessionVersion("shop", active, status="active", version=3))
    insert_sessions(store, SessionVersion("shop", completed, version=9))
    insert_sessions(store, SessionVersion("shop", completed, status="active", version=8))
    insert_sessions(store, SessionVersion("shop", expired, expires_on=date(2020, 1, 1)))
    gone = session_id(START, next(_seeds))

    news = await repository.news([key(each) for each in (active, completed, expired, gone)])

    assert {
        one: (row.newest_version, row.newest_status, row.completed_at_ms) for one, row in news.items()
    } == {active: (3, "active", None), completed: (9, "completed", START + 2_000_000)}


async def test_a_page_ends_with_the_batch_that_fills_it(store: Client, repository: LiveRepository) -> None:
    batches = [batch(event(START + at, "x" * 100), seq=at, offset=at) for at in range(10)]
    one = a_session(store, {"w": batches})
    size = len(batches[0].payload) + 2
    after, pages = BEFORE_ALL, []
    while True:
        found = await repository.next(key(one), after, EVERYTHING, 2 * size + 1)
        pages.append([each.at.offset for each in found.batches])
        if not found.more:
            break
        after = found.batches[-1].at
    assert pages == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]
    last = await repository.next(key(one), Arrival(0, 8), EVERYTHING, 1)
    assert [each.payload for each in last.batches] == [batches[9].payload]


async def test_it_reads_the_session_s_own_stretch_of_the_tables(
    store: Client, repository: LiveRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        other = session_id(START - 10_000_000 * number, 98_000 + number)
        insert_batches(store, "shop", other, *(batch(move(at), seq=at, offset=at) for at in range(300)))
    one = a_session(store, {"w": [batch(meta(0), snapshot(1), seq=0)]})
    store.command("OPTIMIZE TABLE recordings FINAL")
    asked: list[tuple[str, str, dict[str, Any]]] = []
    reading = repository._clickhouse.read

    async def noting(name: str, sql: str, parameters: dict[str, Any], form: str) -> bytes:
        asked.append((name, sql, parameters))
        return await reading(name, sql, parameters, form)

    monkeypatch.setattr(repository._clickhouse, "read", noting)
    await repository.next(key(one), BEFORE_ALL, await repository.beginning(key(one), None), 1_000)

    assert {name for name, *_ in asked} == {"live_beginning", "live_next"}
    for name, sql, parameters in asked:
        read_now, there = granules_read(store, sql, parameters)
        assert there > 40
        assert read_now <= 2, name

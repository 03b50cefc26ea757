"""What is found in the rows of a session's events, on the real engine."""

import itertools
import json
import re
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from query_api.clickhouse import ClickHouse
from query_api.timeline.repository import TEXT_CHARACTERS, TIMELINE, ItemRow, Thresholds, TimelineRepository
from tests.query_api.seeds import START, batch, insert_batches, session_id

pytestmark = pytest.mark.stack

THRESHOLDS = Thresholds(
    rage_clicks=3,
    rage_within_ms=1_000,
    rage_radius_px=30,
    dead_after_ms=1_000,
    quick_back_within_ms=10_000,
    idle_after_ms=10_000,
    input_pause_ms=2_000,
)
_seeds = itertools.count(60_001)


@pytest.fixture
def repository(connected: ClickHouse) -> TimelineRepository:
    return TimelineRepository(connected)


def event(at: int, kind: int, **data: Any) -> bytes:
    """`at` in ms from the session's start."""
    return json.dumps({"type": kind, "data": data, "timestamp": START + at}).encode()


def click(at: int, x: float = 10, y: float = 10, node: int = 7) -> bytes:
    return event(at, 3, source=2, type=2, id=node, x=x, y=y)


def mutation(at: int) -> bytes:
    return event(at, 3, source=0, adds=[], removes=[], texts=[], attributes=[])


def move(at: int) -> bytes:
    return event(at, 3, source=1, positions=[{"x": 1, "y": 1, "id": 1, "timeOffset": 0}])


def typing(at: int, node: int = 9) -> bytes:
    return event(at, 3, source=5, id=node, text="s3cret", isChecked=False)


def page(at: int, href: str) -> bytes:
    return event(at, 4, href=href, width=100, height=100)


def error(at: int, message: str, level: str = "error") -> bytes:
    payload = {"level": level, "payload": [json.dumps(message)], "trace": []}
    return event(at, 6, plugin="rrweb/console@1", payload=payload)


def a_session(store: Client, *events: bytes, **windows: list[bytes]) -> str:
    one = session_id(START, next(_seeds))
    for name, its in {"w": list(events), **windows}.items():
        if its:
            insert_batches(store, "shop", one, batch(*its, seq=0), window_id=name)
    return one


async def found(
    repository: TimelineRepository,
    one: str,
    *kinds: str,
    from_at: int = 0,
    limit: int = 1_000,
    **changed: Any,
) -> list[ItemRow]:
    """Items of these kinds; of all where none is named."""
    thresholds = Thresholds(
        **{**{name: getattr(THRESHOLDS, name) for name in THRESHOLDS.__struct_fields__}, **changed}
    )
    items = await repository.items(
        connection_id="shop", session_id=one, thresholds=thresholds, from_at=from_at, limit=limit
    )
    return [item for item in items if not kinds or item.kind in kinds]


def times(items: list[ItemRow]) -> list[int]:
    return [item.at_ms - START for item in items]


async def test_a_session_without_events_has_an_empty_timeline(repository: TimelineRepository) -> None:
    assert await found(repository, session_id(START, 60_000)) == []


async def test_everything_in_order_of_time(store: Client, repository: TimelineRepository) -> None:
    one = a_session(
        store,
        page(0, "https://shop.example/"),
        click(100, 12.5, 30, node=47),
        mutation(150),
        typing(400),
        event(600, 5, tag="chat", payload={"text": "hello"}),
        error(700, "x is undefined"),
    )

    items = await found(repository, one)

    assert [(item.kind, item.at_ms - START) for item in items] == [
        ("page_view", 0),
        ("click", 100),
        ("input", 400),
        ("custom", 600),
        ("error", 700),
    ]
    by_kind = {item.kind: item for item in items}
    assert by_kind["page_view"].text == "https://shop.example/"
    assert (by_kind["click"].node_id, by_kind["click"].x, by_kind["click"].y) == (47, 12.5, 30)
    assert (by_kind["custom"].name, by_kind["custom"].text) == ("chat", '{"text":"hello"}')
    assert (by_kind["error"].name, by_kind["error"].text) == ("error", "x is undefined")
    assert by_kind["input"].node_id == 9
    assert {item.window_id for item in items} == {"w"}


async def test_what_was_typed_is_not_in_it(store: Client, repository: TimelineRepository) -> None:
    one = a_session(store, typing(0), typing(10))
    assert "s3cret" not in str(await found(repository, one))


async def test_typing_is_one_input_until_it_pauses_or_goes_elsewhere(
    store: Client, repository: TimelineRepository
) -> None:
    one = a_session(store, typing(0), typing(1_900), typing(3_901), typing(4_000, node=8), typing(4_100))

    assert times(await found(repository, one, "input")) == [0, 3_901, 4_000, 4_100]
    assert times(await found(repository, one, "input", input_pause_ms=2_001)) == [0, 4_000, 4_100]


async def test_clicks_in_one_place_in_a_short_time_are_a_rage_click_once(
    store: Client, repository: TimelineRepository
) -> None:
    one = a_session(store, *(click(at) for at in (0, 300, 600, 900, 5_000, 6_000, 7_001, 20_000, 20_100)))

    (burst,) = await found(repository, one, "rage_click")
    assert (burst.at_ms - START, (burst.until_at_ms or 0) - START) == (0, 600)
    assert times(await found(repository, one, "rage_click", rage_within_ms=2_001)) == [0, 5_000]
    assert times(await found(repository, one, "rage_click", rage_clicks=2)) == [0, 5_000, 20_000]
    assert times(await found(repository, one, "rage_click", rage_clicks=5)) == []


async def test_clicks_far_from_one_another_are_none(store: Client, repository: TimelineRepository) -> None:
    one = a_session(store, click(0), click(100, x=41), click(200))

    assert await found(repository, one, "rage_click") == []
    assert times(await found(repository, one, "rage_click", rage_radius_px=31)) == [0]


async def test_a_click_after_which_nothing_happens_is_dead(
    store: Client, repository: TimelineRepository
) -> None:
    one = a_session(
        store,
        click(0),
        mutation(1_000),
        click(5_000),
        mutation(6_001),
        click(10_000),
        move(10_100),
        move(12_000),
    )

    assert times(await found(repository, one, "dead_click")) == [5_000, 10_000]
    assert times(await found(repository, one, "dead_click", dead_after_ms=1_001)) == [10_000]


@pytest.mark.parametrize(
    "reaction",
    [
        page(200, "https://shop.example/2"),
        event(200, 5, tag="url-change", payload={"href": "https://shop.example/2"}),
        event(200, 3, source=3, id=1, x=0, y=5),
        typing(200),
        event(-50, 3, source=2, type=5, id=7),
    ],
    ids=["page", "move in the app", "scroll", "input", "the focus that came just before"],
)
async def test_what_else_comes_of_a_click(
    store: Client, repository: TimelineRepository, reaction: bytes
) -> None:
    one = a_session(store, reaction, click(0), move(3_000))
    nothing = a_session(store, click(0), move(3_000))

    assert await found(repository, one, "dead_click") == []
    assert times(await found(repository, nothing, "dead_click")) == [0]


async def test_of_the_last_click_it_is_not_known(store: Client, repository: TimelineRepository) -> None:
    one = a_session(store, click(0), move(999))
    assert await found(repository, one, "dead_click") == []


async def test_what_another_window_does_does_not_count(store: Client, repository: TimelineRepository) -> None:
    one = a_session(store, click(0), move(5_000), v=[mutation(100), click(200), click(300)])
    assert [(i.window_id, i.at_ms - START) for i in await found(repository, one, "dead_click")] == [("w", 0)]
    assert await found(repository, one, "rage_click") == []


async def test_back_after_a_short_look_is_a_quick_back(store: Client, repository: TimelineRepository) -> None:
    a, b, c = (f"https://shop.example/{name}" for name in "abc")
    one = a_session(store, page(0, a), page(50_000, b), page(60_000, a), page(70_001, b), page(71_000, c))

    (back,) = await found(repository, one, "quick_back")
    assert (back.at_ms - START, back.text) == (60_000, a)
    assert times(await found(repository, one, "quick_back", quick_back_within_ms=10_001)) == [60_000, 70_001]


async def test_a_visitor_who_does_nothing_is_idle_whatever_the_page_does(
    store: Client, repository: TimelineRepository
) -> None:
    one = a_session(store, move(0), mutation(5_000), mutation(9_000), move(10_000), move(15_000))

    (idle,) = await found(repository, one, "idle")
    assert (idle.at_ms - START, (idle.until_at_ms or 0) - START) == (0, 10_000)
    assert await found(repository, one, "idle", idle_after_ms=10_001) == []


async def test_who_is_busy_in_another_window_is_not_idle_and_has_changed_windows(
    store: Client, repository: TimelineRepository
) -> None:
    one = a_session(store, move(0), move(12_000), v=[move(6_000), move(7_000)])

    assert await found(repository, one, "idle") == []
    changes = await found(repository, one, "window_change")
    assert [(item.window_id, item.at_ms - START) for item in changes] == [("v", 6_000), ("w", 12_000)]


async def test_only_errors_of_the_console_and_custom_events_of_the_page(
    store: Client, repository: TimelineRepository
) -> None:
    one = a_session(
        store,
        error(0, "only a warning", level="warn"),
        event(1, 6, plugin="another", payload={"level": "error", "payload": [], "trace": []}),
        event(2, 5, tag="url-change", payload={"href": "https://shop.example/3"}),
    )

    assert [item.kind for item in await found(repository, one)] == ["page_view"]


async def test_odd_payloads_and_long_texts(store: Client, repository: TimelineRepository) -> None:
    one = a_session(store, event(0, 5, tag="x"), event(1, 5, tag="y", payload=5), error(2, "é" * 5_000))

    first, second, third = await found(repository, one)
    assert (first.name, first.text) == ("x", "")
    assert (second.name, second.text) == ("y", "5")
    assert third.text == "é" * TEXT_CHARACTERS


async def test_from_a_moment_on_and_no_more_than_asked_for(
    store: Client, repository: TimelineRepository
) -> None:
    one = a_session(store, *(click(at * 5_000) for at in range(10)))

    assert times(await found(repository, one, "click", from_at=START + 35_000)) == [35_000, 40_000, 45_000]
    assert len(await found(repository, one, limit=3)) == 3


async def test_an_insert_that_was_repeated_shows_once(store: Client, repository: TimelineRepository) -> None:
    one = a_session(store, click(0), error(5, "once"))
    insert_batches(store, "shop", one, batch(click(0), error(5, "once"), seq=0))

    assert [item.kind for item in await found(repository, one)] == ["click", "error"]


async def test_another_session_is_not_looked_at(store: Client, repository: TimelineRepository) -> None:
    other = a_session(store, click(0))
    one = a_session(store, click(1))

    assert times(await found(repository, one, "click")) == [1]
    assert times(await found(repository, other, "click")) == [0]


def test_it_reads_the_sessions_own_stretch_of_the_table(store: Client) -> None:
    for number in range(30):
        busy = session_id(START, 70_000 + number)
        insert_batches(store, "shop", busy, batch(*(move(at) for at in range(3_000)), seq=0))
    store.command("OPTIMIZE TABLE events FINAL")
    one = a_session(store, click(0))
    store.command("OPTIMIZE TABLE events FINAL")
    parameters = {
        "connection_id": "shop",
        "session_id": one,
        "from_at": 0,
        "limit": 10,
        "text_characters": 100,
        **{name: getattr(THRESHOLDS, name) for name in THRESHOLDS.__struct_fields__},
    }

    plan = "\n".join(row[0] for row in store.query(f"EXPLAIN indexes = 1 {TIMELINE}", parameters).result_rows)

    by_key = re.findall(r"PrimaryKey.*?Granules: (\d+)/(\d+)", plan, re.DOTALL)
    assert len(by_key) == plan.count("ReadFromMergeTree") >= 10
    assert {int(whole) for _, whole in by_key} == {11}
    assert {int(read) for read, _ in by_key} == {1}

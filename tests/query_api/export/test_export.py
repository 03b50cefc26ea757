"""A whole window as a file, over the real engine, and back through the importer."""

import gzip
import json
from itertools import count
from pathlib import Path

import httpx
import pytest
from clickhouse_connect.driver.client import Client
from fastapi import FastAPI

from playhead.importing.recorded_events import RecordedEvents
from query_api.events.order import Batch
from tests.query_api.conftest import calling
from tests.query_api.kinds import FULL_SNAPSHOT, META
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

RECORDINGS = sorted((Path(__file__).parents[3] / "examples" / "recordings").glob("*.jsonl.gz"))
NDJSON = {"Accept": "application/x-ndjson"}
_seeds = count(60_000)


def seeded(store: Client, *batches: Batch, windows: tuple[Window, ...] = (Window(),), to: str = "w") -> str:
    one = session_id(START, next(_seeds))
    insert_sessions(store, SessionVersion("shop", one, windows=windows))
    if batches:
        insert_batches(store, "shop", one, *batches, window_id=to)
    return f"/v1/sessions/{one}/export"


def recorded(path: Path) -> list[bytes]:
    with gzip.open(path) as lines:
        return [line.rstrip(b"\n") for line in lines]


@pytest.fixture
async def small_pages(app: FastAPI) -> httpx.AsyncClient:
    """A query API that reads a window some batches at a time."""
    rooms = app.state.rooms
    smaller = rooms.settings.model_copy(update={"max_page_bytes": 200_000})
    app.state.rooms = type(rooms)(**{**vars(rooms), "settings": smaller})
    return calling(app, "demo_secret")


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
@pytest.mark.parametrize("form", ["json", "ndjson"])
async def test_a_recording_comes_out_whole_and_the_importer_reads_the_same_events(
    small_pages: httpx.AsyncClient, store: Client, tmp_path: Path, path: Path, form: str
) -> None:
    events = recorded(path)
    url = seeded(store, *(batch(*events[at : at + 20], seq=at // 20) for at in range(0, len(events), 20)))

    response = await small_pages.get(url, headers=NDJSON if form == "ndjson" else {})

    file = tmp_path / f"export.{form}"
    file.write_bytes(response.content)
    assert [each.text for each in RecordedEvents(file)] == events
    if form == "json":
        assert response.content == b"[" + b",".join(events) + b"]"


async def test_by_default_it_is_the_first_window_that_plays(demo: httpx.AsyncClient, store: Client) -> None:
    windows = (
        Window("silent", first_at=START, playable_at=None),
        Window("second", first_at=START + 9, playable_at=START + 9),
        Window("first", first_at=START + 5, playable_at=START + 7),
    )
    url = seeded(store, batch(event(START + 5, "first"), seq=0), windows=windows, to="first")
    insert_batches(store, "shop", url.split("/")[3], batch(event(START, "s"), seq=0), window_id="silent")

    response = await demo.get(url)

    assert [each["data"]["text"] for each in response.json()] == ["first"]
    name = f"playhead-{url.split('/')[3]}-first.json"
    assert response.headers["content-disposition"] == f'attachment; filename="{name}"'
    named = await demo.get(url, params={"window": "silent"}, headers=NDJSON)
    assert named.content == event(START, "s") + b"\n"
    assert named.headers["content-disposition"].endswith('-silent.ndjson"')


async def test_where_no_window_plays_it_says_so_and_what_to_do(
    demo: httpx.AsyncClient, store: Client
) -> None:
    url = seeded(store, batch(event(START), seq=0), windows=(Window(playable_at=None),))

    response = await demo.get(url)

    assert (response.status_code, response.json()["reason"]) == (409, "not_playable")
    assert "name one" in response.json()["detail"]
    assert (await demo.get(url, params={"window": "w"})).status_code == 200


async def test_a_part_of_it_can_be_had(small_pages: httpx.AsyncClient, store: Client) -> None:
    batches = [
        batch(event(START, "x" * 150_000), seq=0),
        batch(event(START + 10, "m", META), event(START + 11, "s", FULL_SNAPSHOT), seq=1),
        *(batch(event(START + ms, "x" * 150_000), seq=ms) for ms in (20, 30, 40)),
    ]
    url = seeded(store, *batches, windows=(Window(playable_at=START + 11),))

    response = await small_pages.get(url, params={"at": START, "to": START + 40})

    assert [each["timestamp"] - START for each in response.json()] == [10, 11, 20, 30]


@pytest.mark.parametrize(("headers", "empty"), [({}, b"[]"), (NDJSON, b"")])
async def test_a_window_without_events_is_an_empty_file(
    demo: httpx.AsyncClient, store: Client, headers: dict[str, str], empty: bytes
) -> None:
    assert (await demo.get(seeded(store), headers=headers)).content == empty


async def test_a_link_says_its_form_by_a_parameter(demo: httpx.AsyncClient, store: Client) -> None:
    url = seeded(store, batch(event(START, "x"), seq=0))

    lines = await demo.get(url, params={"form": "ndjson"}, headers={"Accept": "text/html,*/*;q=0.8"})
    array = await demo.get(url, params={"form": "json"}, headers=NDJSON)

    assert (lines.headers["content-type"], lines.content) == (NDJSON["Accept"], event(START, "x") + b"\n")
    assert (array.headers["content-type"], array.json()) == (
        "application/json",
        [json.loads(event(START, "x"))],
    )
    assert lines.headers["etag"] != array.headers["etag"]


@pytest.mark.parametrize("headers", [{}, NDJSON])
async def test_head_and_etag_are_as_of_events(
    demo: httpx.AsyncClient, store: Client, headers: dict[str, str]
) -> None:
    url = seeded(store, batch(event(START, "x" * 3_000), seq=0))
    get = await demo.get(url, headers=headers)

    head = await demo.head(url, headers=headers)
    kept = await demo.get(url, headers=headers | {"If-None-Match": get.headers["etag"]})
    events = await demo.get(url.replace("/export", "/events"), headers=headers)

    assert (head.status_code, head.content, dict(head.headers)) == (200, b"", dict(get.headers))
    assert (kept.status_code, kept.content) == (304, b"")
    assert events.headers["etag"] != get.headers["etag"]


@pytest.mark.parametrize(
    ("parameters", "headers", "status", "reason"),
    [
        ({"window": "third"}, {}, 404, "unknown_window"),
        ({"window": "w" * 65}, {}, 400, "bad_parameter"),
        ({"at": 1, "from": 1}, {}, 400, "bad_parameter"),
        ({}, {"Accept": "text/css"}, 406, "not_acceptable"),
        ({"form": "xml"}, {}, 400, "bad_parameter"),
        # This server has no player.
        ({}, {"Accept": "text/html"}, 406, "not_acceptable"),
    ],
)
async def test_what_cannot_be_had_is_refused(
    demo: httpx.AsyncClient,
    store: Client,
    parameters: dict[str, str],
    headers: dict[str, str],
    status: int,
    reason: str,
) -> None:
    response = await demo.get(seeded(store), params=parameters, headers=headers)

    assert (response.status_code, response.json()["reason"]) == (status, reason)


async def test_what_rrweb_player_takes_is_an_array_with_meta_and_full_snapshot(
    demo: httpx.AsyncClient, store: Client
) -> None:
    events = recorded(RECORDINGS[2])
    url = seeded(store, *(batch(*events[at : at + 20], seq=at // 20) for at in range(0, len(events), 20)))

    taken = json.loads((await demo.get(url)).content)

    kinds = [each["type"] for each in taken]
    assert kinds.index(META) < kinds.index(FULL_SNAPSHOT)
    assert [each["timestamp"] for each in taken] == sorted(each["timestamp"] for each in taken)

"""A session as a page that plays by itself: over the real engine, and back through the importer."""

import base64
import gzip
import hashlib
import html
import json
import re
from html.parser import HTMLParser
from itertools import count
from pathlib import Path

import httpx
import pytest
from clickhouse_connect.driver.client import Client
from fastapi import FastAPI

from playhead.importing.documents import windows
from playhead.importing.problems import Unimportable
from playhead.importing.recorded_events import RecordedEvents
from playhead.importing.survey import surveys
from query_api.export.page import Packed, Player, begin, begin_window, end, end_window, in_script, policy
from query_api.export.player_files import PlayerFiles
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

PLAYER = "const a = '</script><!--<script>'; play(a)"
RECORDINGS = sorted((Path(__file__).parents[3] / "examples" / "recordings").glob("*.jsonl.gz"))
EVIL = "</script><script>alert(1)</script><!--\u2028\u2029]]>"
PAGE = {"form": "html"}
_seeds = count(61_000)


@pytest.fixture
def built(app: FastAPI, tmp_path: Path) -> Path:
    """The app gets a player."""
    folder = tmp_path / "dashboard" / "exported"
    folder.mkdir(parents=True)
    (folder / "player.js").write_text(PLAYER)
    (folder / "player.css").write_text("body{}</style><b>")
    rooms = app.state.rooms
    changes = {"player_files": PlayerFiles(folder.parent)}
    # Pages of events as small as can be, so that a window is several.
    changes["settings"] = rooms.settings.model_copy(update={"max_page_bytes": 200_000})
    app.state.rooms = type(rooms)(**{**vars(rooms), **changes})
    return folder


def seeded(store: Client, events_of: dict[str, list[bytes]], **session: object) -> str:
    """A session whose windows opened in this order; the address of its export."""
    one = session_id(START, next(_seeds))
    opened = tuple(Window(name, first_at=START + number) for number, name in enumerate(events_of))
    insert_sessions(store, SessionVersion("shop", one, **{"windows": opened, **session}))  # type: ignore[arg-type]
    for name, events in events_of.items():
        batches = (batch(*events[at : at + 20], seq=at // 20) for at in range(0, len(events), 20))
        insert_batches(store, "shop", one, *batches, window_id=name)
    return f"/v1/sessions/{one}/export"


class Page(HTMLParser):
    """What a browser would make of the page: its elements with their attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self.elements.append((f"/{tag}", {}, ""))

    def handle_data(self, data: str) -> None:
        if self.elements:
            tag, attributes, text = self.elements[-1]
            self.elements[-1] = (tag, attributes, text + data)

    def of(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attributes, text) for name, attributes, text in self.elements if name == tag]


@pytest.mark.stack
async def test_every_window_comes_back_as_it_was(
    demo: httpx.AsyncClient, store: Client, built: Path, tmp_path: Path
) -> None:
    recorded = gzip.decompress(RECORDINGS[0].read_bytes()).splitlines()
    evil = [event(START + 5, EVIL, META), event(START + 6, EVIL, FULL_SNAPSHOT)]
    url = seeded(store, {"first": recorded, "second-_1": evil})

    response = await demo.get(url, params=PAGE)

    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["content-disposition"].endswith('.html"')
    file = tmp_path / "export.html"
    file.write_bytes(response.content)
    assert windows(file) == ["first", "second-_1"]
    assert [each.text for each in RecordedEvents(file, window="first")] == recorded
    assert [each.text for each in RecordedEvents(file, window="second-_1")] == evil
    # Imported, it has the name that its JSON has, and all its windows are one visitor's.
    array = tmp_path / "export.json"
    array.write_bytes((await demo.get(url)).content)
    first, second = surveys(file)
    assert first.digest == surveys(array)[0].digest
    assert first.visit == second.visit == first.digest != second.digest


@pytest.mark.stack
async def test_nothing_recorded_is_text_of_the_page(
    demo: httpx.AsyncClient, store: Client, built: Path
) -> None:
    url = seeded(store, {"w": [event(START, EVIL, META)]}, landing_url=f"https://x/{EVIL}")

    text = (await demo.get(url, params=PAGE)).text

    assert EVIL not in text
    page = Page(text)
    scripts = page.of("script")
    assert [attributes.get("type") for attributes, _ in scripts] == [
        "application/json",
        "application/gzip",
        None,
    ]
    assert json.loads(scripts[0][1])["landing_url"] == f"https://x/{EVIL}"
    assert page.of("title")[0][1].strip() == f"https://x/{EVIL} · Playhead"
    assert page.of("b") == []


@pytest.mark.stack
async def test_its_policy_lets_its_own_script_run_and_names_no_host(
    demo: httpx.AsyncClient, store: Client, built: Path
) -> None:
    page = Page((await demo.get(seeded(store, {"w": [event(START)]}), params=PAGE)).text)

    said = next(each["content"] for each, _ in page.of("meta") if each.get("http-equiv"))
    digest = base64.b64encode(hashlib.sha256(page.of("script")[-1][1].encode()).digest()).decode()
    assert said is not None
    assert f"script-src 'sha256-{digest}';" in said
    assert said.startswith("default-src 'none';")
    assert not re.search(r"http|self|\*|script-src[^;]*unsafe", said)


@pytest.mark.stack
async def test_one_window_a_part_a_head_and_an_etag(
    demo: httpx.AsyncClient, store: Client, built: Path, tmp_path: Path
) -> None:
    url = seeded(store, {"a": [event(START), event(START + 9)], "b": [event(START)]})

    response = await demo.get(url, params=PAGE | {"window": "a", "to": START + 5})

    file = tmp_path / "part.html"
    file.write_bytes(response.content)
    assert windows(file) == ["a"]
    assert [each.at for each in RecordedEvents(file, window="a")] == [START]
    head = await demo.head(url, params=PAGE | {"window": "a", "to": START + 5})
    assert (head.status_code, head.content, dict(head.headers)) == (200, b"", dict(response.headers))
    kept = await demo.get(
        url,
        params=PAGE | {"window": "a", "to": START + 5},
        headers={"If-None-Match": response.headers["etag"]},
    )
    assert kept.status_code == 304
    (built / "player.js").write_text("another player")
    assert (await demo.head(url, params=PAGE)).headers["etag"] != response.headers["etag"]


@pytest.mark.stack
async def test_what_no_browser_would_open_or_play_is_refused(
    demo: httpx.AsyncClient, store: Client, built: Path, app: FastAPI
) -> None:
    silent = seeded(store, {"w": [event(START)]}, windows=(Window(playable_at=None),))
    assert (await demo.get(silent, params=PAGE)).json()["reason"] == "not_playable"

    app.state.rooms.export._html_max_bytes = 999
    response = await demo.get(seeded(store, {"w": [event(START)]}), params=PAGE)
    assert (response.status_code, response.json()["reason"]) == (413, "export_too_large")
    assert "1000 bytes" in response.json()["detail"]
    assert (await demo.get(silent.replace("export", "export?window=w"))).status_code == 200


def a_page(*blocks: bytes, last: bytes = end(Player("", ""))) -> bytes:
    return begin(Player("", ""), "t", b"{}") + b"".join(blocks) + last


def a_window(name: str, text: bytes) -> bytes:
    packed = Packed()
    return begin_window(name) + packed.add(text) + packed.end() + end_window()


WHOLE = a_page(a_window("w", b"[" + event(START, "x" * 5_000) + b"]"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<!doctype html>\n<title>A page</title>", "no export of Playhead's"),
        (b"<!doctype html>", "cut off"),
        (WHOLE[: len(WHOLE) - 30], "cut off"),
        (a_page(), "holds no window"),
        (a_page(begin_window("w") + b"!!!!\n" + end_window()), "damaged"),
        (a_page(begin_window("w") + b"AAAA\n" + end_window()), "damaged"),
        (a_page(begin_window("w") + end_window()), "cut off"),
        (a_page(a_window("w", b"[]")), "holds no event"),
        (a_page(a_window("w", b"[{}]")), "no rrweb event"),
    ],
)
def test_a_page_that_is_damaged_says_how(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "damaged.html"
    file.write_bytes(content)

    with pytest.raises(Unimportable, match=why):
        surveys(file)


def test_a_page_may_be_gzip_and_any_piece_is_whole_in_its_lines(tmp_path: Path) -> None:
    packed, events = Packed(), [event(START + at, str(hash(str(at)))) for at in range(500)]
    lines = b"".join(
        packed.add(piece) for piece in (b"[", *(each + b"," for each in events[:-1]), events[-1], b"]")
    )
    file = tmp_path / "page.html.gz"
    file.write_bytes(gzip.compress(a_page(begin_window("w") + lines + packed.end() + end_window())))

    assert [each.text for each in RecordedEvents(file, window="w")] == events


def test_json_in_a_page_says_the_same_and_ends_nothing() -> None:
    said = {"a": EVIL, "&": "&lt;"}
    written = in_script(json.dumps(said, ensure_ascii=False).encode())

    assert json.loads(written) == said
    assert not set(b"<>&\xe2") & set(written)


def test_a_policy_is_of_the_script_as_it_stands() -> None:
    text = begin(Player(PLAYER, ""), "t", b"{}").decode()
    (script, *_) = [each for _, each in Page(end(Player(PLAYER, "")).decode()).of("script")]

    assert script != PLAYER
    assert html.escape(policy(script)) in text

"""Against a scripted collector: what is sent of which file, and what becomes of the others when one fails."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import httpx
import pytest
import stamina
import ua_parser

from playhead.importing.run import Outcome, Progress, Wish, run
from playhead.importing.sending import CUT
from playhead.importing.survey import Survey
from tests.playhead.importing import files

WISH = Wish("http://collector", "write-key")


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


class Collector:
    """Takes everything, or answers as it is told for the n-th request."""

    def __init__(self, **answers: httpx.Response) -> None:
        self.asked: list[tuple[dict[str, str], httpx.Headers, list[bytes]]] = []
        self._answers = answers

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = gzip.decompress(request.content)
        self.asked.append((dict(request.url.params), request.headers, list(split(body))))
        told = self._answers.get(f"n{len(self.asked) - 1}", self._answers.get("always"))
        return told or httpx.Response(202, json={"accepted": len(self.asked[-1][2]), "batch": "b"})

    def by_window(self) -> dict[tuple[str, str], list[bytes]]:
        taken: dict[tuple[str, str], list[bytes]] = {}
        for parameters, _, events in self.asked:
            taken.setdefault((parameters["visitor"], parameters["window"]), []).extend(events)
        return taken


def split(body: bytes) -> Iterator[bytes]:
    """The events of an array of what `files.events` made, each in its own bytes."""
    decoder = json.JSONDecoder()
    text, at = body.decode(), 1
    while at < len(text) - 1:
        _, end = decoder.raw_decode(text, at)
        yield text[at:end].encode()
        at = end + 1


@contextmanager
def answering(collector: Collector) -> Iterator[None]:
    real = httpx.AsyncClient

    def client(**given: object) -> httpx.AsyncClient:
        return real(transport=httpx.MockTransport(collector), base_url=str(given["base_url"]))

    with patch("playhead.importing.run.httpx.AsyncClient", client):
        yield


class Told(Progress):
    def __init__(self) -> None:
        self.what: list[object] = []

    def reading(self, file: Path) -> None:
        self.what.append(file.name)

    def sending(self, surveyed: Survey) -> None:
        self.what.append((surveyed.file.name, surveyed.events))

    def sent(self, events: int) -> None:
        self.what.append(events)


async def imported(
    collector: Collector, *paths: Path, wish: Wish = WISH, progress: Progress | None = None
) -> list[Outcome]:
    with answering(collector):
        return await run(paths, wish, progress or Progress())


async def test_a_file_is_one_window_whose_batches_are_numbered_and_whose_last_is_final(
    tmp_path: Path,
) -> None:
    events = [*files.events(3), *files.events(2, start_at=1_700_000_100_000)]
    collector = Collector()
    (outcome,) = await imported(collector, files.write(tmp_path, "a", files.lines(events)))
    assert outcome.surveyed is not None
    name = f"import-{outcome.surveyed.digest}"
    shared = {"key": "write-key", "visitor": name, "window": name}
    assert [(parameters, taken) for parameters, _, taken in collector.asked] == [
        ({**shared, "seq": "0"}, events[:3]),
        ({**shared, "seq": "1", "final": "1"}, events[3:]),
    ]
    assert (outcome.why, outcome.sent and (outcome.sent.events, outcome.sent.batches)) == (None, (5, 2))


async def test_batches_are_cut_at_their_number_of_events_their_bytes_and_their_span(tmp_path: Path) -> None:
    many = [files.an_event(1_000, str(at), "") for at in range(CUT.events + 1)]
    large = [files.an_event(1_000, str(at), "x" * (CUT.raw_bytes // 2)) for at in range(3)]
    long = [files.an_event(at, "a") for at in (0, CUT.span_ms, CUT.span_ms + 1)]
    for events, lengths in ((many, [CUT.events, 1]), (large, [1, 1, 1]), (long, [2, 1])):
        collector = Collector()
        await imported(collector, files.write(tmp_path, "a", files.array(events)))
        assert [len(taken) for _, _, taken in collector.asked] == lengths


async def test_the_same_events_are_sent_as_the_same_requests_however_they_are_written_down(
    tmp_path: Path,
) -> None:
    events = files.events(30)
    requests = []
    for form in (files.array, files.pretty, files.page, files.lines, files.pages):
        for name in ("a", "a.gz"):
            collector = Collector()
            await imported(collector, files.write(tmp_path, name, form(events)))
            requests.append([(parameters, taken) for parameters, _, taken in collector.asked])
    assert all(each == requests[0] for each in requests)
    assert requests[0]


async def test_what_a_connection_asks_for_is_sent_along(tmp_path: Path) -> None:
    wish = Wish(
        "http://collector",
        "k",
        visitor="ann",
        window="w",
        user_agent="Browser/1",
        consent=True,
        origin="https://shop.example",
    )
    collector = Collector()
    await imported(collector, files.write(tmp_path, "a", files.lines(files.events(1))), wish=wish)
    ((parameters, headers, _),) = collector.asked
    assert (parameters["visitor"], parameters["window"], parameters["consent"]) == ("ann", "w", "1")
    assert (headers["user-agent"], headers["origin"]) == ("Browser/1", "https://shop.example")


def test_an_import_that_tells_no_browser_is_taken_for_none() -> None:
    read = ua_parser.parse(WISH.user_agent)
    assert (read.user_agent, read.os, read.device) == (None, None, None)


async def test_files_of_one_visitor_are_its_windows_and_go_in_the_order_of_their_times(
    tmp_path: Path,
) -> None:
    later = files.write(tmp_path, "later", files.lines(files.events(2, start_at=2_000)))
    earlier = files.write(tmp_path, "earlier", files.lines(files.events(2, start_at=1_000)))
    collector, told = Collector(), Told()
    outcomes = await imported(
        collector, later, earlier, wish=Wish("http://collector", "k", visitor="ann"), progress=told
    )
    assert [outcome.file for outcome in outcomes] == [later, earlier]
    windows = collector.by_window()
    assert [visitor for visitor, _ in windows] == ["ann", "ann"]
    assert list(windows.values()) == [files.events(2, start_at=1_000), files.events(2, start_at=2_000)]
    assert told.what == ["later", "earlier", ("earlier", 2), 2, ("later", 2), 2]


async def test_a_bad_file_is_told_and_nothing_of_it_is_sent_while_the_others_are(tmp_path: Path) -> None:
    bad = files.write(tmp_path, "bad", files.lines(files.events(3)) + b"{}\n")
    good = files.write(tmp_path, "good", files.lines(files.events(2)))
    collector = Collector()
    outcomes = await imported(collector, tmp_path / "absent", bad, good)
    assert [outcome.why is None for outcome in outcomes] == [False, False, True]
    assert "it cannot be read" in str(outcomes[0].why)
    assert str(outcomes[1].why).startswith("line 4, event 4 is no rrweb event")
    assert list(collector.by_window().values()) == [files.events(2)]


async def test_a_refused_event_is_named_as_it_stands_in_the_file(tmp_path: Path) -> None:
    events = [*files.events(3), *files.events(3, start_at=1_700_000_100_000)]
    refused = httpx.Response(400, json={"reason": "invalid_event", "index": 1})
    good = files.write(tmp_path, "good", files.lines(files.events(1, start_at=1_800_000_000_000)))
    outcomes = await imported(
        Collector(n1=refused), files.write(tmp_path, "a", b"\n" + files.lines(events)), good
    )
    assert "line 6, event 5 was refused, after 3 events were sent" in str(outcomes[0].why)
    assert "invalid_event" in str(outcomes[0].why)
    assert outcomes[1].why is None


async def test_a_refused_batch_is_named_by_its_first_event(tmp_path: Path) -> None:
    file = files.write(tmp_path, "a", files.lines(files.events(3)))
    (outcome,) = await imported(Collector(n0=httpx.Response(413, text="too large")), file)
    assert "the batch that begins with line 1, event 1 was refused, after 0 events" in str(outcome.why)


@pytest.mark.parametrize("status", [401, 403, 503])
async def test_what_is_wrong_with_the_whole_ends_the_sending(tmp_path: Path, status: int) -> None:
    first, second = (
        files.write(tmp_path, str(at), files.lines(files.events(1, start_at=1_000 + at))) for at in range(2)
    )
    collector = Collector(always=httpx.Response(status, text="no"))
    outcomes = await imported(collector, first, second)
    assert [outcome.why is None for outcome in outcomes] == [False, False]
    assert str(status) in str(outcomes[0].why)
    assert outcomes[1].why == "not sent, for the same reason"
    assert {parameters["window"] for parameters, _, _ in collector.asked} == {collector.asked[0][0]["window"]}


async def test_a_file_that_changes_between_its_two_readings_is_not_finished(tmp_path: Path) -> None:
    events = [*files.events(3), *files.events(3, start_at=1_700_000_100_000)]
    file = files.write(tmp_path, "a", files.lines(events))

    class Changing(Progress):
        def sending(self, surveyed: Survey) -> None:
            file.write_bytes(files.lines([*events, files.an_event(1_700_000_200_000, "new")]))

    collector = Collector()
    (outcome,) = await imported(collector, file, progress=Changing())
    assert "changed while it was imported; 6 events were sent" in str(outcome.why)
    assert len(collector.asked) == 2

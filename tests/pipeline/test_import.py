"""`playhead import` into a whole stack: the events that can be asked back are those of the files."""

import asyncio
import itertools
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from playhead.checkout import RECORDINGS
from playhead.importing.recorded_events import RecordedEvents
from playhead.importing.survey import survey
from playhead.query_client import QueryClient, Session
from playhead.settings import FREE_PORTS, StackSettings
from playhead.stack.stack import Stack
from tests.playhead.importing import files

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180), pytest.mark.asyncio(loop_scope="module")]

PLAYHEAD = str(Path(sys.executable).parent / "playhead")
CONNECTION = "demo-shop"
FORMS = {
    "array.json": files.array,
    "pretty.json": files.pretty,
    "page.json": files.page,
    "lines.ndjson": files.lines,
    "pages.ndjson": files.pages,
    "array.json.gz": files.array,
    "lines.ndjson.gz": files.lines,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    # Else the last test waits half a minute.
    environment = pytest.MonkeyPatch()
    environment.setenv("PLAYHEAD_SESSIONIZER_ENDED_AFTER_MS", "1000")
    settings = StackSettings(data_path=tmp_path_factory.mktemp("stack"), **dict.fromkeys(FREE_PORTS, 0))
    async with Stack(settings, say=lambda _: None) as started:
        yield started
    environment.undo()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(stack: Stack) -> AsyncIterator[QueryClient]:
    async with QueryClient(stack.addresses.query_api, stack.secrets.dashboard_token) as client:
        yield client


async def imported(stack: Stack, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [PLAYHEAD, "import", *map(str, arguments), "--collector", stack.addresses.collector]
    command += ["--key", stack.secrets.demo_shop_key]
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)


def visitor_of(file: Path) -> str:
    return f"import-{survey(file).digest}"


async def sessions_of(client: QueryClient, visitor: str) -> list[Session]:
    found = [session for session in await client.sessions(CONNECTION) if session.visitor_id == visitor]
    return sorted(found, key=lambda session: session.first_event_at)


async def until_there(client: QueryClient, visitor: str, events: int) -> list[Session]:
    deadline = time.monotonic() + 60
    while True:
        sessions = await sessions_of(client, visitor)
        there = sum(session.events for session in sessions)
        if there >= events:
            return sessions
        assert time.monotonic() < deadline, f"{there} of {events} events of {visitor} are there"
        await asyncio.sleep(0.1)


async def asked_back(client: QueryClient, sessions: Sequence[Session]) -> list[bytes]:
    return [
        event
        for session in sessions
        for window in await client.windows(session.session_id)
        async for event in client.events(session.session_id, window)
    ]


def in_order(events: Sequence[bytes], file: Path) -> list[bytes]:
    """As they are played: by time, and of equals as they stand in the file."""
    times = {number: event.at for number, event in enumerate(RecordedEvents(file))}
    return [events[number] for number in sorted(range(len(events)), key=lambda number: times[number])]


async def duplicates(stack: Stack) -> float:
    url = f"http://127.0.0.1:{stack.addresses.sessionizer_port}/metrics"
    async with httpx.AsyncClient(trust_env=False) as http:
        text = (await http.get(url)).text
    name = "playhead_sessionizer_duplicate_batches_total "
    return sum(float(line.removeprefix(name)) for line in text.splitlines() if line.startswith(name))


async def test_every_recording_comes_back_each_event_once_and_in_order(
    stack: Stack, client: QueryClient
) -> None:
    recordings = sorted(RECORDINGS.glob("*.jsonl.gz"))
    assert len(recordings) == 6
    done = await imported(stack, *recordings)
    assert done.returncode == 0, done.stdout + done.stderr
    for file in recordings:
        events = [event.text for event in RecordedEvents(file)]
        sessions = await until_there(client, visitor_of(file), len(events))
        assert await asked_back(client, sessions) == in_order(events, file)
        first_at = min(event.at for event in RecordedEvents(file))
        assert sessions[0].started_at == sessions[0].first_event_at == first_at
        assert {session.status for session in sessions} == {"completed"}
        assert sessions[0].replayable


async def test_every_form_comes_back_each_event_once_and_in_order(
    stack: Stack, client: QueryClient, tmp_path: Path
) -> None:
    written: dict[Path, list[bytes]] = {}
    for day, (name, packed) in enumerate(itertools.product(FORMS, (False, True))):
        # A pause, an event that is late in its file, and times of their own for each.
        start_at = 1_700_000_000_000 + day * 86_400_000
        events = [
            *files.events(1_200, start_at),
            *files.events(5, start_at + 600_000),
            files.an_event(start_at + 15, "late"),
        ]
        if packed:
            events = [files.marked(event) for event in events]
        content = FORMS[name]([files.pack(event) for event in events] if packed else events)
        written[files.write(tmp_path, f"packed-{name}" if packed else name, content)] = events
    done = await imported(stack, *written)
    assert done.returncode == 0, done.stdout + done.stderr
    for file, events in written.items():
        sessions = await until_there(client, visitor_of(file), len(events))
        assert len(sessions) == 1, file
        assert await asked_back(client, sessions) == in_order(events, file), file


async def test_a_file_that_is_imported_again_changes_nothing(
    stack: Stack, client: QueryClient, tmp_path: Path
) -> None:
    events = files.events(1_500, 1_600_000_000_000)
    file = files.write(tmp_path, "a.ndjson", files.lines(events))
    again = files.write(tmp_path, "b.json.gz", files.pretty(events))
    assert (await imported(stack, file)).returncode == 0
    before = await until_there(client, visitor_of(file), len(events))
    known = await duplicates(stack)
    done = await imported(stack, again)
    assert done.returncode == 0
    batches = int(done.stdout.splitlines()[1].split()[2])
    deadline = time.monotonic() + 60
    while await duplicates(stack) < known + batches:
        assert time.monotonic() < deadline, "the repeats have not all been seen"
        await asyncio.sleep(0.1)
    assert await sessions_of(client, visitor_of(file)) == before
    assert await asked_back(client, before) == events


async def test_what_is_exported_and_imported_again_comes_back_identical(
    stack: Stack, client: QueryClient, tmp_path: Path
) -> None:
    recording = sorted(RECORDINGS.glob("*.jsonl.gz"))[1]
    events = [event.text for event in RecordedEvents(recording)]
    assert (await imported(stack, recording, "--visitor", "original")).returncode == 0
    (session,) = await until_there(client, "original", len(events))
    exports = {form: await exported(stack, session, form) for form in EXPORTS}

    for form, content in exports.items():
        file = tmp_path / f"export.{form}"
        file.write_bytes(content)
        done = await imported(stack, file, "--visitor", form)
        assert done.returncode == 0, done.stdout + done.stderr
        (again,) = await until_there(client, form, len(events))
        assert again.started_at == session.started_at
        assert {each: await exported(stack, again, each) for each in EXPORTS} == exports
    assert exports["ndjson"].splitlines() == in_order(events, recording)


EXPORTS = {"json": "application/json", "ndjson": "application/x-ndjson"}


async def exported(stack: Stack, session: Session, form: str) -> bytes:
    headers = {"Authorization": f"Bearer {stack.secrets.dashboard_token}", "Accept": EXPORTS[form]}
    async with httpx.AsyncClient(trust_env=False, headers=headers, timeout=60) as http:
        response = await http.get(f"{stack.addresses.query_api}/v1/sessions/{session.session_id}/export")
    response.raise_for_status()
    return response.content


async def test_a_pause_longer_than_the_gap_makes_several_sessions_and_a_shorter_one_does_not(
    stack: Stack, client: QueryClient, tmp_path: Path
) -> None:
    minute = 60_000
    starts = [1_690_000_000_000 + minutes * minute for minutes in (0, 29, 58, 88, 200, 229)]
    events = [event for at in starts for event in files.events(3, at)]
    file = files.write(tmp_path, "a.ndjson", files.lines(events))
    assert (await imported(stack, file)).returncode == 0
    sessions = await until_there(client, visitor_of(file), len(events))
    assert [(session.started_at, session.events) for session in sessions] == [
        (starts[0], 9),
        (starts[3], 3),
        (starts[4], 6),
    ]
    assert [session.last_event_at for session in sessions] == [
        at + 20 for at in (starts[2], starts[3], starts[5])
    ]
    assert {session.status for session in sessions} == {"completed"}
    assert await asked_back(client, sessions) == events


async def test_a_recording_that_has_just_ended_is_completed_without_the_gap(
    stack: Stack, client: QueryClient, tmp_path: Path
) -> None:
    """The last batch of a file closes its window (rule 3)."""
    now = time.time_ns() // 1_000_000
    events = files.events(5, now - 60_000)
    file = files.write(tmp_path, "a.ndjson", files.lines(events))
    assert (await imported(stack, file)).returncode == 0
    await until_there(client, visitor_of(file), len(events))
    deadline = time.monotonic() + 90
    while [session.status for session in await sessions_of(client, visitor_of(file))] != ["completed"]:
        assert time.monotonic() < deadline, "it is still active"
        await asyncio.sleep(0.5)


async def test_an_event_that_the_collector_refuses_is_named_and_the_command_fails(
    stack: Stack, tmp_path: Path
) -> None:
    """A number of 400 digits is JSON, and no browser can hold it."""
    events = [files.an_event(1_650_000_000_000, "a", "b"), files.an_event(1_650_000_000_001, "a", 10**400)]
    done = await imported(stack, files.write(tmp_path, "a.ndjson", files.lines(events)))
    assert done.returncode == 1
    assert "malformed_json" in done.stdout
    assert "0 of 1 files, 0 events imported; 1 failed" in done.stderr

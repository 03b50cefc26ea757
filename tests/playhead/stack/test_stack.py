"""The whole stack, for real: comes up, is kept alive, keeps its data, and leaves nothing behind."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from playhead.checkout import RECORDINGS
from playhead.demo_tenant import SHOP
from playhead.landed import expected, until_landed
from playhead.player.play import Visit, play
from playhead.player.recording import read_folder
from playhead.query_client import QueryClient, Stats
from playhead.settings import FREE_PORTS, StackSettings
from playhead.stack.priority import NICENESS, merge_threads
from playhead.stack.services import CLICKHOUSE, NAMES
from playhead.stack.stack import DataInUse, Stack
from tests.playhead.stack.test_process import gone

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]


def settings(data: Path) -> StackSettings:
    return StackSettings(data_path=data, **FREE_PORTS)


@asynccontextmanager
async def asking(stack: Stack) -> AsyncIterator[QueryClient]:
    async with QueryClient(stack.addresses.query_api, stack.secrets.dashboard_token) as client:
        yield client


async def play_one(stack: Stack) -> None:
    """One recording in, and wait until the query API shows it."""
    recording = read_folder(RECORDINGS)[0]
    async with asking(stack) as client:
        before = await client.stats(SHOP)
        played = await play(stack.addresses.collector, [Visit(recording, stack.secrets.demo_shop_key)])
        await until_landed(client, {SHOP: expected(before, played)}, timeout_ms=60_000)


async def stats(stack: Stack) -> Stats:
    async with asking(stack) as client:
        return await client.stats(SHOP)


def merge_niceness(pid: int) -> set[int]:
    return {os.getpriority(os.PRIO_PROCESS, thread) for thread in merge_threads(pid)}


async def test_each_process_that_is_killed_comes_back_and_the_stack_goes_on(tmp_path: Path) -> None:
    said: list[str] = []
    async with Stack(settings(tmp_path), say=said.append) as stack:
        with pytest.raises(DataInUse, match=f"process {os.getpid()} runs a stack"):
            await Stack(settings(tmp_path)).start()
        await play_one(stack)
        assert merge_niceness(stack[CLICKHOUSE].pid) == {NICENESS}
        for name in NAMES:
            # Another one may have ended because of this one's end: that, too, must mend by itself.
            said_before = said.count(f"{name} serves again")
            stack[name].kill()
            deadline = time.monotonic() + 60
            while said.count(f"{name} serves again") == said_before:
                assert time.monotonic() < deadline, said
                await asyncio.sleep(0.1)
            for one in stack:
                await one.ready()
        assert merge_niceness(stack[CLICKHOUSE].pid) == {NICENESS}
        await play_one(stack)
        assert (await stats(stack)).total == 2
        pids = [one.pid for one in stack]
    assert all(gone(pid) for pid in pids)
    assert not [line for line in said if "when it was stopped" in line]

    async with Stack(settings(tmp_path)) as again:
        assert (await stats(again)).total == 2
        await play_one(again)


async def test_a_stack_that_cannot_start_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    stack = Stack(
        settings(tmp_path), environment={"collector": {"PLAYHEAD_COLLECTOR_MAX_BODY_BYTES": "many"}}
    )
    with pytest.raises(
        Exception, match=r"(?si)collector ended with code \d+ before it served:.*max_body_bytes"
    ):
        await stack.start()
    assert all(not one._process or gone(one.pid) for one in stack)
    assert not [
        p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(p.info["cmdline"] or [])
    ]


def started(data: Path) -> tuple[subprocess.Popen[str], str]:
    """`playhead run` as a person starts it; gives it once it says that all runs, with what it said."""
    command = [str(Path(sys.executable).parent / "playhead"), "run", "--free-ports", "--data", str(data)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "logs, data" in line:
            return process, said
    raise AssertionError(f"it ended: {said}")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process, said = started(tmp_path)
    yield process, said
    process.kill()
    process.wait()


def test_ctrl_c_stops_all_in_order_and_says_where_everything_was(running) -> None:
    process, said = running
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= len(NAMES)
    dashboard = re.search(r"dashboard +(\S+)/#token=(\S+)", said)
    assert dashboard is not None
    url, token = dashboard.groups()
    mine = httpx.get(f"{url}/v1/me", headers={"authorization": f"Bearer {token}"}, trust_env=False).json()
    assert mine["tenant"] == "demo"
    assert 'data-key="' in said
    assert "user analyst" in said

    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()

    assert process.wait() == 0, rest
    order = re.findall(r"stopping (\S+)", rest)
    assert order == ["query-api", "sessionizer", "collector", "clickhouse", "kafka"]
    assert all(gone(child.pid) for child in children)


def test_nothing_outlives_a_supervisor_that_is_killed(running) -> None:
    process, _ = running
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    assert all(gone(child.pid) for child in children)

"""Runs a stack for a person at a terminal: says where everything is, and stops it all on Ctrl-C."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable

from playhead.demo_tenant import SHOP
from playhead.settings import StackSettings
from playhead.stack.stack import Stack


class Interrupted(Exception):  # noqa: N818
    """Asked to stop before it was ready."""


async def run_until_stopped(
    settings: StackSettings, once_ready: Callable[[Stack], Awaitable[None]] | None = None
) -> None:
    """Start, say, wait, stop.

    Raises:
        Interrupted: a signal came before all served.
        DiedTooOften: a process could not be kept alive; the others are stopped.
        Whatever `Stack.start` or `once_ready` raises.
    """
    began_s = time.monotonic()
    stack = Stack(settings, say=lambda line: _say(began_s, line))
    stopped = _on_signals()
    try:
        await _unless(stopped, stack.start())
        if once_ready is not None:
            await _unless(stopped, once_ready(stack))
        print(describe(stack), flush=True)
        with contextlib.suppress(Interrupted):
            await _unless(stopped, stack.failed())
    finally:
        await stack.stop()
    _say(began_s, "all stopped; the data stays in " + str(settings.data_path))


def _on_signals() -> asyncio.Event:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopped.set)
    return stopped


async def _unless(stopped: asyncio.Event, work: Awaitable[None]) -> None:
    task = asyncio.ensure_future(work)
    stop = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Interrupted("stopped by a signal")
        task.result()
    finally:
        for one in (task, stop):
            one.cancel()
        await asyncio.gather(task, stop, return_exceptions=True)


def _say(began_s: float, line: str) -> None:
    print(f"[{time.monotonic() - began_s:6.1f} s] {line}", flush=True)


def describe(stack: Stack) -> str:
    """What a person needs to use the running stack."""
    addresses, secrets = stack.addresses, stack.secrets
    missing = [
        f"  (no {what}: {path} is not built; run `make build`)"
        for what, path in (
            ("dashboard", stack.settings.dashboard_path),
            ("recorder.js", stack.settings.recorder_path),
        )
        if not path.exists()
    ]
    tag = (
        f'<script async src="{addresses.collector}/recorder.js" data-key="{secrets.demo_shop_key}"></script>'
    )
    lines = [
        "",
        "Playhead runs. Ctrl-C stops it.",
        f"  dashboard    {addresses.query_api}/#token={secrets.dashboard_token}",
        f"  script tag   {tag}",
        f"               (it records into the connection `{SHOP}`)",
        f"  collector    {addresses.collector}",
        f"  query API    {addresses.query_api}/v1   (Authorization: Bearer {secrets.dashboard_token})",
        f"  ClickHouse   {addresses.clickhouse}   database playhead, user analyst, "
        f"password {secrets.clickhouse_analyst_password}",
        f"  Kafka        {addresses.kafka}",
        f"  logs, data   {stack.settings.data_path}",
        *missing,
        "",
    ]
    return "\n".join(lines)

"""Waits until a process of the stack serves. A probe asks once and gives None, or why not yet."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

Probe = Callable[[], Awaitable[str | None]]

_PROBE_TIMEOUT_S = 5.0


class NotReady(Exception):  # noqa: N818
    """The time ran out, or the process ended first; the message says what the last probe saw."""


def http_ok(url: str) -> Probe:
    """Ready once a GET of `url` answers 200."""

    async def probe() -> str | None:
        try:
            # No proxy of the environment may stand between us and the loopback address.
            async with httpx.AsyncClient(timeout=_PROBE_TIMEOUT_S, trust_env=False) as client:
                answer = await client.get(url)
        except httpx.HTTPError as error:
            return f"{url}: {type(error).__name__} {error}"
        return (
            None
            if answer.status_code == httpx.codes.OK
            else f"{url}: {answer.status_code} {answer.text[:300]}"
        )

    return probe


def broker_answers(bootstrap: str) -> Probe:
    """Ready once the broker answers a request for its topics."""
    host, port = bootstrap.split(":")

    async def probe() -> str | None:
        try:
            # First by hand: the client logs an error for each attempt.
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            admin = AIOKafkaAdminClient(
                bootstrap_servers=bootstrap, request_timeout_ms=int(_PROBE_TIMEOUT_S * 1000)
            )
            try:
                await admin.start()
                await admin.list_topics()
            finally:
                await admin.close()
        except (OSError, KafkaError) as error:
            return f"{bootstrap}: {type(error).__name__} {error}"
        return None

    return probe


async def wait_until(probe: Probe, *, what: str, timeout_ms: int, every_ms: int = 50) -> None:
    """Ask until it is ready.

    Raises:
        NotReady: not within `timeout_ms`.
    """
    deadline = time.monotonic() + timeout_ms / 1000
    while (reason := await probe()) is not None:
        if time.monotonic() >= deadline:
            raise NotReady(f"{what} was not ready after {timeout_ms / 1000:g} s: {reason}")
        await asyncio.sleep(every_ms / 1000)

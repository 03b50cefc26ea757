"""Sends one batch until the collector has it: gzip, and the same seq in every retry."""

import datetime as dt
import gzip
from dataclasses import dataclass

import httpx
import stamina

_RETRIED = {httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.TOO_MANY_REQUESTS, httpx.codes.REQUEST_TIMEOUT}
_LONGEST_RETRY_AFTER_S = 30.0


class Refused(Exception):  # noqa: N818
    """The collector refused a batch for good; the message holds its answer."""


class Unavailable(Exception):  # noqa: N818
    """Not now: to be tried again."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.status_code} {answer.text[:200]}")
        self.retry_after_s = float(answer.headers.get("retry-after", 0) or 0)


@dataclass(frozen=True)
class Window:
    """Who sends."""

    key: str
    visitor: str
    window: str
    user_agent: str


async def send(
    client: httpx.AsyncClient, sender: Window, *, seq: int, body: bytes, sent_at: int, timeout_s: float
) -> int:
    """Send a batch; gives the number of events accepted.

    Args:
        client: its base URL is the collector.
        sent_at: what the visitor's clock says at the first attempt, ms since the epoch.
        timeout_s: for how long an unreachable or busy collector is tried.

    Raises:
        Refused: an answer that no retry changes.
        Unavailable, httpx.TransportError: the last failure, when the time is over.
    """
    parameters: dict[str, str | int] = {
        "key": sender.key,
        "visitor": sender.visitor,
        "window": sender.window,
        "seq": seq,
        "sent_at": sent_at,
    }
    packed = gzip.compress(body, compresslevel=6, mtime=0)
    headers = {
        "content-type": "application/json",
        "content-encoding": "gzip",
        "user-agent": sender.user_agent,
    }
    retries = stamina.retry_context(on=_wait_as_told, attempts=None, timeout=timeout_s, wait_max=5.0)
    async for attempt in retries:
        with attempt:
            answer = await client.post("/v1/batches", params=parameters, content=packed, headers=headers)
            if answer.status_code == httpx.codes.ACCEPTED:
                return int(answer.json()["accepted"])
            if answer.status_code in _RETRIED:
                raise Unavailable(answer)
            raise Refused(f"seq {seq} of window {sender.window}: {answer.status_code} {answer.text[:300]}")
    raise AssertionError("a retry context ends with a return or an exception")


def _wait_as_told(error: Exception) -> bool | dt.timedelta:
    """Whether to try again, and when, if the collector said when."""
    if isinstance(error, Unavailable) and error.retry_after_s:
        return dt.timedelta(seconds=min(error.retry_after_s, _LONGEST_RETRY_AFTER_S))
    return isinstance(error, Unavailable | httpx.TransportError)

"""Sends one batch until the collector has it: gzip, and the same seq in every retry."""

import datetime as dt
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx
import msgspec
import stamina

_RETRIED = {
    httpx.codes.SERVICE_UNAVAILABLE,
    httpx.codes.TOO_MANY_REQUESTS,
    httpx.codes.REQUEST_TIMEOUT,
    # Of what stands in front of a collector, while it is restarted.
    httpx.codes.BAD_GATEWAY,
    httpx.codes.GATEWAY_TIMEOUT,
}
_LONGEST_RETRY_AFTER_S = 3_600.0
"""The longest that a collector can be set to ask for."""


class _Problem(msgspec.Struct):
    index: int | None = None


class Refused(Exception):  # noqa: N818
    """The collector refused a batch for good; the message holds its answer."""

    def __init__(self, message: str, answer: httpx.Response) -> None:
        super().__init__(f"{message}: {answer.status_code} {answer.text[:300]}")
        self.status = answer.status_code
        try:
            problem = msgspec.json.decode(answer.content, type=_Problem)
        except (msgspec.DecodeError, UnicodeDecodeError):
            problem = _Problem()
        self.index = problem.index
        """Position in the batch of the event that is to blame, from 0, where the answer names one."""


class Unavailable(Exception):  # noqa: N818
    """Not now: to be tried again."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.status_code} {answer.text[:200]}")
        self.retry_after_s = _retry_after_s(answer.headers)


@dataclass(frozen=True)
class Window:
    """Who sends.

    Attributes:
        consent: the visitor has agreed, for connections that ask for it.
        origin: the site, for connections that take only some.
    """

    key: str
    visitor: str
    window: str
    user_agent: str
    consent: bool = False
    origin: str | None = None


async def send(
    client: httpx.AsyncClient,
    sender: Window,
    *,
    seq: int,
    body: bytes,
    sent_at: int | None,
    timeout_s: float,
    final: bool = False,
) -> int:
    """Send a batch; gives the number of events accepted.

    Args:
        client: its base URL is the collector.
        sent_at: what the visitor's clock says at the first attempt, ms since the epoch; None where the
            events' times are to be taken as they are.
        final: the window's last batch.
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
    }
    if sent_at is not None:
        parameters["sent_at"] = sent_at
    if final:
        parameters["final"] = 1
    if sender.consent:
        parameters["consent"] = 1
    packed = gzip.compress(body, compresslevel=6, mtime=0)
    headers = {
        "content-type": "application/json",
        "content-encoding": "gzip",
        "user-agent": sender.user_agent,
    }
    if sender.origin is not None:
        headers["origin"] = sender.origin
    retries = stamina.retry_context(on=_wait_as_told, attempts=None, timeout=timeout_s, wait_max=5.0)
    async for attempt in retries:
        with attempt:
            answer = await client.post("/v1/batches", params=parameters, content=packed, headers=headers)
            if answer.status_code == httpx.codes.ACCEPTED:
                return int(answer.json()["accepted"])
            if answer.status_code in _RETRIED:
                raise Unavailable(answer)
            raise Refused(f"seq {seq} of window {sender.window}", answer)
    raise AssertionError("a retry context ends with a return or an exception")


def _wait_as_told(error: Exception) -> bool | dt.timedelta:
    """Whether to try again, and when, if the collector said when."""
    if isinstance(error, Unavailable) and error.retry_after_s:
        return dt.timedelta(seconds=min(error.retry_after_s, _LONGEST_RETRY_AFTER_S))
    return isinstance(error, Unavailable | httpx.TransportError)


def _retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds, or a date, which is held against the answer's own so that no clock of ours matters; else 0."""
    told = headers.get("retry-after", "")
    if told.isdigit():
        return float(told)
    try:
        until, now = parsedate_to_datetime(told), parsedate_to_datetime(headers.get("date", ""))
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError):
        return 0.0

"""Asks over one kept connection and takes the time. Knows HTTP, not what is asked."""

import http.client
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

RECEIVE_BYTES = 1 << 18
IDLE_S = 3.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    first_byte_s: float
    """From before the request until the first byte of the body was there."""
    whole_s: float
    body: bytes


class NotAnswered(Exception):  # noqa: N818
    """The answer was no 200; the text says what came."""


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class Client:
    """One connection to one server."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self._headers = dict(headers or {})
        self._idle_since_s = time.monotonic()

    def _connected(self) -> None:
        """Servers close what was idle for some seconds; then a new one is made before the time is taken."""
        if time.monotonic() - self._idle_since_s > IDLE_S:
            self._connection.close()
            self._connection.connect()

    def get(self, path: str, **headers: str) -> Answer:
        """
        Raises:
            NotAnswered: the status is not 200.
        """
        self._connected()
        began = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers | headers)
        answer = self._connection.getresponse()
        first = answer.read(1)
        first_byte_s = time.perf_counter() - began
        body = first + answer.read()
        whole_s = time.perf_counter() - began
        self._idle_since_s = time.monotonic()
        if answer.status != http.client.OK:
            raise NotAnswered(f"{path}: {answer.status} {body[:500]!r}")
        return Answer(answer.status, answer.headers, first_byte_s, whole_s, body)

    def taken(self, path: str, buffer: bytearray, **headers: str) -> int:
        """Take the whole answer and throw it away, at the least cost; gives its bytes.

        Raises:
            NotAnswered: the status is not 200.
        """
        self._connected()
        self._connection.request("GET", path, headers=self._headers | headers)
        answer = self._connection.getresponse()
        if answer.status != http.client.OK:
            raise NotAnswered(f"{path}: {answer.status}")
        total = 0
        while count := answer.readinto(buffer):
            total += count
        self._idle_since_s = time.monotonic()
        return total

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True)
class Times:
    """How long something took each time, in ms."""

    each_ms: Sequence[float]

    def at(self, share: float) -> float:
        """The quantile: of so many sorted times the one at that place, the next above where none is there."""
        ordered = sorted(self.each_ms)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]

    @property
    def p50(self) -> float:
        return self.at(0.5)

    @property
    def p99(self) -> float:
        return self.at(0.99)

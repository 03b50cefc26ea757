"""One socket of the official client, from its first message until what it sent is in the log.

The client (2.1.0) sends an event a message and is never told that it arrived: there is no acknowledgement
that it would understand. On a message `{"type":"error"}` it keeps all further events, and sends them when
the next socket opens; what it already sent it has forgotten. So what was read here is held and tried
again, whatever happens to the socket. Every message to it must be JSON.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import msgspec
import structlog
from starlette.types import Message, Receive, Send

from collector import metrics
from collector.admit import check_sender
from collector.answer import Headers, refused_for
from collector.intake import Intake
from collector.official_client.address import Address
from collector.official_client.facts import facts_of, facts_of_all
from collector.official_client.grouping import Group, GroupLimits
from collector.official_client.liveness import Liveness
from collector.official_client.open_sockets import OpenSockets
from collector.official_client.windows import Windows
from collector.problems import Refused
from collector.seal import seal

log = structlog.get_logger(__name__)

Why = Literal["client", "refresh", "stop", "trouble", "refused"]
"""Who or what closed a socket."""
_CODES: dict[Why, int] = {"refresh": 1000, "stop": 1012, "trouble": 1013, "refused": 1008}
_TEMPORARY = (429, 503)
_RATE_LIMITED = 429
_OF_THE_MESSAGE = (400, 413)

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a socket's side waits for what."""

    group: GroupLimits
    refresh_ms: int
    """Silence after which a client that may keep its events is made to connect anew."""
    retry_ms: int
    """For so long what cannot be written is tried again."""


class Conversation:
    """One socket, accepted already. `run` returns when nothing of it is left to do."""

    def __init__(
        self,
        intake: Intake,
        windows: Windows,
        sockets: OpenSockets,
        patience: Patience,
        address: Address,
        connection_id: str,
        headers: Headers,
        receive: Receive,
        send: Send,
    ):
        self._intake = intake
        self._windows = windows
        self._sockets = sockets
        self._patience = patience
        self._address = address
        self._recording = (connection_id, address.recording)
        self._origin = intake.origin_of(headers)
        self._user_agent = intake.user_agent_of(headers)
        self._country = intake.country_of(headers)
        self._receive = receive
        self._send = send
        self._group = Group(patience.group)
        self._window: str | None = None
        self._waiting: asyncio.Timeout | None = None
        self._told = False
        self._closed: Why | None = None

    def interrupt(self) -> None:
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time())

    async def run(self) -> None:
        """Read until the socket is closed from both sides, and write all that was read."""
        liveness = Liveness(_now_ms(), self._patience.refresh_ms)
        try:
            while True:
                message = await self._next(liveness.refresh_at_ms)
                now_ms = _now_ms()
                if message is None:
                    await self._close_if_due(liveness, now_ms)
                elif message["type"] == "websocket.disconnect":
                    break
                else:
                    liveness.hear(now_ms)
                    text = message.get("text")
                    await self._take(message["bytes"] if text is None else text.encode(), now_ms)
                if self._group.is_due(_now_ms()):
                    await self._write_group()
            self._leave()
            await self._write_group()
        finally:
            self._leave()
            self._drop(self._group.take(), "stopped")
            metrics.SOCKETS_CLOSED.labels(self._closed or "client").inc()

    async def _next(self, refresh_at_ms: int | None) -> Message | None:
        """What comes next; None when something else is due before anything comes."""
        due = [self._group.due_at_ms]
        if self._closed is None:
            due += [refresh_at_ms, 0 if self._sockets.stopping or self._told else None]
        times = [at_ms / 1_000 for at_ms in due if at_ms is not None]
        try:
            async with asyncio.timeout_at(min(times, default=None)) as self._waiting:
                return await self._receive()
        except TimeoutError:
            return None
        finally:
            self._waiting = None

    async def _close_if_due(self, liveness: Liveness, now_ms: int) -> None:
        if self._closed is not None:
            return
        if self._sockets.stopping:
            await self._close("stop")
        elif self._told:
            await self._close("trouble")
        elif liveness.refresh_at_ms is not None and now_ms >= liveness.refresh_at_ms:
            await self._close("refresh")

    async def _take(self, message: bytes, now_ms: int) -> None:
        metrics.SOCKET_MESSAGES.inc()
        metrics.RECEIVED_BYTES.inc(len(message))
        facts = facts_of(message)
        if self._window is None:
            self._window = self._windows.opened(
                self._recording, self._address.recording, self, starts=facts.starts, now_ms=now_ms
            )
        self._windows.heard(self._recording, self, now_ms)
        if facts.leaves:
            self._leave()
        try:
            self._sockets.waiting.take(len(message))
        except Refused:
            await self._write_group()
            if not await self._hold(message):
                return
        self._group.add(message, now_ms)

    async def _hold(self, message: bytes) -> bool:
        """Wait until there is room for the message."""

        async def take() -> None:
            self._sockets.waiting.take(len(message))

        try:
            await self._persist(take)
        except Refused as refused:
            self._lose(1, refused.reason.name)
            return False
        except asyncio.CancelledError:
            self._lose(1, "stopped")
            raise
        return True

    def _leave(self) -> None:
        """The page sends nothing more on this socket."""
        self._windows.closed(self._recording, self)

    async def _write_group(self) -> None:
        messages = self._group.take()
        if not messages:
            return
        try:
            await self._write(messages)
        except asyncio.CancelledError:
            self._lose(len(messages), "stopped")
            raise
        finally:
            self._sockets.waiting.give_back(sum(map(len, messages)))

    async def _write(self, messages: list[bytes]) -> None:
        """Write them as one batch; where one of them is at fault, each by itself."""
        body = b"\n".join(messages)
        facts = facts_of_all(messages)

        async def publish() -> None:
            await self._publish(body, final=facts.ends, visitor_id=facts.visitor_id)

        try:
            await self._persist(publish)
        except Refused as refused:
            if refused.reason.status not in _OF_THE_MESSAGE:
                self._lose(len(messages), refused.reason.name)
                await self._tell("error", refused)
                await self._close("trouble" if refused.reason.status in _TEMPORARY else "refused")
            elif len(messages) > 1:
                for message in messages:
                    await self._write([message])
            else:
                self._lose(1, refused.reason.name)
                await self._tell("refused", refused)

    async def _publish(self, body: bytes, *, final: bool, visitor_id: str | None) -> None:
        intake = self._intake
        parameters = self._address.parameters(self._window or self._address.recording, final=final)
        # As they are now: a key is withdrawn and a connection paused while sockets are open.
        connection = intake.connection_of(parameters.key)
        check_sender(connection, parameters, self._origin)
        intake.admit(connection)
        intake.spend(connection, body)
        prepared = await intake.prepare(body, "identity", numbered=False)
        await intake.write(
            seal(
                connection,
                parameters,
                prepared,
                received_at=time.time_ns() // 1_000_000,
                user_agent=self._user_agent,
                country=self._country,
                visitor_id=visitor_id,
            )
        )

    async def _persist(self, step: Callable[[], Awaitable[None]]) -> None:
        """Try a step again while its refusal is of the moment. Meanwhile nothing is read.

        Where the connection sends too much, that is all; else the client is told to keep its events.

        Raises:
            Refused: for good, or still after the time that there is.
        """
        try:
            await _refusing(step)
        except Refused as refused:
            if refused.reason.status not in _TEMPORARY:
                raise
            wait_s = refused.retry_after_s or self._intake.retry_after_s
            if refused.reason.status == _RATE_LIMITED:
                await self._try_again(step, wait_s)
                return
            await self._tell("error", refused)
            with self._sockets.stuck():
                await self._try_again(step, wait_s)

    async def _try_again(self, step: Callable[[], Awaitable[None]], wait_s: float) -> None:
        give_up_at_ms = _now_ms() + self._patience.retry_ms
        while True:
            last = self._sockets.stopping or _now_ms() >= give_up_at_ms
            await self._sockets.wait(wait_s)
            try:
                return await _refusing(step)
            except Refused as refused:
                if last or refused.reason.status not in _TEMPORARY:
                    raise
                wait_s = refused.retry_after_s or self._intake.retry_after_s

    async def _tell(self, kind: Literal["error", "refused"], refused: Refused) -> None:
        """`error` makes the client keep its events; it is said once. Of another kind it takes no notice."""
        if kind == "error":
            if self._told:
                return
            self._told = True
        said = {
            "type": kind,
            "reason": refused.reason.name,
            "status": refused.reason.status,
            "detail": refused.detail,
        }
        if self._closed is None:
            await self._say({"type": "websocket.send", "text": _encode(said).decode()})

    async def _close(self, why: Why) -> None:
        """Nothing more is said; what the client had sent before it learns of it is read still."""
        if self._closed is None:
            self._closed = why
            await self._say({"type": "websocket.close", "code": _CODES[why], "reason": why})

    async def _say(self, message: Message) -> None:
        try:
            await self._send(message)
        except (OSError, RuntimeError):
            # It is gone; its disconnect comes after what it had sent.
            self._closed = self._closed or "client"

    def _drop(self, messages: list[bytes], reason: str) -> None:
        self._sockets.waiting.give_back(sum(map(len, messages)))
        self._lose(len(messages), reason)

    def _lose(self, messages: int, reason: str) -> None:
        if messages:
            metrics.SOCKET_MESSAGES_DROPPED.labels(reason).inc(messages)
            log.warning("messages of a socket were dropped", messages=messages, reason=reason)


async def _refusing(step: Callable[[], Awaitable[None]]) -> None:
    """The step, whose every failure is a refusal; a fault of ours is logged."""
    try:
        await step()
    except Exception as error:  # noqa: BLE001 - `refused_for` logs what is a fault of ours
        raise refused_for(error) from None


def _now_ms() -> int:
    """The loop's clock: it never goes back."""
    return int(asyncio.get_running_loop().time() * 1_000)

"""One process of a running stack, kept alive: says when it dies and starts it again, with growing waits.

Also what a fault test does to a process: kill it, hold it down, suspend it. Knows nothing of the others.
"""

import asyncio
import signal
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playhead.stack.process import Command, Process
from playhead.stack.readiness import NotReady, Probe, wait_until

Say = Callable[[str], None]


class DiedTooOften(Exception):  # noqa: N818
    """A process cannot be kept alive; the message names it and holds the end of its log."""


@dataclass(frozen=True)
class RestartPolicy:
    max_restarts: int
    window_ms: int
    first_wait_ms: int

    def wait_ms(self, restarts_in_window: int) -> int | None:
        """How long to wait before the next restart; None: give up."""
        if restarts_in_window >= self.max_restarts:
            return None
        return min(self.first_wait_ms << restarts_in_window, 10_000)


async def _nothing() -> None:
    return


class Supervised:
    """Start it once with `start`; from then on it runs until `stop`.

    Attributes:
        gave_up: done, with a `DiedTooOften`, when it is no longer restarted.
        restarts: how often it was started again.
    """

    def __init__(
        self,
        command: Command,
        *,
        probe: Probe,
        policy: RestartPolicy,
        start_timeout_ms: int,
        stop_timeout_ms: int,
        say: Say,
        once_ready: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        self.command = command
        self.name = command.name
        self.restarts = 0
        self.gave_up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._probe = probe
        self._policy = policy
        self._start_timeout_ms = start_timeout_ms
        self._stop_timeout_ms = stop_timeout_ms
        self._say = say
        self._once_ready = once_ready
        self._process: Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._restarted_at_s: deque[float] = deque()

    @property
    def process(self) -> Process:
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    async def start(self) -> None:
        """Start it, wait until it serves, and keep it alive from then on.

        Raises:
            NotReady: it ended first or took too long; it is stopped.
        """
        self._process = Process(self.command)
        try:
            await self._until_ready()
        except BaseException:
            await self._process.kill()
            raise
        self._keeper = asyncio.create_task(self._keep(), name=f"keep-{self.name}")
        self._keeper.add_done_callback(self._kept)

    async def ready(self, timeout_ms: int | None = None) -> None:
        """Wait until it serves, for instance after a kill.

        Raises:
            NotReady: not in time.
        """
        await wait_until(self._probe, what=self.name, timeout_ms=timeout_ms or self._start_timeout_ms)

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL. An unclean end is said. May be called again."""
        await self._leave_alone()
        if self._process is None:
            return
        was_running = self._process.running
        code = await self._process.stop(self._stop_timeout_ms)
        if was_running and code not in self.command.quiet_exits:
            self._say(
                f"{self.name} {_ended(code)} when it was stopped; the end of its log:\n{self._log_end()}"
            )

    def kill(self) -> None:
        """SIGKILL to the process; the supervisor restarts it."""
        self.process.signal(signal.SIGKILL)

    async def hold_down(self, *, kill: bool = False) -> None:
        """Stop or kill it and do not restart it until `start`."""
        await self._leave_alone()
        await (self.process.kill() if kill else self.process.stop(self._stop_timeout_ms))

    async def restart(self) -> None:
        """Stop it in order and start it again."""
        await self.stop()
        await self.start()

    def suspend(self) -> None:
        """SIGSTOP: it lives and answers nothing."""
        self.process.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.signal(signal.SIGCONT)

    async def _leave_alone(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
            self._keeper = None

    async def _until_ready(self) -> None:
        process = self.process
        ended = asyncio.create_task(process.wait())
        served = asyncio.create_task(
            wait_until(self._probe, what=self.name, timeout_ms=self._start_timeout_ms)
        )
        try:
            await asyncio.wait({ended, served}, return_when=asyncio.FIRST_COMPLETED)
            if not process.running:
                raise NotReady(f"{self.name} {_ended(await ended)} before it served:\n{self._log_end()}")
            try:
                await served
            except NotReady as error:
                raise NotReady(f"{error}; the end of its log:\n{self._log_end()}") from error
        finally:
            for task in (ended, served):
                task.cancel()
        await self._once_ready()

    async def _keep(self) -> None:
        while True:
            code = await self.process.wait()
            if (wait_ms := self._policy.wait_ms(self._restarts_in_window())) is None:
                text = f"{self.name} {_ended(code)} and has died {len(self._restarted_at_s) + 1} times"
                raise DiedTooOften(f"{text}; the end of its log:\n{self._log_end()}")
            self._say(
                f"{self.name} {_ended(code)}; restart in {wait_ms} ms; the end of its log:\n{self._log_end()}"
            )
            await asyncio.sleep(wait_ms / 1000)
            self._restarted_at_s.append(time.monotonic())
            self.restarts += 1
            self._process = Process(self.command)
            try:
                await self._until_ready()
            except NotReady as error:
                self._say(str(error))
                await self._process.kill()
            else:
                self._say(f"{self.name} serves again")

    def _kept(self, keeper: asyncio.Task[None]) -> None:
        """Whatever ends the keeping ends the run: nobody would see a process that is no longer kept."""
        if not keeper.cancelled() and (error := keeper.exception()) is not None and not self.gave_up.done():
            self.gave_up.set_exception(error)

    def _restarts_in_window(self) -> int:
        oldest = time.monotonic() - self._policy.window_ms / 1000
        while self._restarted_at_s and self._restarted_at_s[0] < oldest:
            self._restarted_at_s.popleft()
        return len(self._restarted_at_s)

    def _log_end(self) -> str:
        return "".join(f"    {line}\n" for line in self.process.log_end().splitlines()).rstrip("\n")


def _ended(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"

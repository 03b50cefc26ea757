"""A place in the crew that is always filled: its worker is started again at once, whatever ended it."""

import asyncio
import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from sessionizer.worker.fence import EXIT_STOPPED_ITSELF
from sessionizer.worker.steps import Step
from tests.servers.sessionizer import Sessionizer, Sessionizers
from tests.soak.actions import Action, killed_at
from tests.soak.ledger import Ledger

READY_WITHIN_S = 90
STOP_WITHIN_S = 12
LEFT_AT_THE_STOP = "blocks left at the stop"

Draw = Callable[[], tuple[Step, int] | None]


@dataclass
class Ended:
    """What ended the last worker, and when; the next one tells when it is ready."""

    name: str
    at: float


class Seat:
    def __init__(self, crew: Sessionizers, ledger: Ledger, draw: Draw, instance_id: str | None) -> None:
        self._crew = crew
        self._ledger = ledger
        self._draw = draw
        self.instance_id = instance_id
        self._waits_for: Ended | None = None
        self._doing: Action | None = None
        self._fate: tuple[Step, int] | None = None
        self._kept = True
        self.is_ready = asyncio.Event()
        self.paused = False
        self.unfinished = False
        """The last worker left a block behind."""
        self._start()
        self._task = asyncio.create_task(self._keep())

    @property
    def armed(self) -> bool:
        """Its worker is to die by itself."""
        return self._fate is not None

    def begins(self, action: Action, at: float) -> None:
        """Its next worker to be ready is so after this."""
        self._waits_for = Ended(action, at)

    def kill(self) -> None:
        self._doing = Action.KILL
        self.worker.process.signal(signal.SIGKILL)

    async def stop(self) -> None:
        """SIGTERM; whoever keeps the seat starts the next one."""
        process, self._doing = self.worker.process, Action.STOP
        process.signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
        except TimeoutError:
            self._ledger.failed(f"no end after SIGTERM within {STOP_WITHIN_S} s: {process.log_end()}")
            process.signal(signal.SIGKILL)

    async def pause(self, for_s: float, action: Action) -> None:
        """SIGSTOP, and SIGCONT; ready again is whoever has the seat then."""
        process = self.worker.process
        process.signal(signal.SIGSTOP)
        self.paused = True
        self.is_ready.clear()
        await asyncio.sleep(for_s)
        process.signal(signal.SIGCONT)
        self.paused = False
        self._waits_for = Ended(action, time.monotonic())
        if process is self.worker.process and process.running:
            self._watch()

    async def leave(self) -> None:
        """Stop the worker and keep the seat no more."""
        self._kept = False
        if self.worker.process.running:
            self.worker.process.signal(signal.SIGCONT)
            await self.stop()
        await self._task

    def _start(self) -> None:
        self._fate = self._draw()
        self.is_ready.clear()
        settings = {"instance_id": self.instance_id} if self.instance_id is not None else {}
        if self._fate is None:
            self.worker = self._crew.start(**settings)
        else:
            step, times = self._fate
            self.worker = self._crew.start(step, str(times), module="tests.faults.killed_at", **settings)
        self._watch()

    def _watch(self) -> None:
        self._watching = asyncio.create_task(self._until_ready(self.worker))

    async def _until_ready(self, worker: Sessionizer) -> None:
        began = time.monotonic()
        while not await answers_ready(worker):
            if not worker.process.running:
                return
            if time.monotonic() - began > READY_WITHIN_S:
                self._ledger.failed(f"not ready within {READY_WITHIN_S} s: {worker.process.log_end()}")
                began = time.monotonic()
            await asyncio.sleep(0.1)
        self._note_ready()

    def _note_ready(self) -> None:
        self.is_ready.set()
        if self._waits_for is not None:
            self._ledger.ready(self._waits_for.name, time.monotonic() - self._waits_for.at)
            self._waits_for = None

    async def _keep(self) -> None:
        while True:
            code = await self.worker.process.wait()
            self._watching.cancel()
            self._note_end(code)
            if not self._kept:
                return
            self._start()

    def _note_end(self, code: int) -> None:
        log = self.worker.process.log_end(40)
        doing, self._doing = self._doing, None
        self.unfinished = code != 0 or LEFT_AT_THE_STOP in log
        if code == -signal.SIGKILL and doing is Action.KILL:
            self._was(Action.KILL)
        elif code == -signal.SIGKILL and self._fate is not None:
            # It came to the step, so it had been ready, even if nobody has seen it.
            self._note_ready()
            self._was(killed_at(self._fate[0]))
        elif code in (0, -signal.SIGTERM) and doing is Action.STOP:
            # By the signal itself: Python was not far enough yet to hear it.
            self._was(Action.STOP)
        elif code == EXIT_STOPPED_ITSELF:
            self._ledger.ended_themselves[reason_of(log)] += 1
        else:
            self._ledger.failed(f"a worker ended with {code}: {log}")
        self.is_ready.clear()

    def _was(self, name: str) -> None:
        self._ledger.did(name)
        self._waits_for = Ended(name, time.monotonic())


def reason_of(log: str) -> str:
    """Why a worker ended itself, as its log says."""
    told = [line for line in log.splitlines() if "worker ends itself" in line]
    if not told:
        return "no reason told"
    reason = re.search(r"reason='([^']*)'|reason=(\S+)", told[-1])
    error = re.search(r"error=[\"'](\w+)", told[-1])
    found = (reason[1] or reason[2]) if reason is not None else told[-1]
    return f"{found} ({error[1]})" if error is not None else found


async def answers_ready(worker: Sessionizer) -> bool:
    """Ask by hand: a client for each question would cost more than the worker's answer."""
    host, port = worker.url.removeprefix("http://").split(":")
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(host, int(port))
            try:
                writer.write(b"GET /readyz HTTP/1.0\r\n\r\n")
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False

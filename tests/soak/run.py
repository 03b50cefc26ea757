"""One soak: servers, traffic and a crew; actions in random order, in rounds that each end with a verdict."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path

from schemas.topic import BATCHES, SESSIONIZER_CHANGELOG
from sessionizer.core.rules import Rules
from sessionizer.worker.steps import Step
from tests.faults.log import ends_of
from tests.faults.restartable import DATABASE
from tests.faults.traffic import Traffic
from tests.faults.verdict import Verdict, verdict
from tests.faults.waiting import caught_up
from tests.servers.sessionizer import Sessionizers
from tests.soak.actions import BAG, Action, Fate, random_order
from tests.soak.evidence import keep_evidence
from tests.soak.ledger import Ledger
from tests.soak.seat import Seat
from tests.soak.servers import SESSION_TIMEOUT_MS, Servers

RULES = Rules(topic=BATCHES, grace_ms=500, ended_after_ms=2_000, retain_ms=20_000)
TICK_MS = 1_000
FEWEST, MOST = 1, 4
"""Workers"""
WRITES_AGAIN_WITHIN_S = 60
MOVES_WITHIN_S = 120


class Soak:
    """Use as: `start`, any number of `act` and `judge`, `end`."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        *,
        workers: int = 3,
        batches_per_s: float = 15,
        dying: float = 0.85,
        bag: Mapping[Action, int] = BAG,
        work_within_s: float = 15,
    ) -> None:
        self.folder = folder
        self.ledger = Ledger()
        self._random = random.Random(seed)
        self._actions: Iterator[Action] = random_order(self._random, bag)
        self._fate = Fate(self._random, dying)
        self._calm = False
        self._workers = workers
        self._work_within_s = work_within_s
        self._servers = Servers(folder)
        self._traffic = Traffic(self._servers.broker.bootstrap, batches_per_s=batches_per_s, seed=seed)
        self._seats: list[Seat] = []
        self._names = 0
        self._stop_traffic = asyncio.Event()
        self._meanwhile: set[asyncio.Task[None]] = set()
        self._do: dict[Action, Callable[[], Awaitable[None]]] = {
            Action.KILL: self._kill,
            Action.STOP: self._stop,
            Action.PAUSE: self._pause,
            Action.LONG_PAUSE: self._long_pause,
            Action.JOIN: self._join,
            Action.LEAVE: self._leave,
            Action.BROKER_KILL: self._broker_kill,
            Action.BROKER_RESTART: self._broker_restart,
            Action.ENGINE_KILL: self._engine_kill,
            Action.ENGINE_SLOW: self._engine_slow,
        }

    async def start(self) -> None:
        await self._servers.start()
        self._crew = Sessionizers(
            self.folder / "workers",
            bootstrap=self._servers.broker.bootstrap,
            clickhouse_url=self._servers.engine.url,
            password=self._servers.engine.password,
            database=DATABASE,
            grace_ms=RULES.grace_ms,
            ended_after_ms=RULES.ended_after_ms,
            retain_ms=RULES.retain_ms,
            tick_ms=TICK_MS,
            broker_session_timeout_ms=SESSION_TIMEOUT_MS,
        )
        for _ in range(self._workers):
            self._take_a_seat(named=True)
        self._flow = asyncio.create_task(self._traffic.flow(until=self._stop_traffic))

    async def end(self) -> None:
        """Stop whatever runs, in a hurry."""
        self.ledger.closed = True
        self._stop_traffic.set()
        for task in self._meanwhile:
            task.cancel()
        self._calm = True
        await asyncio.gather(*(seat.leave() for seat in self._seats), return_exceptions=True)
        await asyncio.gather(self._flow, return_exceptions=True)
        await self._servers.kill()

    async def act(self) -> Action:
        """The next action; back once it is done, and its servers run."""
        action = next(self._actions)
        await self._do[action]()
        await self._let_them_work()
        return action

    async def judge(self) -> Verdict:
        """Let the workers catch up, stop them, compare every row; then start them again."""
        self._calm = True
        await self._settle()
        workers = len(self._seats)
        for _ in range(3):
            await self._catch_up()
            seats, self._seats = self._seats, []
            await asyncio.gather(*(seat.leave() for seat in seats))
            if not any(seat.unfinished for seat in seats):
                break
            self._take_a_seat(named=False)
        else:
            self.ledger.failed("three times a worker left a block at its stop")
        found = await self._compare()
        self._calm = False
        for _ in range(workers):
            self._take_a_seat(named=True)
        return found

    async def _compare(self) -> Verdict:
        bootstrap, sent = self._servers.broker.bootstrap, self._traffic.sent.until_now()
        with self._servers.engine.client() as client:
            # In a thread: traffic goes on.
            found = await asyncio.to_thread(asyncio.run, verdict(bootstrap, client, RULES, sent))
            totals = self.ledger.totals
            totals.rounds += 1
            totals.compared += found.recordings + found.sessions + found.events + found.dead_letters
            for name in ("records", "sessions", "recordings", "events", "dead_letters", "receipts"):
                setattr(totals, name, getattr(found, name))
            totals.changelog_records, totals.changelog_end = found.changelog_records, found.changelog_end
            if found.differences:
                await keep_evidence(self.folder, bootstrap, client, found.differences)
        if found.differences:
            self.ledger.failed("\n".join(found.differences))
        elif not self.ledger.failures:
            self.ledger.all_rows_are_right()
        return found

    async def _let_them_work(self) -> None:
        """Until some have died by themselves, so that most kills are at a step; or for some seconds."""
        await asyncio.sleep(self._random.uniform(0.05, 0.8))
        enough = self.ledger.deaths_at_steps() + self._random.randrange(4)
        until = time.monotonic() + self._work_within_s
        while self.ledger.deaths_at_steps() < enough and time.monotonic() < until:
            if not any(seat.armed for seat in self._seats):
                return
            await asyncio.sleep(0.05)

    async def _settle(self) -> None:
        """Until all that was begun is over and no worker is to die by itself."""
        await asyncio.gather(*self._meanwhile)
        for seat in self._seats:
            if seat.armed:
                seat.kill()
        for seat in self._seats:
            await asyncio.wait_for(seat.is_ready.wait(), MOVES_WITHIN_S)

    async def _catch_up(self) -> None:
        """Past every block that a worker may have begun: their records are in the log now."""
        begun = await ends_of(self._servers.broker.bootstrap, BATCHES)
        async with asyncio.timeout(MOVES_WITHIN_S):
            while any(self._traffic.sent.ends.get(number, 0) <= end for number, end in begun.items()):
                await asyncio.sleep(0.2)
        ends = dict(self._traffic.sent.ends)
        await caught_up(self._servers.broker.bootstrap, MOVES_WITHIN_S, ends)

    def _draw(self) -> tuple[Step, int] | None:
        return None if self._calm else self._fate.draw()

    def _take_a_seat(self, *, named: bool) -> Seat:
        """The restart of a worker with a name in the group moves no partition; of one without, all stop."""
        self._names += 1
        name = f"worker-{self._names}" if named else None
        seat = Seat(self._crew, self.ledger, self._draw, name)
        self._seats.append(seat)
        return seat

    async def _any_seat(self) -> Seat:
        """One whose worker is not paused."""
        while not (seats := [seat for seat in self._seats if not seat.paused]):
            await asyncio.sleep(0.1)
        return self._random.choice(seats)

    async def _kill(self) -> None:
        (await self._any_seat()).kill()

    async def _stop(self) -> None:
        await (await self._any_seat()).stop()

    async def _pause(self) -> None:
        await self._pause_one(Action.PAUSE, self._random.uniform(0.05, 0.5))

    async def _long_pause(self) -> None:
        await self._pause_one(Action.LONG_PAUSE, self._random.uniform(1.1, 2))

    async def _pause_one(self, action: Action, of_session_timeout: float) -> None:
        seat = await self._any_seat()
        self.ledger.did(action)
        self._begin(seat.pause(of_session_timeout * SESSION_TIMEOUT_MS / 1000, action))

    async def _join(self) -> None:
        if len(self._seats) < MOST:
            self.ledger.did(Action.JOIN)
            self._take_a_seat(named=self._random.random() < 0.5).begins(Action.JOIN, time.monotonic())

    async def _leave(self) -> None:
        if len(self._seats) > FEWEST:
            self.ledger.did(Action.LEAVE)
            seat = await self._any_seat()
            self._seats.remove(seat)
            await seat.leave()

    async def _broker_kill(self) -> None:
        await self._server_is_away(Action.BROKER_KILL, self._servers.broker.kill, self._servers.broker.start)

    async def _broker_restart(self) -> None:
        broker = self._servers.broker
        await self._server_is_away(Action.BROKER_RESTART, broker.stop, broker.start)

    async def _engine_kill(self) -> None:
        await self._server_is_away(Action.ENGINE_KILL, self._servers.engine.kill, self._servers.engine.start)

    async def _engine_slow(self) -> None:
        for_s = self._random.uniform(2, 6)
        self.ledger.did(Action.ENGINE_SLOW)
        began = time.monotonic()
        await self._servers.engine.slow(for_s)
        self._begin(self._written_again(Action.ENGINE_SLOW, began))

    async def _server_is_away(
        self, action: Action, stop: Callable[[], Awaitable[None]], start: Callable[[], Awaitable[None]]
    ) -> None:
        self.ledger.did(action)
        began = time.monotonic()
        await stop()
        await asyncio.sleep(self._random.choice([0, 0, 1, 5]))
        await start()
        self._begin(self._written_again(action, began))

    async def _written_again(self, action: Action, began: float) -> None:
        """Until a block's state is written after the server is back."""
        bootstrap = self._servers.broker.bootstrap
        try:
            async with asyncio.timeout(WRITES_AGAIN_WITHIN_S):
                before = await ends_of(bootstrap, SESSIONIZER_CHANGELOG)
                while await ends_of(bootstrap, SESSIONIZER_CHANGELOG) == before:
                    await asyncio.sleep(0.2)
        except TimeoutError:
            self.ledger.failed(f"nothing written within {WRITES_AGAIN_WITHIN_S} s after: {action}")
        else:
            self.ledger.ready(action, time.monotonic() - began)

    def _begin(self, meanwhile: Awaitable[None]) -> None:
        async def run() -> None:
            await meanwhile

        task = asyncio.create_task(run())
        self._meanwhile.add(task)
        task.add_done_callback(self._meanwhile.discard)

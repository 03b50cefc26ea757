"""The stack as a whole: what is started after what, and stopped before what.

    async with Stack(settings) as stack:
        stack.addresses.collector
        stack["sessionizer"].kill()

Kafka and ClickHouse come first; once they serve, topics and tables are made the declared ones; then
collector, sessionizer and query API. The stop goes the other way.
"""

import asyncio
import fcntl
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from playhead.demo_tenant import ensure_connections, ensure_token
from playhead.kafka import topics
from playhead.settings import StackSettings
from playhead.stack import services
from playhead.stack.addresses import Addresses, announce, choose, withdraw
from playhead.stack.priority import lower_merges
from playhead.stack.process import Command
from playhead.stack.readiness import Probe, broker_answers, http_ok
from playhead.stack.secret_files import StackSecrets, stack_secrets
from playhead.stack.services import CLICKHOUSE, COLLECTOR, KAFKA, QUERY_API, SESSIONIZER
from playhead.stack.supervised import RestartPolicy, Say, Supervised
from playhead.tables import migrate_tables
from schemas.topic import declared

STARTS = ((KAFKA, CLICKHOUSE), (COLLECTOR, SESSIONIZER, QUERY_API))
"""Those of one stage start beside one another."""


class DataInUse(Exception):  # noqa: N818
    """Another stack runs on this data folder."""


class Stack:
    """All processes of one data folder.

    Args:
        settings: ports, paths, patience.
        environment: for tests: more variables for single processes, by name.
        say: takes a line for the person who watches.
    """

    def __init__(
        self,
        settings: StackSettings,
        *,
        environment: Mapping[str, Mapping[str, str]] | None = None,
        say: Say = lambda _: None,
    ) -> None:
        self.settings = settings
        self._environment = environment or {}
        self._say = say
        self._lock: IO[str] | None = None
        self._supervised: dict[str, Supervised] = {}
        self._started: list[str] = []
        self._addresses: Addresses | None = None
        self._secrets: StackSecrets | None = None

    @property
    def addresses(self) -> Addresses:
        if self._addresses is None:
            raise RuntimeError("the stack was not started")
        return self._addresses

    @property
    def secrets(self) -> StackSecrets:
        if self._secrets is None:
            raise RuntimeError("the stack was not started")
        return self._secrets

    def __getitem__(self, name: str) -> Supervised:
        return self._supervised[name]

    def __iter__(self) -> Iterator[Supervised]:
        return iter(self._supervised.values())

    async def start(self) -> None:
        """Start everything; returns when all serve.

        Raises:
            DataInUse, PortTaken, NotInstalled, FormatFailed, NotReady, TopicsDiffer, MigrationRefused:
                what was started is stopped again.
        """
        data = self.settings.data_path
        data.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(data)
        try:
            self._addresses = choose(self.settings)
            self._secrets = stack_secrets(data)
            ensure_token(services.tokens_file(data), self._secrets.dashboard_token)
            await asyncio.to_thread(services.broker(self.settings, self._addresses).prepare)
            self._build()
            for stage in STARTS:
                await self._start_stage(stage)
            announce(data, self._addresses)
        except BaseException:
            await self.stop()
            raise

    async def _start_stage(self, names: tuple[str, ...]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for name in names:
                    group.create_task(self._start_one(name))
        except ExceptionGroup as several:
            # The first to fail ended the others' start.
            raise several.exceptions[0] from None

    async def _start_one(self, name: str) -> None:
        self._started.append(name)
        await self._supervised[name].start()
        self._say(f"{name} serves")

    async def failed(self) -> None:
        """Wait, as long as all is well.

        Raises:
            DiedTooOften: a process cannot be kept alive.
        """
        waiting = {one.gave_up for one in self}
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            one.result()

    async def stop(self) -> None:
        """Stop what runs, in the reverse order of the stages. May be called again."""
        for stage in reversed(STARTS):
            for name in reversed([name for name in stage if name in self._started]):
                self._say(f"stopping {name}")
                await self._supervised[name].stop()
        self._started.clear()
        withdraw(self.settings.data_path)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _build(self) -> None:
        commands = services.commands(self.settings, self.addresses, self.secrets)
        probes: dict[str, Probe] = {
            KAFKA: broker_answers(self.addresses.kafka),
            CLICKHOUSE: http_ok(f"{self.addresses.clickhouse}/ping"),
            COLLECTOR: http_ok(f"{self.addresses.collector}/readyz"),
            SESSIONIZER: http_ok(f"{self.addresses.sessionizer}/readyz"),
            QUERY_API: http_ok(f"{self.addresses.query_api}/readyz"),
        }
        once_ready = {KAFKA: self._topics, CLICKHOUSE: self._tables}
        for name, command in commands.items():
            more = {"once_ready": once_ready[name]} if name in once_ready else {}
            self._supervised[name] = Supervised(
                self._with_environment(command),
                probe=probes[name],
                policy=RestartPolicy(
                    self.settings.max_restarts, self.settings.restart_window_ms, self.settings.restart_wait_ms
                ),
                start_timeout_ms=self.settings.start_timeout_ms,
                stop_timeout_ms=self.settings.stop_timeout_ms,
                say=self._say,
                **more,
            )

    def _with_environment(self, command: Command) -> Command:
        return replace(
            command, environment={**command.environment, **self._environment.get(command.name, {})}
        )

    async def _topics(self) -> None:
        applied = await topics.apply(self.addresses.kafka, declared())
        for drift in applied.altered:
            self._say(f"set back: {drift}")
        await ensure_connections(self.addresses.kafka, self.secrets)

    async def _tables(self) -> None:
        await asyncio.to_thread(migrate_tables, self.addresses, self.secrets)
        # Its merge threads begin with its first table.
        lower_merges(self._supervised[CLICKHOUSE].pid)


def _locked(data: Path) -> IO[str]:
    """Held as long as the file is open, so also gone when this process is killed.

    Raises:
        DataInUse: somebody holds it.
    """
    lock = (data / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip()
        lock.close()
        raise DataInUse(
            f"process {holder} runs a stack on {data}: stop it, or choose another folder"
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock

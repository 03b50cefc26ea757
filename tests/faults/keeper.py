"""Starts a worker again whenever it ends, as a supervisor does."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.servers.sessionizer import Sessionizer


class Keeper:
    def __init__(self, start: Callable[[], Sessionizer]) -> None:
        self._start = start
        self.worker = start()
        self.exits: list[int] = []
        """Return codes of the workers that ended by themselves."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        await self.worker.process.kill()

    async def _keep(self) -> None:
        while True:
            self.exits.append(await self.worker.process.wait())
            await asyncio.sleep(0.5)
            self.worker = self._start()

    async def stop(self) -> None:
        """A graceful stop of the worker that runs now."""
        self._task.cancel()
        code = await self.worker.process.stop(timeout_ms=10_000)
        assert code == 0, f"exit {code}: {self.worker.process.log_end()}"

"""Pages that send batch after batch, each once, and remember what they were answered."""

import asyncio
import itertools

import httpx

from collector.problems import Reason
from tests.collector.builders import KEY, array, event
from tests.collector.contract.conftest import HERE
from tests.collector.contract.test_refused import check_refusal
from tests.servers.collector import Collector, batches

WAIT_S = 90


class Load:
    """Eight pages, from now until `end`, or until their collector is gone."""

    def __init__(self, collector: Collector, name: str):
        self._collector = collector
        self._name = name
        self._ending = False
        self.accepted: set[tuple[str, int]] = set()
        """Window and seq of the batches that got a 202."""
        self.refused: list[httpx.Response] = []
        self._tasks = [asyncio.create_task(self._page(f"{name}-{number}")) for number in range(8)]

    async def _page(self, window: str) -> None:
        async with self._collector.client() as client:
            for seq in itertools.count():
                if self._ending:
                    return
                try:
                    answer = await client.post(
                        "/v1/batches",
                        params={"key": KEY, "visitor": window, "window": window, "seq": seq},
                        headers={"origin": HERE},
                        content=array(event(text="x" * 5_000)),
                    )
                except httpx.TransportError:
                    return
                if answer.status_code == 202:
                    self.accepted.add((window, seq))
                else:
                    self.refused.append(answer)
                    await asyncio.sleep(0.1)

    async def has_accepted(self, count: int) -> None:
        async with asyncio.timeout(WAIT_S):
            while len(self.accepted) < count:
                await asyncio.sleep(0.02)

    async def has_accepted_another(self, count: int) -> None:
        await self.has_accepted(len(self.accepted) + count)

    async def is_answered(self, count: int) -> None:
        """So many times more, with whatever."""
        answered = len(self.accepted) + len(self.refused)
        async with asyncio.timeout(WAIT_S):
            while len(self.accepted) + len(self.refused) < answered + count:
                await asyncio.sleep(0.02)

    def check_refusals(self) -> None:
        """There were some, and each said to come again."""
        assert self.refused, "nothing was refused"
        for answer in self.refused:
            check_refusal(answer, Reason[answer.json()["reason"]])
            assert answer.status_code == 503

    async def end(self) -> None:
        self._ending = True
        await asyncio.wait_for(asyncio.gather(*self._tasks), WAIT_S)

    async def in_log(self, bootstrap: str) -> list[tuple[str, int]]:
        return [
            (batch.window, batch.seq)
            for _, batch in await batches(bootstrap)
            if batch.window.startswith(f"{self._name}-")
        ]

    async def check_nothing_is_lost_or_doubled(self, bootstrap: str) -> None:
        found = await self.in_log(bootstrap)
        assert self.accepted <= set(found), f"lost: {sorted(self.accepted - set(found))}"
        assert len(found) == len(set(found)), f"doubled: {len(found) - len(set(found))}"

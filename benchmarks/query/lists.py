"""The list with its totals, and the stats with their series, as the dashboard asks for them."""

import random
import threading
from collections.abc import Iterator, Sequence
from queue import SimpleQueue
from urllib.parse import urlencode

from benchmarks.query.asking import Client, NotAnswered, Times, bearer
from benchmarks.query.grown_sessions import DAY_MS, connection_of
from benchmarks.query.query_api import Access, QueryApi
from benchmarks.result import Measure

WARM_UP = 40
FILTERS = {
    "a day, one browser, completed": {"browser": "Chrome", "status": "completed"},
    "all four weeks, one browser, completed": {"browser": "Chrome", "status": "completed"},
    "no filter": {},
}
ONE_DAY = "a day, one browser, completed"


class Both:
    """The list and the totals at the same time, over a connection each, as the dashboard asks."""

    def __init__(self, port: int, token: str) -> None:
        self._list = Client(port, bearer(token))
        self._totals = Client(port, bearer(token))
        self._asked: SimpleQueue[str | None] = SimpleQueue()
        self._answered: SimpleQueue[float | NotAnswered | OSError] = SimpleQueue()
        self._aside = threading.Thread(target=self._ask_aside)
        self._aside.start()

    def _ask_aside(self) -> None:
        while (path := self._asked.get()) is not None:
            try:
                self._answered.put(self._totals.get(path).whole_s)
            except (NotAnswered, OSError) as error:
                self._answered.put(error)

    def get(self, list_path: str, totals_path: str) -> float:
        """Until both are there, in s."""
        self._asked.put(totals_path)
        took_s = self._list.get(list_path).whole_s
        other = self._answered.get()
        if not isinstance(other, float):
            raise other
        return max(took_s, other)

    def close(self) -> None:
        self._asked.put(None)
        self._aside.join()
        self._list.close()
        self._totals.close()


def measure_lists(
    api: QueryApi, access: Access, until_at: int, times: int, parts: str, goals: tuple[float | None, float]
) -> Iterator[Measure]:
    """
    Args:
        parts: in how many the table is, for the reader.
        goals: p50 and p99 of the list with its totals, in ms.
    """
    for name in FILTERS:
        draw = random.Random(1)
        paths = [_paths(draw, name, until_at, len(access.tokens)) for _ in range(WARM_UP + times)]
        took = _times(api, access, paths)
        p50_goal, p99_goal = goals if name != "no filter" else (None, None)
        what = f"newest 50 sessions and totals, {name}, {parts}"
        yield Measure(f"{what}: p50", took.p50, "ms", goal=p50_goal)
        yield Measure(f"{what}: p99", took.p99, "ms", goal=p99_goal)
    draw = random.Random(2)
    alone = [draw.randrange(len(access.tokens)) for _ in range(WARM_UP + times)]
    took = _alone(api, access, [(n, f"{_connection(n)}?limit=50") for n in alone])
    yield Measure(f"newest 50 sessions alone, no filter, {parts}: p50", took.p50, "ms")
    yield Measure(f"newest 50 sessions alone, no filter, {parts}: p99", took.p99, "ms")


def measure_stats(api: QueryApi, access: Access, sessions: int, times: int, parts: str) -> Iterator[Measure]:
    draw = random.Random(3)
    asked = [draw.randrange(len(access.tokens)) for _ in range(WARM_UP + times)]
    took = _alone(api, access, [(n, f"{_connection(n)}/stats?time_zone=Europe/Berlin") for n in asked])
    what = f"stats with series over {sessions:,} sessions, {parts}"
    yield Measure(f"{what}: p50", took.p50, "ms")
    yield Measure(f"{what}: p99", took.p99, "ms", goal=40)


def _connection(number: int) -> str:
    return f"/v1/connections/{connection_of(number)}/sessions"


def _paths(draw: random.Random, name: str, until_at: int, tenants: int) -> tuple[int, str, str]:
    """Whose, the list's and the totals'."""
    tenant = draw.randrange(tenants)
    filters: dict[str, object] = dict(FILTERS[name])
    if name == ONE_DAY:
        # Of the last four weeks any, so that not always the same rows are read.
        to_at = until_at - draw.randrange(27) * DAY_MS
        filters |= {"from": to_at - DAY_MS, "to": to_at}
    query = urlencode(filters)
    where = _connection(tenant)
    return tenant, f"{where}?{query}&limit=50", f"{where}/stats?{query}"


def _times(api: QueryApi, access: Access, paths: Sequence[tuple[int, str, str]]) -> Times:
    clients: dict[int, Both] = {}
    taken = []
    try:
        for tenant, list_path, totals_path in paths:
            if tenant not in clients:
                clients[tenant] = Both(api.port, access.tokens[tenant])
            taken.append(clients[tenant].get(list_path, totals_path) * 1_000)
    finally:
        for client in clients.values():
            client.close()
    return Times(taken[WARM_UP:])


def _alone(api: QueryApi, access: Access, paths: Sequence[tuple[int, str]]) -> Times:
    clients: dict[int, Client] = {}
    taken = []
    for tenant, path in paths:
        if tenant not in clients:
            clients[tenant] = Client(api.port, bearer(access.tokens[tenant]))
        taken.append(clients[tenant].get(path).whole_s * 1_000)
    for client in clients.values():
        client.close()
    return Times(taken[WARM_UP:])

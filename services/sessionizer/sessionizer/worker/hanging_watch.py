"""Notices, while it runs, that the broker has left a transaction of this worker open (`hanging.py`).

The next transaction of the same partition would end it, but where nothing comes, those who read
`playhead.sessions` as committed would wait.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping

import structlog
from aiokafka.errors import KafkaError

from sessionizer.worker.continuity import End
from sessionizer.worker.hanging import WRITTEN, places
from sessionizer.worker.open_transactions import OpenTransaction, transactions_in
from sessionizer.worker.transaction import TRANSACTION_TIMEOUT_MS, Producer

LOOK_EVERY_S = 15.0
HANGS_AFTER_S = 2 * TRANSACTION_TIMEOUT_MS / 1000
"""A coordinator ends what is open for longer than the transaction's timeout, looking every ten seconds."""

log = structlog.get_logger(__name__)


class Watched:
    """Since when transactions of the worker's own producers are seen open."""

    def __init__(self) -> None:
        self._since_s: dict[OpenTransaction, float] = {}

    def look(
        self, found: Iterable[OpenTransaction], producer_ids: Collection[int], now_s: float
    ) -> list[OpenTransaction]:
        """Those that have been open for too long.

        Args:
            now_s: of a clock that only goes forward.
        """
        self._since_s = {
            each: self._since_s.get(each, now_s) for each in found if each.producer_id in producer_ids
        }
        return [each for each, since_s in self._since_s.items() if now_s - since_s >= HANGS_AFTER_S]


async def watch_hanging(bootstrap: str, producers: Callable[[], Mapping[int, Producer]], end: End) -> None:
    """Until cancelled: end the process once the broker has left a transaction of it open.

    The next take-over ends it. In this process that could not be told from one that has just been begun.
    """
    watched = Watched()
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        owned = dict(producers())
        try:
            async with transactions_in(bootstrap, WRITTEN) as transactions:
                found = await transactions.find(places(transactions, owned))
        except KafkaError as error:
            log.warning("open transactions not known", error=repr(error))
            continue
        own = {each.id for each in owned.values()}
        for tp, _, _, _, first_offset in watched.look(found, own, time.monotonic()):
            end("the broker left a transaction open", place=str(tp), first_offset=first_offset)

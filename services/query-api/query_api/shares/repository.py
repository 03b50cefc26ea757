"""Shares as the compacted topic `playhead.shares` holds them: all of them in memory, each written once."""

import asyncio
import uuid

from query_api import metrics
from query_api.book_reader import BookReader, Measures
from query_api.problems import Reason, Refusal
from query_api.record_writer import RecordWriter
from schemas.share import Share, ShareBook, encode
from schemas.topic import SHARES

MEASURES = Measures(
    held=metrics.SHARES,
    unreadable=metrics.SHARE_RECORDS_UNREADABLE,
    restarts=metrics.SHARES_READER_RESTARTS,
)


class ShareReader(BookReader[ShareBook]):
    def __init__(self, kafka_bootstrap: str) -> None:
        super().__init__(kafka_bootstrap, SHARES, ShareBook, MEASURES)


class ShareRepository:
    def __init__(
        self, reader: ShareReader, writer: RecordWriter, within_ms: int, stale_after_ms: int
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._within_ms = within_ms
        self._stale_after_ms = stale_after_ms

    def _current(self) -> ShareBook:
        """A book that is too old may hold what was revoked since.

        Raises:
            Refusal: not_ready.
        """
        book, age_ms = self._reader.book, self._reader.age_ms
        if book is None or age_ms is None or age_ms > self._stale_after_ms:
            raise Refusal(Reason.NOT_READY)
        return book

    def by_id(self, share_id: str) -> Share | None:
        """
        Raises:
            Refusal: not_ready.
        """
        return self._current().by_id(share_id)

    def of_session(self, tenant: str, session_id: uuid.UUID) -> list[Share]:
        """In order of creation; expired ones may be among them.

        Raises:
            Refusal: not_ready.
        """
        return self._current().of_session(tenant, session_id)

    def forget_expired(self, now_ms: int) -> None:
        self._current().forget_expired(now_ms)

    async def add(self, share: Share) -> None:
        """Returns when it is held here.

        Raises:
            Refusal: kafka_unavailable; it may have been added all the same.
        """
        await self._write(share.id, encode(share))

    async def remove(self, share_id: str) -> None:
        """Returns when it is no longer held here.

        Raises:
            Refusal: kafka_unavailable; it may have been removed all the same.
        """
        await self._write(share_id, None)

    async def _write(self, share_id: str, value: bytes | None) -> None:
        partition, offset = await self._writer.write(SHARES, share_id, value)
        try:
            async with asyncio.timeout(self._within_ms / 1000):
                await self._reader.seen(partition, offset)
        except TimeoutError:
            raise Refusal(Reason.KAFKA_UNAVAILABLE) from None

"""A block's output: what it reads of the records for it, and what it writes to ClickHouse, in order.

Every step may be repeated, identically, and never shows twice. Knows order and fence, not what a row is.
"""

from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from itertools import chain
from typing import Protocol

from sessionizer.core.effects import Effects, Erasing
from sessionizer.sink import recordings, sessions
from sessionizer.sink.erase import ErasedRows
from sessionizer.sink.errors import RowsRefused
from sessionizer.sink.insert import Inserter
from sessionizer.sink.payload import UndecodablePayload
from sessionizer.sink.row_binary import Pieces, Unwritable
from sessionizer.worker.block_reader import ReadBlock, read_block
from sessionizer.worker.dead_letters import BadRecord
from sessionizer.worker.fence import Fence
from sessionizer.worker.kafka_record import KafkaRecords
from sessionizer.worker.metrics import Metrics
from sessionizer.worker.steps import Reached, Step

Erased = list[tuple[Erasing, ErasedRows]]
"""The erasures of a block, and what each took."""


class RecordsRefused(Exception):  # noqa: N818
    """Records found bad only after the core has counted them: the block starts again without."""

    def __init__(self, refused: Mapping[int, BadRecord]):
        super().__init__(f"records refused at offsets {sorted(refused)}")
        self.refused = refused


class Output(Protocol):
    """Where a block's rows go."""

    def read(self, records: KafkaRecords, excluded: Container[int]) -> ReadBlock:
        """Read every record but those at the excluded offsets; may be called from another thread."""

    async def write(self, effects: Effects, read: ReadBlock, token: str) -> Erased:
        """Erase and insert what a sealed block asks for; returns once it is there.

        Args:
            token: names the block, and goes with the same effects always.

        Raises:
            RecordsRefused: some records cannot be rows.
        """


class ClickHouseOutput:
    """Rows of `recordings` and `sessions`; what is erased goes first."""

    def __init__(
        self,
        *,
        inserter: Inserter,
        erase: Callable[[Erasing, int], Awaitable[ErasedRows]],
        fence: Fence,
        metrics: Metrics,
        max_payload_bytes: int,
        reached: Reached,
    ):
        self._inserter = inserter
        self._erase = erase
        self._fence = fence
        self._metrics = metrics
        self._max_payload_bytes = max_payload_bytes
        self._reached = reached

    def read(self, records: KafkaRecords, excluded: Container[int]) -> ReadBlock:
        return read_block(records, self._max_payload_bytes, excluded)

    async def write(self, effects: Effects, read: ReadBlock, token: str) -> Erased:
        rows = self._recording_rows(effects, read)
        erased = await self._erase_rows(effects)
        self._reached(Step.BEFORE_INSERT)
        await self._insert_recordings(rows, token)
        self._reached(Step.AFTER_RECORDINGS_INSERT)
        await self._insert_sessions(effects, token)
        self._reached(Step.AFTER_SESSIONS_INSERT)
        return erased

    async def _erase_rows(self, effects: Effects) -> Erased:
        """Before the block's rows: what goes is of earlier blocks, since its own such rows are withheld."""
        erased: Erased = []
        for erasing in effects.erasures:
            self._fence.check("erase rows")
            erased.append((erasing, await self._erase(erasing, effects.partition)))
            self._reached(Step.AFTER_ERASURE)
        return erased

    def _recording_rows(self, effects: Effects, read: ReadBlock) -> dict[int, Pieces]:
        rows: dict[int, Pieces] = {}
        refused: dict[int, BadRecord] = {}
        for assigned in effects.assigned:
            try:
                rows[assigned.offset] = recordings.recording_row(
                    assigned, effects.partition, read.texts[assigned.offset]
                )
            except UndecodablePayload as error:
                refused[assigned.offset] = BadRecord(error.reason, error.detail)
            except Unwritable as error:
                refused[assigned.offset] = BadRecord("impossible_value", str(error))
        if refused:
            raise RecordsRefused(refused)
        return rows

    async def _insert_recordings(self, rows: Mapping[int, Pieces], token: str) -> None:
        try:
            await self._insert(recordings.TABLE, list(recordings.COLUMNS), list(rows.values()), token)
        except RowsRefused:
            raise RecordsRefused(await self._refused_alone(rows, token)) from None

    async def _refused_alone(self, rows: Mapping[int, Pieces], token: str) -> dict[int, BadRecord]:
        """Which rows ClickHouse refuses. Those it takes are there already when the block comes again."""
        refused: dict[int, BadRecord] = {}
        for offset, row in rows.items():
            try:
                await self._insert(
                    recordings.TABLE, list(recordings.COLUMNS), [row], f"{token}-alone-{offset}"
                )
            except RowsRefused as error:
                refused[offset] = BadRecord("refused_by_clickhouse", str(error))
        if not refused:
            raise RowsRefused(f"block {token} is refused, and each of its rows is taken")
        return refused

    async def _insert_sessions(self, effects: Effects, token: str) -> None:
        rows = [sessions.session_row(session) for session in effects.sessions]
        await self._insert(sessions.TABLE, list(sessions.COLUMNS), rows, token)

    async def _insert(self, table: str, columns: Sequence[str], rows: Sequence[Pieces], token: str) -> None:
        if not rows:
            return
        self._fence.check(f"insert into {table}")
        with self._metrics.insert_seconds.labels(table).time():
            await self._inserter.insert(table, columns, b"".join(chain.from_iterable(rows)), token)

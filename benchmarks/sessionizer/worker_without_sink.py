"""The sessionizer's worker without ClickHouse, for measuring. Its settings come from the environment.

`python -m benchmarks.sessionizer.worker_without_sink rows`: everything up to the insert is done (payloads are
decompressed, rows are built and joined to a body), and the insert is acknowledged at once.
`… kept FOLDER`: the same, and every body is kept there as a file.
`… none`: there is no output. Payloads stay compressed, no row is built: consume, assign, write to Kafka.
"""

import itertools
import sys
from collections.abc import Container, Sequence
from pathlib import Path

import msgspec

import sessionizer.__main__ as program
from schemas import envelope
from schemas.envelope import UnreadableEnvelope
from sessionizer.core.effects import Effects
from sessionizer.core.record import Record
from sessionizer.settings import Settings
from sessionizer.worker.app import SessionizerApp
from sessionizer.worker.block_reader import ReadBlock
from sessionizer.worker.dead_letters import BadRecord
from sessionizer.worker.kafka_record import KafkaRecords
from sessionizer.worker.output import ClickHouseOutput, Erased, Output


class NoOutput:
    """Reads envelopes and leaves payloads as they are; writes nothing."""

    def read(self, records: KafkaRecords, excluded: Container[int]) -> ReadBlock:
        block = ReadBlock(records=[], texts={}, bad={})
        decode, add = envelope.decode, block.records.append
        for record in records:
            if record.value is None:
                block.bad[record.offset] = BadRecord("no_value", "the record has no value")
                continue
            try:
                add(Record(record.offset, record.key, decode(record.value)))
            except UnreadableEnvelope as error:
                block.bad[record.offset] = BadRecord(error.reason, error.detail)
        return block

    async def write(self, effects: Effects, read: ReadBlock, token: str) -> Erased:
        return []


class AcknowledgesAtOnce:
    """In place of `sink.insert.Inserter`."""

    async def insert(self, table: str, columns: Sequence[str], body: bytes, token: str) -> None:
        pass


class Keeps(AcknowledgesAtOnce):
    """Writes every insert into a folder, in order: a file with its body, one with all else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()

    async def insert(self, table: str, columns: Sequence[str], body: bytes, token: str) -> None:
        name = f"{next(self._numbers):06d}"
        (self._folder / f"{name}.body").write_bytes(body)
        about = {"table": table, "columns": list(columns), "token": token}
        (self._folder / f"{name}.json").write_bytes(msgspec.json.encode(about))


class WithoutOutput(SessionizerApp):
    def output(self) -> Output:
        return NoOutput()


def _with(inserter: AcknowledgesAtOnce) -> type[SessionizerApp]:
    class WithRowsOnly(SessionizerApp):
        def output(self) -> Output:
            output = super().output()
            assert isinstance(output, ClickHouseOutput)
            output._inserter = inserter  # type: ignore[assignment]  # noqa: SLF001
            return output

    return WithRowsOnly


def app_without(what: str, *folder: str) -> type[SessionizerApp]:
    match what:
        case "none":
            return WithoutOutput
        case "rows":
            return _with(AcknowledgesAtOnce())
        case "kept":
            return _with(Keeps(Path(*folder)))
    raise SystemExit(f"none, rows or kept, not {what}")


if __name__ == "__main__":
    program.SessionizerApp = app_without(*sys.argv[1:])  # type: ignore[attr-defined]
    program.run(Settings())

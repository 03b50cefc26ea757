"""The sessionizer's worker without ClickHouse, for measuring. Its settings come from the environment.

`python -m benchmarks.sessionizer.worker_without_sink rows`: everything up to the insert is done (payloads are
decompressed, rows are built and joined to a body), and the insert is acknowledged at once.
`… none`: there is no sink. Payloads stay compressed, no row is built: consume, assign, write to Kafka.
"""

import sys
from collections.abc import Container, Sequence
from types import ModuleType

from schemas import envelope
from schemas.envelope import UnreadableEnvelope
from sessionizer.__main__ import run
from sessionizer.core.record import Record
from sessionizer.settings import Settings
from sessionizer.sink import recordings, sessions
from sessionizer.worker import app, commit
from sessionizer.worker.block_reader import ReadBlock
from sessionizer.worker.dead_letters import BadRecord
from sessionizer.worker.kafka_record import KafkaRecords


class AcknowledgesAtOnce:
    """In place of `sink.insert.Inserter`."""

    def __init__(self, *server: object) -> None:
        pass

    async def insert(self, table: str, columns: Sequence[str], body: bytes, token: str) -> None:
        pass

    async def close(self) -> None:
        pass


class _NoTexts(dict[int, bytes]):
    def __missing__(self, offset: int) -> bytes:
        return b""


def read_envelopes_only(records: KafkaRecords, max_payload_bytes: int, excluded: Container[int]) -> ReadBlock:
    """In place of `worker.block_reader.read_block`: the same, but payloads stay as they are."""
    block = ReadBlock(records=[], texts=_NoTexts(), bad={})
    decode, add = envelope.decode, block.records.append
    for record in records:
        try:
            if record.value is None:
                raise BadRecord("no_value", "the record has no value")
            add(Record(record.offset, record.key, decode(record.value)))
        except UnreadableEnvelope as error:
            block.bad[record.offset] = BadRecord(error.reason, error.detail)
        except BadRecord as bad:
            block.bad[record.offset] = bad
    return block


def _no_row(*what: object) -> tuple[bytes, ...]:
    return ()


def replace(module: ModuleType, name: str, by: object) -> None:
    """
    Raises:
        AttributeError: the worker has no such thing any more, so this would measure something else.
    """
    getattr(module, name)
    setattr(module, name, by)


def take_sink_off(what: str) -> None:
    replace(app, "Inserter", AcknowledgesAtOnce)
    if what == "none":
        replace(commit, "read_block", read_envelopes_only)
        replace(recordings, "recording_row", _no_row)
        replace(sessions, "session_row", _no_row)
    elif what != "rows":
        raise SystemExit(f"rows or none, not {what}")


if __name__ == "__main__":
    take_sink_off(sys.argv[1])
    run(Settings())

"""What the worker uses of a record that aiokafka fetched."""

from collections.abc import Sequence
from typing import Protocol


class KafkaRecord(Protocol):
    @property
    def topic(self) -> str: ...

    @property
    def partition(self) -> int: ...

    @property
    def offset(self) -> int: ...

    @property
    def timestamp(self) -> int | None:
        """In ms, as the log has it."""

    @property
    def key(self) -> bytes | None: ...

    @property
    def value(self) -> bytes | None: ...


KafkaRecords = Sequence[KafkaRecord]

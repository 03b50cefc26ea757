"""Puts dead letters back into `playhead.batches`, each once, and marks each in the dead letters."""

from collections.abc import AsyncIterator, Callable, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from playhead.dead_letters.book import Held
from playhead.dead_letters.problems import NoBroker, ReplayStopped
from playhead.dead_letters.topic_records import partitions, topic_records
from schemas.dead_letter import LARGEST_RECORD_BYTES, Letter, Mark, Position, mark_headers
from schemas.topic import BATCHES, DEAD_LETTERS

HEADROOM_BYTES = 64 * 1024


async def replay(
    bootstrap: str, chosen: Sequence[Held], clock_ms: Callable[[], int]
) -> AsyncIterator[tuple[Letter, Position]]:
    """Write the records back; gives each letter with its record's new place, once its mark is written too.

    The key decides the partition, by the same partitioner as the collector's. A record without a key goes to
    the partition where it was. Its time in the log is now; what its envelope says is as it was.

    Raises:
        NoBroker, TopicMissing: nothing was written.
        ReplayStopped: a record or its mark was refused; those that were given before are back.
    """
    if not chosen:
        return
    numbers = (await partitions(bootstrap))[BATCHES]
    by_place = {(held.partition, held.offset): held.letter for held in chosen}
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap.split(","),
        acks="all",
        enable_idempotence=True,
        max_request_size=LARGEST_RECORD_BYTES + HEADROOM_BYTES,
    )
    try:
        await producer.start()
    except KafkaError as error:
        await producer.stop()
        raise NoBroker(bootstrap, error) from error
    try:
        async for record in topic_records(bootstrap, _spans(chosen)):
            if (letter := by_place.get((record.partition, record.offset))) is not None:
                if letter.record_key is None and letter.position.partition >= numbers:
                    raise ReplayStopped(f"{letter.position} has no key, and {BATCHES} no such partition")
                yield letter, await _put_back(producer, letter, record, clock_ms)
    finally:
        await producer.stop()


def _spans(chosen: Sequence[Held]) -> dict[int, tuple[int, int]]:
    spans: dict[int, tuple[int, int]] = {}
    for held in chosen:
        first, end = spans.get(held.partition, (held.offset, held.offset + 1))
        spans[held.partition] = min(first, held.offset), max(end, held.offset + 1)
    return spans


async def _put_back(
    producer: AIOKafkaProducer, letter: Letter, record: ConsumerRecord, clock_ms: Callable[[], int]
) -> Position:
    keyless = letter.record_key is None
    try:
        sent = await producer.send_and_wait(
            BATCHES,
            record.value,
            key=letter.record_key,
            partition=letter.position.partition if keyless else None,
        )
    except KafkaError as error:
        raise ReplayStopped(f"{letter.position} was not put back: {error!r}; replay again") from error
    place = Position(BATCHES, sent.partition, sent.offset)
    mark = Mark(
        position=letter.position,
        recorded_at=letter.recorded_at,
        replayed_at=clock_ms(),
        replayed_to=place,
    )
    try:
        await producer.send_and_wait(
            DEAD_LETTERS, None, key=str(letter.position).encode(), headers=mark_headers(mark)
        )
    except KafkaError as error:
        raise ReplayStopped(
            f"{letter.position} is back, as {place}, but the mark that says so was not written ({error!r}): "
            "`list` shows it as waiting"
        ) from error
    return place

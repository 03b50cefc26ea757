"""From a body as it arrived to what is sealed in an envelope: inflate, decode, summarise, frame.

Pure, and one call, so that a large body can be worked on in a thread. Knows no connection and no clock.
"""

import msgspec
import xxhash
from backports import zstd

from collector.decode import decode
from collector.inflate import CorruptBody, TooLargeInflated, inflate
from collector.problems import Reason, Refused
from collector.summary import Summary, hash_events, summarise, summarise_plain
from schemas.envelope import Encoding

ZSTD_LEVEL = 1
"""Level 3 takes half as long again for a few percent, and ClickHouse compresses once more."""


class Limits(msgspec.Struct, frozen=True, gc=False):
    decompressed_bytes: int
    events: int


class Prepared(msgspec.Struct, frozen=True, gc=False):
    summary: Summary
    raw_bytes: int
    """Bytes of the events' JSON array, decompressed."""
    encoding: Encoding
    payload: bytes
    """The array, as the client compressed it wherever that is possible."""
    array_hash: bytes | None
    """Without a seq: 128 bits over the decompressed array, so that compressing it anew changes nothing."""
    event_hashes: bytes | None
    """Without a seq: 64 bits an event."""


def prepare(body: bytes, encoding: Encoding, limits: Limits, *, numbered: bool) -> Prepared:
    """Do everything that needs the events. `numbered`: the client gave a seq, so no hash is needed.

    Raises:
        Refused: malformed_json, invalid_event, empty_batch or batch_too_large.
    """
    try:
        inflated = inflate(body, encoding, limits.decompressed_bytes)
    except CorruptBody as error:
        raise Refused(Reason.malformed_json, str(error)) from None
    except TooLargeInflated as error:
        raise Refused(Reason.batch_too_large, str(error)) from None
    array, verbatim = inflated.raw, True
    summary = summarise_plain(array, limits.events)
    if summary is None:
        decoded = decode(inflated.raw, limits.events)
        array, verbatim = decoded.array, decoded.verbatim
        summary = summarise(decoded.events)
    passes_through = verbatim and inflated.single
    return Prepared(
        summary=summary,
        raw_bytes=len(array),
        encoding=encoding if passes_through else "zstd",
        payload=body if passes_through else zstd.compress(array, ZSTD_LEVEL),
        array_hash=None if numbered else xxhash.xxh3_128_digest(array),
        event_hashes=None if numbered else hash_events(array),
    )

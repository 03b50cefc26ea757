"""Rule 8: session ids that follow from the log."""

from hashlib import blake2b


def session_id(
    connection: str, visitor: str, topic: str, partition: int, offset: int, started_at: int
) -> bytes:
    """The id of the session that the record at `offset` starts: 16 bytes in UUIDv7 layout (RFC 9562).

    `started_at` (ms, 0 ≤ it < 2^48) is its first 48 bits; the other 74 are a hash of the record's place.
    """
    place = f"{connection}/{visitor}\n{topic}\n{partition}\n{offset}".encode()
    digest = blake2b(place, digest_size=10, person=b"playhead-session").digest()
    return b"".join(
        (
            started_at.to_bytes(6, "big"),
            bytes((0x70 | (digest[0] & 0x0F), digest[1], 0x80 | (digest[2] & 0x3F))),
            digest[3:10],
        )
    )

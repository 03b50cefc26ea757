"""A plain array of rrweb events, read in one pass: the usual body. Made of services/collector/native."""

def read(
    text: bytes, /, *, most_events: int, latest_at: int, full_snapshot: int, meta: int
) -> tuple[int, int, int, tuple[int, ...], int | None, bytes, bool] | None:
    """What `Summary` says of the events, or None where `decode` has to look.

    None is no refusal: besides all that is refused it is for what is unusual, such as events told one a line,
    a surrogate's escape, a key with escapes, a timestamp with an exponent, or hundreds of levels.

    Args:
        latest_at: the latest timestamp an event may have, ms.
        full_snapshot, meta: the types of these events.

    Returns:
        The number of events; their first and last timestamp; those of full snapshots in order of time; that
        of the earliest Meta event, and the bytes of its `data`, which may be none; whether the timestamps
        never go back, fractions included. All timestamps in whole ms.
    """

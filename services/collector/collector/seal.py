"""Put a prepared batch into its envelope: the connection's settings, the identity, the times.

Pure: the collector's clock is handed in.
"""

import xxhash

from collector.parameters import Parameters
from collector.prepare import Prepared
from schemas.connection import Connection
from schemas.envelope import VERSION, Batch


def batch_id(parameters: Parameters, prepared: Prepared) -> bytes:
    """16 bytes: from (window, seq) where there is a seq, so a retry keeps it, else from the events."""
    if prepared.array_hash is not None:
        return prepared.array_hash
    return xxhash.xxh3_128_digest(f"{parameters.window}/{parameters.seq}".encode())


def seal(
    connection: Connection,
    parameters: Parameters,
    prepared: Prepared,
    *,
    received_at: int,
    user_agent: str,
    country: str,
    visitor_id: str | None = None,
) -> Batch:
    """The envelope of a batch; the settings in it are those of this moment.

    Args:
        visitor_id: what the client itself calls its visitor, where that is not `parameters.visitor`.
    """
    summary = prepared.summary
    return Batch(
        version=VERSION,
        tenant=connection.tenant,
        connection=connection.id,
        visitor=parameters.visitor,
        window=parameters.window,
        seq=parameters.seq,
        batch_id=batch_id(parameters, prepared),
        received_at=received_at,
        sent_at=parameters.sent_at,
        first_at=summary.first_at,
        last_at=summary.last_at,
        events=summary.events,
        raw_bytes=prepared.raw_bytes,
        full_snapshots_at=summary.full_snapshots_at,
        meta_at=summary.meta_at,
        href=summary.href,
        width=summary.width,
        height=summary.height,
        user_agent=user_agent,
        country=country,
        gap_ms=connection.gap_ms,
        max_session_ms=connection.max_session_ms,
        retention_days=connection.retention_days,
        final=parameters.final,
        encoding=prepared.encoding,
        payload=prepared.payload,
        event_hashes=prepared.event_hashes,
        visitor_id=visitor_id,
        in_order=summary.in_order,
    )

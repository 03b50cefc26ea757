"""The rows of `sessions` (schemas/clickhouse/0003_sessions.sql): a row a version of a session."""

from sessionizer.core.versions import SessionVersion
from sessionizer.sink.row_binary import Pieces, row_writer
from sessionizer.sink.user_agent import parsed

TABLE = "sessions"
COLUMNS = {
    "tenant_id": "String",
    "connection_id": "String",
    "session_id": "UUID",
    "visitor": "String",
    "visitor_id": "String",
    "started_at": "DateTime64(3, 'UTC')",
    "first_event_at": "DateTime64(3, 'UTC')",
    "last_event_at": "DateTime64(3, 'UTC')",
    "status": "Enum8('active' = 1, 'completed' = 2)",
    "completed_at": "Nullable(DateTime64(3, 'UTC'))",
    "completion_reason": "LowCardinality(String)",
    "landing_url": "String",
    "user_agent": "String",
    "browser": "LowCardinality(String)",
    "os": "LowCardinality(String)",
    "device": "LowCardinality(String)",
    "country": "LowCardinality(String)",
    "events": "UInt64",
    "batches": "UInt64",
    "raw_bytes": "UInt64",
    "replayable": "Bool",
    "windows.id": "Array(String)",
    "windows.first_at": "Array(DateTime64(3, 'UTC'))",
    "windows.last_at": "Array(DateTime64(3, 'UTC'))",
    "windows.skew_ms": "Array(Int64)",
    "windows.events": "Array(UInt64)",
    "windows.batches": "Array(UInt64)",
    "windows.playable_at": "Array(Nullable(DateTime64(3, 'UTC')))",
    "windows.missing": "Array(UInt64)",
    "windows.missing_seqs": "Array(Array(Int64))",
    "windows.ended": "Array(Bool)",
    "partition": "UInt16",
    "expires_on": "Date",
    "version": "UInt64",
}

_write = row_writer(list(COLUMNS.values()))


def session_row(session: SessionVersion) -> Pieces:
    """One row in RowBinary, as pieces to be joined.

    Raises:
        Unwritable: a value does not fit its column.
    """
    agent = parsed(session.user_agent)
    windows = session.windows
    return _write(
        (
            session.tenant_id,
            session.connection_id,
            session.session_id,
            session.visitor,
            session.visitor_id,
            session.started_at,
            session.first_event_at,
            session.last_event_at,
            session.status,
            session.completed_at,
            session.completion_reason,
            session.landing_url,
            session.user_agent,
            agent.browser,
            agent.os,
            agent.device,
            session.country,
            session.events,
            session.batches,
            session.raw_bytes,
            session.replayable,
            [window.id for window in windows],
            [window.first_at for window in windows],
            [window.last_at for window in windows],
            [window.skew_ms for window in windows],
            [window.events for window in windows],
            [window.batches for window in windows],
            [window.playable_at for window in windows],
            [window.missing for window in windows],
            [window.missing_seqs for window in windows],
            [window.ended for window in windows],
            session.partition,
            session.expires_on,
            session.version,
        )
    )

"""What the tables hold, as `rows` has it."""

from clickhouse_connect.driver.client import Client

from sessionizer.sink import sessions
from tests.faults.rows import RecordingRow, SessionRow, WindowRow


def stored_recordings(client: Client) -> list[RecordingRow]:
    answer = client.query(
        """
        SELECT r.partition, r.offset, s.visitor, r.session_id, r.window_id, r.seq, r.batch_id,
            toUnixTimestamp64Milli(r.received_at), r.skew_ms, r.events, r.raw_bytes, toUInt32(r.expires_on),
            r.digest
        FROM (SELECT *, MD5(payload) AS digest FROM recordings FINAL) AS r
        LEFT JOIN (SELECT session_id, visitor FROM sessions FINAL) AS s ON s.session_id = r.session_id
        """,
        column_formats={"digest": "bytes", "batch_id": "bytes"},
    )
    return [RecordingRow(*row) for row in answer.result_rows]


def stored_sessions(client: Client) -> list[SessionRow]:
    answer = client.query(
        """
        SELECT session_id, tenant_id, connection_id, visitor, visitor_id, toUnixTimestamp64Milli(started_at),
            toUnixTimestamp64Milli(first_event_at), toUnixTimestamp64Milli(last_event_at), toString(status),
            toUnixTimestamp64Milli(completed_at), completion_reason, landing_url, user_agent, country,
            events, batches, raw_bytes, replayable,
            `windows.id`, arrayMap(at -> toUnixTimestamp64Milli(at), `windows.first_at`),
            arrayMap(at -> toUnixTimestamp64Milli(at), `windows.last_at`), `windows.skew_ms`,
            `windows.events`, `windows.batches`,
            arrayMap(at -> toUnixTimestamp64Milli(at), `windows.playable_at`), `windows.missing`,
            `windows.missing_seqs`, `windows.ended`,
            partition, toUInt32(expires_on), version
        FROM sessions FINAL
        """
    )
    found = []
    for row in answer.result_rows:
        before, columns, after = row[:18], row[18:28], row[28:]
        windows = tuple(
            WindowRow._make([*facts[:8], tuple(facts[8]), facts[9]]) for facts in zip(*columns, strict=True)
        )
        found.append(SessionRow._make([*before, windows, *after]))
    return found


def stored_session_bytes(client: Client) -> bytes:
    """Every session's row in RowBinary, all columns as the worker writes them, in order of the id's text."""
    columns = ", ".join(f"`{name}`" for name in sessions.COLUMNS)
    return client.raw_query(
        f"SELECT {columns} FROM sessions FINAL ORDER BY toString(session_id)", fmt="RowBinary"
    )


def stored_events(client: Client) -> dict[tuple[object, ...], int]:
    """How many rows of `events` there are by session and window."""
    answer = client.query(
        "SELECT session_id, window_id, count() FROM events FINAL GROUP BY session_id, window_id"
    )
    return {(session, window): count for session, window, count in answer.result_rows}


DOUBLED = {
    "a session has more than one row": """
        SELECT session_id, count() FROM sessions FINAL GROUP BY session_id HAVING count() > 1
    """,
    "a record has more than one row": """
        SELECT partition, offset, count() FROM recordings FINAL GROUP BY partition, offset HAVING count() > 1
    """,
    "an event has more than one row": """
        SELECT session_id, window_id, seq, batch_id, idx, count() FROM events FINAL
        GROUP BY session_id, window_id, seq, batch_id, idx HAVING count() > 1
    """,
    "a batch with rows has no session": """
        SELECT DISTINCT session_id FROM recordings FINAL
        WHERE session_id NOT IN (SELECT session_id FROM sessions FINAL)
    """,
}
"""What must not be, whatever the log says; each query gives the rows that are."""


def doubled(client: Client) -> list[str]:
    return [
        f"{what}: {rows[:3]} ({len(rows)} in all)"
        for what, query in DOUBLED.items()
        if (rows := client.query(query).result_rows)
    ]

"""What to do about an error of ClickHouse: the one table that says so.

An insert is repeated with the identical block and token, so `retry` is always safe. `dead_letter` is for
codes that only the content of a row can cause. Everything unknown stops the worker: a block that was neither
stored nor refused for a known reason is not to be passed. A full disk is 243 before a write and 75 in one.
"""

from enum import Enum

from clickhouse_connect.driver.exceptions import DatabaseError, Error, OperationalError


class Outcome(Enum):
    RETRY = "retry"
    DEAD_LETTER = "dead_letter"
    STOP = "stop"


class RowsRefused(Exception):  # noqa: N818
    """ClickHouse refuses a block for the content of one of its rows."""


OUTCOMES: dict[int, tuple[str, Outcome]] = {
    # The server is busy, short of something, restarting, or was told to stop what it did.
    75: ("CANNOT_WRITE_TO_FILE_DESCRIPTOR", Outcome.RETRY),
    95: ("CANNOT_READ_FROM_SOCKET", Outcome.RETRY),
    96: ("CANNOT_WRITE_TO_SOCKET", Outcome.RETRY),
    159: ("TIMEOUT_EXCEEDED", Outcome.RETRY),
    173: ("CANNOT_ALLOCATE_MEMORY", Outcome.RETRY),
    198: ("DNS_ERROR", Outcome.RETRY),
    201: ("QUOTA_EXCEEDED", Outcome.RETRY),
    202: ("TOO_MANY_SIMULTANEOUS_QUERIES", Outcome.RETRY),
    203: ("NO_FREE_CONNECTION", Outcome.RETRY),
    209: ("SOCKET_TIMEOUT", Outcome.RETRY),
    210: ("NETWORK_ERROR", Outcome.RETRY),
    225: ("NO_ZOOKEEPER", Outcome.RETRY),
    236: ("ABORTED", Outcome.RETRY),
    241: ("MEMORY_LIMIT_EXCEEDED", Outcome.RETRY),
    242: ("TABLE_IS_READ_ONLY", Outcome.RETRY),
    243: ("NOT_ENOUGH_SPACE", Outcome.RETRY),
    252: ("TOO_MANY_PARTS", Outcome.RETRY),
    254: ("NO_ACTIVE_REPLICAS", Outcome.RETRY),
    279: ("ALL_CONNECTION_TRIES_FAILED", Outcome.RETRY),
    285: ("TOO_FEW_LIVE_REPLICAS", Outcome.RETRY),
    286: ("UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE", Outcome.RETRY),
    319: ("UNKNOWN_STATUS_OF_INSERT", Outcome.RETRY),
    364: ("RECEIVED_ERROR_TOO_MANY_REQUESTS", Outcome.RETRY),
    373: ("SESSION_IS_LOCKED", Outcome.RETRY),
    384: ("PART_IS_TEMPORARILY_LOCKED", Outcome.RETRY),
    394: ("QUERY_WAS_CANCELLED", Outcome.RETRY),
    439: ("CANNOT_SCHEDULE_TASK", Outcome.RETRY),
    473: ("DEADLOCK_AVOIDED", Outcome.RETRY),
    499: ("S3_ERROR", Outcome.RETRY),
    500: ("AZURE_BLOB_STORAGE_ERROR", Outcome.RETRY),
    519: ("NO_REMOTE_SHARD_AVAILABLE", Outcome.RETRY),
    574: ("DISTRIBUTED_TOO_MANY_PENDING_BYTES", Outcome.RETRY),
    692: ("TOO_MANY_MUTATIONS", Outcome.RETRY),
    733: ("TABLE_IS_BEING_RESTARTED", Outcome.RETRY),
    735: ("QUERY_WAS_CANCELLED_BY_CLIENT", Outcome.RETRY),
    745: ("SERVER_OVERLOADED", Outcome.RETRY),
    749: ("TCP_CONNECTION_LIMIT_REACHED", Outcome.RETRY),
    762: ("HTTP_CONNECTION_LIMIT_REACHED", Outcome.RETRY),
    777: ("MEMORY_RESERVATION_KILLED", Outcome.RETRY),
    778: ("MEMORY_RESERVATION_FAILED", Outcome.RETRY),
    999: ("KEEPER_EXCEPTION", Outcome.RETRY),
    1019: ("QUERY_SLOT_ACQUISITION_TIMEOUT", Outcome.RETRY),
    1020: ("MEMORY_RESERVATION_ACQUISITION_TIMEOUT", Outcome.RETRY),
    # Only what a row holds can cause these.
    6: ("CANNOT_PARSE_TEXT", Outcome.DEAD_LETTER),
    38: ("CANNOT_PARSE_DATE", Outcome.DEAD_LETTER),
    41: ("CANNOT_PARSE_DATETIME", Outcome.DEAD_LETTER),
    69: ("ARGUMENT_OUT_OF_BOUND", Outcome.DEAD_LETTER),
    70: ("CANNOT_CONVERT_TYPE", Outcome.DEAD_LETTER),
    72: ("CANNOT_PARSE_NUMBER", Outcome.DEAD_LETTER),
    117: ("INCORRECT_DATA", Outcome.DEAD_LETTER),
    128: ("TOO_LARGE_ARRAY_SIZE", Outcome.DEAD_LETTER),
    131: ("TOO_LARGE_STRING_SIZE", Outcome.DEAD_LETTER),
    190: ("SIZES_OF_ARRAYS_DONT_MATCH", Outcome.DEAD_LETTER),
    306: ("TOO_DEEP_RECURSION", Outcome.DEAD_LETTER),
    321: ("VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE", Outcome.DEAD_LETTER),
    349: ("CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN", Outcome.DEAD_LETTER),
    407: ("DECIMAL_OVERFLOW", Outcome.DEAD_LETTER),
    469: ("VIOLATED_CONSTRAINT", Outcome.DEAD_LETTER),
    # The tables, the user or our own writer are not what they should be: someone has to look.
    16: ("NO_SUCH_COLUMN_IN_TABLE", Outcome.STOP),
    32: ("ATTEMPT_TO_READ_AFTER_EOF", Outcome.STOP),
    33: ("CANNOT_READ_ALL_DATA", Outcome.STOP),
    47: ("UNKNOWN_IDENTIFIER", Outcome.STOP),
    53: ("TYPE_MISMATCH", Outcome.STOP),
    60: ("UNKNOWN_TABLE", Outcome.STOP),
    62: ("SYNTAX_ERROR", Outcome.STOP),
    81: ("UNKNOWN_DATABASE", Outcome.STOP),
    115: ("UNKNOWN_SETTING", Outcome.STOP),
    164: ("READONLY", Outcome.STOP),
    192: ("UNKNOWN_USER", Outcome.STOP),
    497: ("ACCESS_DENIED", Outcome.STOP),
    516: ("AUTHENTICATION_FAILED", Outcome.STOP),
    565: ("TOO_MANY_PARTITIONS", Outcome.STOP),
    774: ("TABLE_IS_PERMANENTLY_READ_ONLY", Outcome.STOP),
    # The engine does not know itself what went wrong. A restart repeats the block; a supervisor sees it.
    49: ("LOGICAL_ERROR", Outcome.STOP),
    1000: ("POCO_EXCEPTION", Outcome.STOP),
    1001: ("STD_EXCEPTION", Outcome.STOP),
    1002: ("UNKNOWN_EXCEPTION", Outcome.STOP),
}

UNREACHABLE = "unreachable"
"""The name of an error of the way to the server."""


def error_name(error: Exception) -> str:
    """The error's name in metrics, out of a closed set: the table's, `unreachable`, or `unknown`."""
    code = error.code if isinstance(error, Error) else None
    if code is not None:
        return OUTCOMES[code][0] if code in OUTCOMES else "unknown"
    return UNREACHABLE if outcome(error) is Outcome.RETRY else "unknown"


def outcome(error: Exception) -> Outcome:
    """What this error of the ClickHouse client asks for.

    An error without a code is one of the way to the server (refused, reset, timed out, a proxy's answer).
    """
    if isinstance(error, (OSError, TimeoutError)):
        return Outcome.RETRY
    if not isinstance(error, Error):
        return Outcome.STOP
    if error.code is None:
        on_the_way = isinstance(error, OperationalError) or type(error) is DatabaseError
        return Outcome.RETRY if on_the_way else Outcome.STOP
    _, found = OUTCOMES.get(error.code, ("", Outcome.STOP))
    return found

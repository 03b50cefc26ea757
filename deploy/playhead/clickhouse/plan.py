"""From an HTTP request to what the engine is asked: a pure function of URL, headers and body."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from playhead.clickhouse import formats
from playhead.clickhouse.codecs import Encoding, accepted
from playhead.clickhouse.errors import NOT_IMPLEMENTED, SYNTAX_ERROR, refused
from playhead.clickhouse.statement import Statement, is_blank, read
from playhead.clickhouse.users import User

# An INSERT's head must be within so much of the body; the engine's own max_query_size is a quarter of it.
_HEAD_BYTES = 1 << 20

# Parameters of the HTTP interface itself; every other one is a setting.
_NOT_SETTINGS = frozenset(
    {
        "add_http_cors_header",
        "buffer_size",
        "cancel_http_readonly_queries_on_client_close",
        "client_protocol_version",
        "close_session",
        "compress",
        "database",
        "decompress",
        "default_format",
        "enable_http_compression",
        "http_headers_progress_interval_ms",
        "http_response_buffer_size",
        "http_response_headers",
        "http_write_exception_in_output_format",
        "http_zlib_compression_level",
        "log_comment",
        "password",
        "query",
        "query_id",
        "quota_key",
        "role",
        "send_progress_in_http_headers",
        "session_check",
        "session_id",
        "session_timeout",
        "stacktrace",
        "user",
        "wait_end_of_query",
    }
)


@dataclass(frozen=True, slots=True)
class Plan:
    user: User
    statement: Statement
    rows: Iterator[bytes]
    """An INSERT's rows in `statement.data_format`, to be read once."""
    out_format: str
    answer_encoding: Encoding | None
    settings: Mapping[str, str]
    """What the request asks for, not yet judged."""
    params: Mapping[str, str]
    database: str
    query_id: str
    reads_only: bool
    """By the method: a GET must not write, whoever sends it."""
    whole: bool
    """The answer must be complete before it is sent."""
    protocol_version: int
    """`client_protocol_version`: the revision of the Native format the client reads; 0 for the plain one."""


def parameters_of(query: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix("param_"): value for name, value in query.items() if name.startswith("param_")}


def settings_of(query: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in query.items()
        if name not in _NOT_SETTINGS and not name.startswith("param_")
    }


def plan(
    user: User,
    method: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: Iterator[bytes],
    query_id: str,
) -> Plan:
    """Plan a request.

    Args:
        headers: by lower-case names.
        body: decompressed; read as far as the statement reaches into it, the rest is left to `Plan.rows`.

    Raises:
        QueryError: there is no statement, or the request wants what this server does not do.
    """
    if query.get("compress") == "1" or query.get("decompress") == "1":
        raise refused(
            NOT_IMPLEMENTED, "compress=1 and decompress=1 are not supported, use HTTP's Content-Encoding."
        )
    in_url = query.get("query", "").encode("utf-8", "surrogateescape")
    statement = read(in_url)
    rows = body
    if not (in_url.strip() and statement.kind == "insert"):
        # URL and body are one text, as in the server.
        text = in_url + b"\n" if in_url else b""
        text += _up_to(_HEAD_BYTES, body)
        statement = read(text)
        if statement.kind == "insert":
            rows = chain((statement.data,), body)
        elif rest := b"".join(body):
            statement = read(text + rest)
    elif statement.data:
        rows = chain((statement.data,), body)
    if is_blank(statement.sql[:_HEAD_BYTES].encode("utf-8", "surrogateescape")):
        raise refused(SYNTAX_ERROR, "Empty query.")
    if statement.takes_input:
        # The engine in this form would take the statement, leave the rows out and report success.
        raise refused(NOT_IMPLEMENTED, "INSERT … SELECT … FROM input(…) is not supported.")
    wants_compressed = query.get("enable_http_compression") in ("1", "true")
    default_format = query.get("default_format") or headers.get("x-clickhouse-format") or formats.DEFAULT
    return Plan(
        user=user,
        statement=statement,
        rows=rows,
        out_format=statement.out_format or default_format,
        answer_encoding=accepted(headers.get("accept-encoding", "")) if wants_compressed else None,
        settings=settings_of(query),
        params=parameters_of(query),
        database=query.get("database") or headers.get("x-clickhouse-database") or "",
        query_id=query_id,
        reads_only=method in ("GET", "HEAD"),
        whole=query.get("wait_end_of_query") in ("1", "true"),
        protocol_version=_version(query.get("client_protocol_version", "0")),
    )


def _up_to(size: int, chunks: Iterator[bytes]) -> bytes:
    """At least `size` bytes, or all there are."""
    taken = bytearray()
    for chunk in chunks:
        taken += chunk
        if len(taken) >= size:
            break
    return bytes(taken)


def _version(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0

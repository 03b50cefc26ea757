"""The engine: the one place that calls chDB. Blocking; `execution.py` calls it from threads.

A connection serves one request and is closed: opening one costs about a third of a millisecond, and so
settings, the current database and parameters cannot leak from one request into another. A keeper connection
holds the engine open in between.
"""

import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from playhead.clickhouse.errors import BAD_ARGUMENTS, SYNTAX_ERROR, UNKNOWN_SETTING, from_engine, refused
from playhead.clickhouse.single_statements import SingleStatements
from playhead.clickhouse.statement import InsertHead


class Outcome(NamedTuple):
    body: bytes
    summary: dict[str, int]
    """What `X-ClickHouse-Summary` tells: read_rows, written_bytes …; elapsed_ns."""


class Classified(NamedTuple):
    query_class: str
    """READ_ONLY, MUTATING, MUTATING_GLOBAL, CONTROL … by the engine's parser."""
    statements: int


def quoted(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def quoted_name(value: str) -> str:
    """A quoted identifier."""
    return "`" + value.replace("\\", "\\\\").replace("`", "\\`") + "`"


class Connection:
    """One request's connection. Not to be used by two threads at a time."""

    def __init__(self, native: Any, single: SingleStatements):
        self._native = native
        self._single = single

    def use(self, database: str) -> None:
        self._run(f"USE {quoted_name(database)}")

    def set(self, settings: Mapping[str, str]) -> None:
        """Set settings in their order, in one statement."""
        for name in settings:
            if not name.replace("_", "a").isalnum() or not name.isascii():
                raise refused(UNKNOWN_SETTING, f"Unknown setting '{name}'.")
        if settings:
            self._run("SET " + ", ".join(f"{name} = {quoted(value)}" for name, value in settings.items()))

    def classify(self, sql: str) -> Classified:
        facts = self._native.classify_query(_bytes(sql))
        return Classified(facts["query_class"].name, facts["statement_count"])

    def require_one(self, sql: str) -> None:
        """
        Raises:
            QueryError: it is several statements.
        """
        if sql in self._single:
            return
        if self.classify(sql).statements > 1:
            raise refused(SYNTAX_ERROR, "Multi-statements are not allowed.")
        self._single.add(sql)

    def run(self, sql: str, out_format: str, params: Mapping[str, str]) -> Outcome:
        """Run one statement and return its whole answer."""
        result = self._run(sql, out_format, params)
        summary = {
            "read_rows": result.storage_rows_read(),
            "read_bytes": result.storage_bytes_read(),
            "written_rows": result.rows_written(),
            "written_bytes": result.bytes_written(),
            "result_rows": result.rows_read(),
            "result_bytes": result.bytes_read(),
            "elapsed_ns": int(result.elapsed() * 1e9),
        }
        return Outcome(result.bytes(), summary)

    def stream(self, sql: str, out_format: str, params: Mapping[str, str]) -> Iterator[bytes]:
        """Run a SELECT and yield its answer block by block. Closing the iterator cancels it."""
        try:
            pending = self._native.send_query(_bytes(sql), out_format, params=dict(params))
        except RuntimeError as error:
            raise from_engine(str(error)) from None
        ended = False
        try:
            while True:
                try:
                    block = self._native.streaming_fetch_result(pending)
                except RuntimeError as error:
                    ended = True
                    raise from_engine(str(error)) from None
                if block is None or block.rows_read() == 0:
                    ended = True
                    return
                yield block.bytes()
        finally:
            if not ended:
                self._native.streaming_cancel_query(pending)

    def insert(self, head: InsertHead, data_format: str, chunks: Iterable[bytes]) -> Outcome:
        """Run an INSERT with these rows; if `chunks` raises, nothing is written.

        The rows go through an unnamed file where TMPDIR says, not through memory: however large a compressed
        body turns out to be, the engine's memory limit is what holds. The engine's own way to be fed rows
        (`send_insert`) is a quarter faster, and reports success when the last step fails: a constraint, a
        view, memory, the disk.
        """
        with tempfile.TemporaryFile() as rows:
            rows.writelines(chunks)
            rows.flush()
            source = f"FROM INFILE {quoted(f'/proc/self/fd/{rows.fileno()}')}"
            result = self._run(f"{head.target} {source} {head.settings}\nFORMAT {data_format}")
        written = {"written_rows": result.rows_written(), "written_bytes": result.bytes_written()}
        return Outcome(b"", {**written, "elapsed_ns": int(result.elapsed() * 1e9)})

    def close(self) -> None:
        self._native.close()

    def _run(self, sql: str, out_format: str = "TSV", params: Mapping[str, str] | None = None) -> Any:
        try:
            return self._native.query(_bytes(sql), out_format, params=dict(params or {}))
        except RuntimeError as error:
            raise from_engine(str(error)) from None


class Engine:
    """The data directory, opened."""

    def __init__(self, data_dir: Path, config_file: Path):
        """Open the directory; it is made if absent.

        Raises:
            QueryError: the engine cannot open it, with the engine's reason.
        """
        self._chdb = _load()
        if "?" in str(data_dir) or "?" in str(config_file):
            raise refused(BAD_ARGUMENTS, f"The data directory's path must not hold a '?': {data_dir}.")
        self._single = SingleStatements()
        self._target = f"{data_dir}?config-file={config_file}"
        self._keeper = self.connect()
        facts = (
            self._keeper.run("SELECT version(), timezone(), displayName()", "TSV", {}).body.decode().split()
        )
        self.version, self.timezone, self.display_name = facts

    def connect(self) -> Connection:
        try:
            return Connection(self._chdb.connect(self._target), self._single)
        except RuntimeError as error:
            raise from_engine(str(error)) from None

    def cancel(self, tag: str) -> None:
        """Cancel the statements that run under this `log_comment`."""
        connection = self.connect()
        try:
            connection.run(f"KILL QUERY WHERE Settings['log_comment'] = {quoted(tag)} ASYNC", "TSV", {})
        finally:
            connection.close()

    def cancel_all(self) -> None:
        connection = self.connect()
        try:
            connection.run("KILL QUERY WHERE Settings['log_comment'] != '' ASYNC", "TSV", {})
        finally:
            connection.close()

    def close(self) -> None:
        self._keeper.close()


def _bytes(sql: str) -> bytes:
    """A statement as it came: it may hold bytes that are no UTF-8, which is the engine's to judge."""
    return sql.encode("utf-8", "surrogateescape")


def _load() -> Any:
    # chDB imports pyarrow, and with it pandas and numpy, if it can: 40 MiB and a second for what is not used
    # here. It does without them when their import fails. This process runs nothing else.
    for unused in ("pyarrow", "pandas", "numpy"):
        sys.modules.setdefault(unused, None)  # type: ignore[arg-type]
    from chdb import _chdb

    return _chdb

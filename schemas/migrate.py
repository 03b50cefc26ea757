"""Applies `schemas/clickhouse/NNNN_*.sql` to a ClickHouse database, in order, and compares what stands there.

Needs a ClickHouse client and nothing else; every statement is one call. Files that were applied must not
change: a new wish is a new file. Two may migrate at once, and one may be killed half-way through a file and
run again, because every statement says IF NOT EXISTS or the like.
"""

import hashlib
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from clickhouse_connect.driver.client import Client

FOLDER = Path(__file__).parent / "clickhouse"

_FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_PIECE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^'\\]|\\.|'')*'|`[^`]*`|\"[^\"]*\"|;|[^-/'`\";]+|.", re.DOTALL)

_APPLIED_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations
(
    version    UInt32,
    name       String,
    sha256     String COMMENT 'of the file, in hex',
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY version
"""


class Migration(NamedTuple):
    version: int
    name: str
    """The file's name."""
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def statements(self) -> list[str]:
        return split(self.sql)


class MigrationRefused(Exception):  # noqa: N818
    """Files and database do not fit together; nothing was applied. The text says why, and what to do."""


def split(sql: str) -> list[str]:
    """The statements of a text, comments left in, the `;` left out."""
    statements = [""]
    for piece in _PIECE.findall(sql):
        if piece == ";":
            statements.append("")
        else:
            statements[-1] += piece
    bare = (re.sub(r"--[^\n]*|/\*.*?\*/", "", statement, flags=re.DOTALL) for statement in statements)
    return [statement.strip() for statement, code in zip(statements, bare, strict=True) if code.strip()]


def declared(folder: Path = FOLDER) -> list[Migration]:
    """The migrations of a folder, in order.

    Raises:
        MigrationRefused: a file's name has another form, or the numbers are not 0001, 0002 … each once.
    """
    migrations = []
    for path in sorted(folder.glob("*.sql")):
        named = _FILE_NAME.fullmatch(path.name)
        if named is None:
            raise MigrationRefused(f"{path.name}: a migration is named NNNN_what_it_does.sql.")
        migrations.append(Migration(int(named[1]), path.name, path.read_text(encoding="utf-8")))
    versions = [migration.version for migration in migrations]
    if versions != list(range(1, len(versions) + 1)):
        raise MigrationRefused(
            f"The migrations in {folder} must be numbered 0001, 0002 …, but are {versions}."
        )
    return migrations


def migrate(client: Client, database: str, folder: Path = FOLDER) -> list[str]:
    """Create the database if it is absent and apply what was not applied yet; returns those files' names.

    Raises:
        MigrationRefused: a file that was applied has changed or is gone; nothing was applied.
        clickhouse_connect.driver.exceptions.ClickHouseError: the server refused a statement. What came
            before it stays applied; the next run goes on with the file that failed.
    """
    migrations = declared(folder)
    _command(client, None, f"CREATE DATABASE IF NOT EXISTS {_quoted(database)}")
    _command(client, database, _APPLIED_TABLE)
    applied = _applied(client, database)
    _refuse_changed(migrations, applied, database)
    done = []
    for migration in migrations:
        if migration.version in applied:
            continue
        for statement in migration.statements:
            _command(client, database, statement)
        client.insert(
            "schema_migrations",
            [[migration.version, migration.name, migration.sha256]],
            column_names=["version", "name", "sha256"],
            database=database,
        )
        done.append(migration.name)
    return done


def differences(client: Client, database: str, folder: Path = FOLDER) -> list[str]:
    """How the database's tables and views differ from the declared ones.

    Engine, settings, keys, columns with types and codecs, selects; one line a difference, in words, and none
    where all is as declared. The declared ones are made in a database of their own beside it, for only the
    server knows how it writes a definition, and dropped again.
    """
    beside = f"{database}_declared_{secrets.token_hex(6)}"
    try:
        _command(client, None, f"CREATE DATABASE {_quoted(beside)}")
        _command(client, beside, _APPLIED_TABLE)
        for migration in declared(folder):
            for statement in migration.statements:
                _command(client, beside, statement)
        wanted = _described(client, beside, stands_for=database)
    finally:
        _command(client, None, f"DROP DATABASE IF EXISTS {_quoted(beside)} SYNC")
    return list(_compared(_described(client, database, stands_for=database), wanted))


def _refuse_changed(
    migrations: Sequence[Migration], applied: dict[int, tuple[str, str]], database: str
) -> None:
    known = {migration.version: migration for migration in migrations}
    for version, (name, sha256) in sorted(applied.items()):
        migration = known.get(version)
        if migration is None:
            raise MigrationRefused(
                f"{name} was applied to {database} but is not here: this code is older than the database. "
                "Run the code that made it, or a newer one."
            )
        if migration.sha256 != sha256:
            raise MigrationRefused(
                f"{migration.name} has changed since it was applied to {database} as {name} "
                f"(sha256 {sha256[:12]}… then, {migration.sha256[:12]}… now). "
                "Put it back and write the change as a new file."
            )


def _applied(client: Client, database: str) -> dict[int, tuple[str, str]]:
    with _in(client, database):
        rows = client.query("SELECT version, name, sha256 FROM schema_migrations FINAL").result_rows
    return {version: (name, sha256) for version, name, sha256 in rows}


Facts = dict[str, str]


def _described(client: Client, database: str, stands_for: str) -> dict[str, Facts]:
    """Each table's and each column's facts, by `table` or `table.column`."""
    tables = client.query(
        """
        SELECT name, engine, engine_full, partition_key, sorting_key, primary_key, comment, create_table_query
        FROM system.tables
        WHERE database = {database:String} AND NOT startsWith(name, '.inner')
        """,
        parameters={"database": database},
    ).named_results()
    columns = client.query(
        """
        SELECT table, name, position, type, default_kind, default_expression, compression_codec, comment
        FROM system.columns
        WHERE database = {database:String} AND NOT startsWith(table, '.inner')
        """,
        parameters={"database": database},
    ).named_results()
    described: dict[str, Facts] = {}
    for row in tables:
        described[str(row.pop("name"))] = {
            fact: str(value).replace(database, stands_for) for fact, value in row.items()
        }
    for row in columns:
        described[f"{row.pop('table')}.{row.pop('name')}"] = {fact: str(value) for fact, value in row.items()}
    return described


def _compared(real: dict[str, Facts], wanted: dict[str, Facts]) -> Iterator[str]:
    for table in sorted({thing.partition(".")[0] for thing in real.keys() | wanted.keys()}):
        if table not in real:
            yield f"{table}: is declared but not there"
        elif table not in wanted:
            yield f"{table}: is there but not declared"
        else:
            yield from _compared_table(table, real, wanted)


def _compared_table(table: str, real: dict[str, Facts], wanted: dict[str, Facts]) -> Iterator[str]:
    definition = "create_table_query"
    explained = False
    for thing in sorted(real.keys() | wanted.keys()):
        if thing.partition(".")[0] != table:
            continue
        if thing not in real or thing not in wanted:
            yield f"{thing}: is {'declared but not there' if thing in wanted else 'there but not declared'}"
            explained = True
            continue
        for fact, value in real[thing].items():
            if fact != definition and value != wanted[thing][fact]:
                yield f"{thing}: {fact} is {value!r}, declared {wanted[thing][fact]!r}"
                explained = True
    # A view's select, an index, a constraint: what has no fact of its own above.
    if not explained and real[table][definition] != wanted[table][definition]:
        yield f"{table}: is {real[table][definition]!r}, declared {wanted[table][definition]!r}"


def _command(client: Client, database: str | None, statement: str) -> None:
    with _in(client, database):
        client.command(statement)


@contextmanager
def _in(client: Client, database: str | None) -> Iterator[None]:
    """Statements name no database: they run in the one that is given, or in the server's own."""
    before = client.database
    client.database = database
    try:
        yield
    finally:
        client.database = before


def _quoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"

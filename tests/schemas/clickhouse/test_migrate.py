"""The tables' files: applied forward, once, unchanged; and the real tables are the declared ones."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from schemas.migrate import MigrationRefused, declared, differences, migrate, split
from tests.servers.engine import ClickHouseServer

pytestmark = pytest.mark.stack


@pytest.fixture
def client(clickhouse_server: ClickHouseServer) -> Iterator[Client]:
    client = clickhouse_server.client()
    yield client
    client.close()


@pytest.fixture
def database(client: Client) -> Iterator[str]:
    name = f"migrated_{secrets.token_hex(4)}"
    yield name
    client.command(f"DROP DATABASE IF EXISTS {name} SYNC")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two migrations of a test's own."""
    (tmp_path / "0001_one.sql").write_text(
        "CREATE TABLE IF NOT EXISTS one (x Int32) ENGINE = MergeTree ORDER BY x;\n"
    )
    (tmp_path / "0002_two.sql").write_text("CREATE VIEW IF NOT EXISTS two AS SELECT x + 1 AS y FROM one;\n")
    return tmp_path


def tables(client: Client, database: str) -> list[str]:
    rows = client.query(
        "SELECT name FROM system.tables WHERE database = {d:String} ORDER BY name", parameters={"d": database}
    ).result_rows
    return [name for (name,) in rows]


def test_forward_every_file_is_applied_in_order_and_recorded(client: Client, database: str) -> None:
    assert migrate(client, database) == [migration.name for migration in declared()]
    recorded = client.query(
        f"SELECT version, name, sha256 FROM {database}.schema_migrations ORDER BY version"
    )
    assert recorded.result_rows == [(m.version, m.name, m.sha256) for m in declared()]


def test_a_second_run_does_nothing(client: Client, database: str) -> None:
    migrate(client, database)
    before = tables(client, database)
    assert migrate(client, database) == []
    assert tables(client, database) == before


def test_real_tables_are_the_declared_ones(client: Client, database: str) -> None:
    migrate(client, database)
    assert differences(client, database) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("ALTER TABLE {d}.events ADD COLUMN z Int8", r"events\.z: is there but not declared"),
        ("ALTER TABLE {d}.sessions DROP COLUMN country", r"sessions\.country: is declared but not there"),
        (
            "ALTER TABLE {d}.events MODIFY COLUMN bytes UInt64",
            r"events\.bytes: type is 'UInt64', declared 'UInt32'",
        ),
        ("ALTER TABLE {d}.events MODIFY COLUMN data CODEC(NONE)", r"events\.data: compression_codec is"),
        ("ALTER TABLE {d}.sessions MODIFY SETTING ttl_only_drop_parts = 0", r"sessions: engine_full is"),
        ("ALTER TABLE {d}.events ADD INDEX i type TYPE minmax", r"events: is .CREATE TABLE"),
        ("DROP VIEW {d}.v_clicks", r"v_clicks: is declared but not there"),
        ("CREATE OR REPLACE VIEW {d}.v_clicks AS SELECT 1 AS x", r"v_clicks\."),
        (
            "ALTER TABLE {d}.recordings_to_events MODIFY QUERY SELECT connection_id FROM {d}.recordings",
            r"recordings_to_events\.",
        ),
        ("CREATE TABLE {d}.extra (x Int8) ENGINE = Memory", r"extra: is there but not declared"),
    ],
)
def test_a_difference_is_named(client: Client, database: str, change: str, told: str) -> None:
    migrate(client, database)
    client.command(change.format(d=database))
    found = differences(client, database)
    assert any(re.match(told, line) for line in found), found


def test_the_comparison_leaves_nothing_behind(client: Client, database: str) -> None:
    migrate(client, database)
    differences(client, database)
    left = client.query("SELECT name FROM system.databases WHERE name LIKE '%_declared_%'").result_rows
    assert left == []


def test_a_new_file_is_applied_to_an_old_database(client: Client, database: str, folder: Path) -> None:
    assert migrate(client, database, folder) == ["0001_one.sql", "0002_two.sql"]
    (folder / "0003_three.sql").write_text("ALTER TABLE one ADD COLUMN IF NOT EXISTS z String;")
    assert migrate(client, database, folder) == ["0003_three.sql"]
    assert differences(client, database, folder) == []


def test_a_changed_file_is_refused_and_nothing_is_applied(
    client: Client, database: str, folder: Path
) -> None:
    migrate(client, database, folder)
    (folder / "0001_one.sql").write_text(
        "CREATE TABLE IF NOT EXISTS one (x Int64) ENGINE = MergeTree ORDER BY x;\n"
    )
    (folder / "0003_three.sql").write_text("CREATE TABLE three (x Int8) ENGINE = Memory")
    with pytest.raises(MigrationRefused, match=r"0001_one\.sql has changed since it was applied"):
        migrate(client, database, folder)
    assert "three" not in tables(client, database)


def test_a_database_newer_than_the_code_is_refused(client: Client, database: str, folder: Path) -> None:
    migrate(client, database, folder)
    (folder / "0002_two.sql").unlink()
    with pytest.raises(MigrationRefused, match=r"0002_two\.sql was applied .* older than the database"):
        migrate(client, database, folder)


def test_a_file_that_fails_half_way_is_taken_up_again(client: Client, database: str, folder: Path) -> None:
    good = "CREATE TABLE IF NOT EXISTS three (x Int8) ENGINE = Memory;"
    broken = f"{good} CREATE VIEW IF NOT EXISTS four AS SELECT no"
    (folder / "0003_three.sql").write_text(broken)
    with pytest.raises(DatabaseError):
        migrate(client, database, folder)
    assert "three" in tables(client, database)
    (folder / "0003_three.sql").write_text(broken.replace("SELECT no", "SELECT x FROM three"))
    assert migrate(client, database, folder) == ["0003_three.sql"]


@pytest.mark.parametrize(
    "name", ["3_three.sql", "0003-three.sql", "0003_Three.sql", "0004_four.sql", "0002_again.sql"]
)
def test_file_names_must_give_one_order(folder: Path, name: str) -> None:
    (folder / name).write_text("SELECT 1")
    with pytest.raises(MigrationRefused):
        declared(folder)


def test_statements_end_at_semicolons_outside_of_quotes_and_comments() -> None:
    text = (
        "-- one; still one\nSELECT ';', 'it''s; \\'', `a;b`, \"c;d\" /* ; */;\n\nSELECT 2 - 1;;\n-- the end\n"
    )
    assert split(text) == [
        "-- one; still one\nSELECT ';', 'it''s; \\'', `a;b`, \"c;d\" /* ; */",
        "SELECT 2 - 1",
    ]


def test_every_declared_statement_can_be_repeated() -> None:
    for migration in declared():
        for statement in migration.statements:
            again = ("IF NOT EXISTS", "IF EXISTS", "CREATE OR REPLACE", "MODIFY QUERY", "MODIFY SETTING")
            assert any(words in statement for words in again), (migration.name, statement)

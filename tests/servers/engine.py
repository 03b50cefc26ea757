"""A real ClickHouse engine for tests: the embedded server as a process."""

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import http_ok, wait_until
from schemas.migrate import migrate
from tests.servers.waiting import run


@dataclass(frozen=True)
class ClickHouseServer:
    """The server that all tests of a session share."""

    url: str
    port: int
    admin_password: str
    analyst_password: str

    def client(self, database: str | None = None, *, analyst: bool = False) -> Client:
        """A new client of the unmodified library; close it, or let the test end do so."""
        return clickhouse_connect.get_client(
            host="127.0.0.1",
            port=self.port,
            username="analyst" if analyst else "admin",
            password=self.analyst_password if analyst else self.admin_password,
            database=database or "default",
            # As the services: queries of one client run beside one another.
            autogenerate_session_id=False,
        )


@dataclass(frozen=True)
class ClickHouseDatabase:
    """A database of its own with every migration applied."""

    server: ClickHouseServer
    name: str

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def admin_password(self) -> str:
        return self.server.admin_password

    @property
    def analyst_password(self) -> str:
        return self.server.analyst_password

    def client(self, *, analyst: bool = False) -> Client:
        return self.server.client(self.name, analyst=analyst)


@contextmanager
def running_engine(folder: Path) -> Iterator[ClickHouseServer]:
    (port,) = free_ports(1)
    server = ClickHouseServer(f"http://127.0.0.1:{port}", port, secrets.token_hex(16), secrets.token_hex(16))
    environment = {
        "PLAYHEAD_CLICKHOUSE_DATA_DIR": str(folder / "data"),
        "PLAYHEAD_CLICKHOUSE_PORT": str(port),
        "PLAYHEAD_CLICKHOUSE_ADMIN_PASSWORD": server.admin_password,
        "PLAYHEAD_CLICKHOUSE_ANALYST_PASSWORD": server.analyst_password,
    }
    argv = [sys.executable, "-m", "playhead.clickhouse"]
    process = Process(Command("clickhouse", argv, environment, folder / "clickhouse.log"))
    try:
        run(wait_until(http_ok(f"{server.url}/ping"), what="ClickHouse", timeout_ms=60_000))
        yield server
    except Exception as error:
        error.add_note(process.log_end())
        raise
    finally:
        run(process.stop(timeout_ms=20_000))


@contextmanager
def fresh_database(server: ClickHouseServer) -> Iterator[ClickHouseDatabase]:
    name = f"test_{secrets.token_hex(6)}"
    client = server.client()
    try:
        migrate(client, name)
        yield ClickHouseDatabase(server, name)
        client.command(f"DROP DATABASE {name} SYNC")
    finally:
        client.close()

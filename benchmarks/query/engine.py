"""The embedded ClickHouse server on a folder that is kept, and what the benchmark asks it itself."""

import json
import secrets
import sys
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import http_ok, wait_until

USER = "admin"
PATIENT_S = 1_800
MEMORY_BYTES = 6 << 30
"""To merge a hundred parts of payloads at once, which no merge of its own does, takes more than 2 GiB."""


@dataclass(frozen=True)
class Engine:
    port: int
    password: str
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, database: str, sql: str, /, **parameters: object) -> bytes:
        """A statement's whole answer."""
        query = {"database": database, "wait_end_of_query": "1"}
        query |= {f"param_{name}": str(value) for name, value in parameters.items()}
        request = urllib.request.Request(
            f"{self.url}/?{urllib.parse.urlencode(query)}",
            sql.encode(),
            {"X-ClickHouse-User": USER, "X-ClickHouse-Key": self.password},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENT_S) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            error.add_note(error.read().decode(errors="replace")[:2_000])
            raise

    def rows(self, database: str, sql: str, /, **parameters: object) -> list[dict[str, Any]]:
        lines = self.run(database, f"{sql}\nFORMAT JSONEachRow", **parameters)
        return [json.loads(line) for line in lines.splitlines()]

    def one(self, database: str, sql: str, /, **parameters: object) -> dict[str, Any]:
        (row,) = self.rows(database, sql, **parameters)
        return row


@asynccontextmanager
async def running_engine(folder: Path, data: Path) -> AsyncIterator[Engine]:
    """On the data directory `data`; its log goes to `folder`."""
    (port,) = free_ports(1)
    password = secrets.token_hex(16)
    environment = {
        "PLAYHEAD_CLICKHOUSE_DATA_DIR": str(data.absolute()),
        "PLAYHEAD_CLICKHOUSE_PORT": str(port),
        "PLAYHEAD_CLICKHOUSE_ADMIN_PASSWORD": password,
        "PLAYHEAD_CLICKHOUSE_MEMORY_LIMIT_BYTES": str(MEMORY_BYTES),
    }
    argv = [sys.executable, "-m", "playhead.clickhouse"]
    process = Process(Command("clickhouse", argv, environment, folder / "clickhouse.log"))
    try:
        await wait_until(http_ok(f"http://127.0.0.1:{port}/ping"), what="ClickHouse", timeout_ms=120_000)
        yield Engine(port, password, process.pid)
    except Exception as error:
        error.add_note(process.log_end())
        raise
    finally:
        await process.stop(timeout_ms=60_000)

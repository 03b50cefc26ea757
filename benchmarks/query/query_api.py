"""The query API as it is deployed, a process on the core that is measured; and who may ask it."""

import secrets
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.query.engine import USER, Engine
from benchmarks.query.grown_sessions import connection_of, tenant_of
from benchmarks.sessionizer.cores import on_core
from playhead.checkout import DASHBOARD
from playhead.connection_records import write_connection
from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import http_ok, wait_until
from schemas.connection import Connection
from schemas.token import Token, TokensFile, encode, fingerprint, new_secret
from tests.servers.broker import KafkaServer


@dataclass(frozen=True)
class Access:
    """A token for each tenant, by number, and the file that the query API reads."""

    tokens: Sequence[str]
    tokens_file: Path
    share_keys_file: Path


async def granted(kafka: KafkaServer, tenants: int, folder: Path) -> Access:
    """Give every tenant a connection and a token."""
    for number in range(tenants):
        connection = Connection(
            id=connection_of(number),
            tenant=tenant_of(number),
            name=f"Shop {number}",
            created_at=0,
            write_keys=(secrets.token_hex(16),),
        )
        await write_connection(kafka.bootstrap, connection)
    tokens = [new_secret() for _ in range(tenants)]
    listed = tuple(
        Token(name="bench", sha256=fingerprint(token), tenant=tenant_of(number), role="reader")
        for number, token in enumerate(tokens)
    )
    access = Access(tokens, folder / "tokens.json", folder / "share-keys")
    access.tokens_file.write_bytes(encode(TokensFile(tokens=listed)))
    access.share_keys_file.write_text(new_secret())
    return access


@dataclass(frozen=True)
class QueryApi:
    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def running_query_api(
    engine: Engine, kafka: KafkaServer, access: Access, database: str, folder: Path, core: int | None = None
) -> AsyncIterator[QueryApi]:
    """As it is deployed; on one core, if it is named."""
    (port,) = free_ports(1)
    settings = {
        "port": port,
        "kafka_bootstrap": kafka.bootstrap,
        "clickhouse_url": engine.url,
        "clickhouse_user": USER,
        "clickhouse_password": engine.password,
        "clickhouse_database": database,
        "tokens_file": access.tokens_file,
        "share_keys_file": access.share_keys_file,
        "dashboard_path": DASHBOARD,
        "log_level": "warning",
    }
    environment = {f"PLAYHEAD_QUERY_API_{name.upper()}": str(value) for name, value in settings.items()}
    argv = [sys.executable, "-m", "query_api"]
    argv = argv if core is None else on_core(core, argv)
    process = Process(Command("query-api", argv, environment, folder / f"query-api-{database}.log"))
    try:
        await wait_until(http_ok(f"http://127.0.0.1:{port}/readyz"), what="query API", timeout_ms=60_000)
        yield QueryApi(port, process.pid)
    except Exception as error:
        error.add_note(process.log_end())
        raise
    finally:
        await process.stop(timeout_ms=20_000)

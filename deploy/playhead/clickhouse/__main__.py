"""Starts the embedded ClickHouse: settings, directory, port, sandbox, engine, and only then the door."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import structlog
import uvicorn
import uvloop
from pydantic import ValidationError
from starlette.applications import Starlette

from playhead.clickhouse import deduplication, engine_config, environment, sandbox
from playhead.clickhouse.app import Interface, Limits, application
from playhead.clickhouse.directory import DataDirectory, DirectoryInUse
from playhead.clickhouse.engine import Engine
from playhead.clickhouse.errors import QueryError
from playhead.clickhouse.execution import Execution
from playhead.clickhouse.logs import configure
from playhead.clickhouse.settings import Settings
from playhead.clickhouse.users import User

log = structlog.get_logger("clickhouse")


def main() -> int:
    try:
        settings = Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        print(f"Settings (environment, PLAYHEAD_CLICKHOUSE_…): {error}", file=sys.stderr)
        return 2
    configure(settings.log_level, settings.log_format)
    try:
        directory = DataDirectory(settings.data_dir)
        door = _bound(settings.host, settings.port)
    except (DirectoryInUse, OSError) as error:
        log.error("cannot start", reason=str(error))  # noqa: TRY400 - it is the whole reason
        return 1
    config = engine_config.render(settings.memory_limit_bytes, settings.cache_bytes, directory.user_files)
    directory.config_file.write_text(config)
    # The engine makes directories for temporary files where the environment says.
    os.environ["TMPDIR"] = str(directory.scratch)
    # The engine resolves relative file names against the working directory: let there be nothing.
    os.chdir(directory.user_files)
    try:
        deduplication.mend(directory.engine)
        _confine(settings, directory)
        engine = Engine(directory.engine, directory.config_file)
    except (sandbox.SandboxUnavailable, QueryError, OSError) as error:
        log.error("cannot start", reason=str(error))  # noqa: TRY400 - it is the whole reason
        return 1
    # uvicorn raises the signal it got once more when it has stopped: that is to end nothing.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, directory, engine, door))
    return 0


def _bound(host: str, port: int) -> socket.socket:
    """The port taken, not yet listened on: clients are refused until the engine is open."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as error:
        door.close()
        raise OSError(error.errno, f"Cannot listen on {host}:{port}: {error.strerror}") from None
    return door


def _confine(settings: Settings, directory: DataDirectory) -> None:
    if settings.sandbox == "off":
        return
    # chDB and the codecs load code at their import; what is loaded later is below the paths left readable.
    try:
        in_force = sandbox.confine(directory.path, environment_hidden=environment.hide())
    except sandbox.SandboxUnavailable as error:
        if settings.sandbox == "required":
            raise
        log.warning("not confined, statements are judged by the policy alone", reason=str(error))
    else:
        log.info("confined", to=str(directory.path), kinds=in_force)


def _users(settings: Settings) -> dict[str, User]:
    one_query = {"max_memory_usage": str(settings.memory_limit_bytes // 2)}
    users = {"admin": User("admin", settings.admin_password.get_secret_value(), False, {})}
    if settings.analyst_password is not None:
        limits = {"max_execution_time": str(settings.analyst_max_execution_ms / 1000), **one_query}
        users["analyst"] = User("analyst", settings.analyst_password.get_secret_value(), True, limits)
    return users


async def _serve(settings: Settings, directory: DataDirectory, engine: Engine, door: socket.socket) -> None:
    execution = Execution(engine, settings.readers, settings.writers, settings.queue_timeout_ms)
    limits = Limits(settings.max_body_bytes, settings.max_decompressed_bytes, settings.client_timeout_ms)
    interface = Interface(engine, execution, _users(settings), directory.scratch, limits)

    def lifespan(_: Starlette) -> AbstractAsyncContextManager[None]:
        return _engine_lifetime(engine, execution, lambda: door.getsockname()[1])

    config = uvicorn.Config(
        application(interface, lifespan),
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=max(1, settings.stop_timeout_ms // 1000),
    )
    await uvicorn.Server(config).serve(sockets=[door])


@contextlib.asynccontextmanager
async def _engine_lifetime(
    engine: Engine, execution: Execution, port: Callable[[], int]
) -> AsyncIterator[None]:
    log.info("ready", port=port(), version=engine.version)
    try:
        yield
    finally:
        # Here, while the loop still runs the tasks whose statements are being cancelled.
        await asyncio.to_thread(execution.close)
        engine.close()
        log.info("stopped")


if __name__ == "__main__":
    sys.exit(main())

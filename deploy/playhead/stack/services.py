"""How each process of the stack is run: its command line and what ties it to the others. Pure.

Services are started as their users would start them; nothing of theirs is imported here.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from playhead.kafka.broker import Broker
from playhead.settings import StackSettings
from playhead.stack.addresses import Addresses
from playhead.stack.ports import LOOPBACK
from playhead.stack.process import Command
from playhead.stack.secret_files import StackSecrets, share_keys_file

DATABASE = "playhead"

KAFKA = "kafka"
CLICKHOUSE = "clickhouse"
COLLECTOR = "collector"
SESSIONIZER = "sessionizer"
QUERY_API = "query-api"

NAMES = (KAFKA, CLICKHOUSE, COLLECTOR, SESSIONIZER, QUERY_API)


def tokens_file(data: Path) -> Path:
    return data / "tokens.json"


def broker(settings: StackSettings, addresses: Addresses) -> Broker:
    return Broker(
        folder=settings.data_path / KAFKA,
        jars=settings.jars_path,
        port=addresses.kafka_port,
        controller_port=addresses.kafka_controller_port,
        heap_mb=settings.kafka_heap_mb,
    )


def commands(settings: StackSettings, addresses: Addresses, secrets: StackSecrets) -> dict[str, Command]:
    """Every process by its name.

    Raises:
        NotInstalled: no Java, or no jars.
    """
    logs = settings.data_path / "logs"

    def service(name: str, argv: list[str], environment: Mapping[str, str]) -> Command:
        prefix = f"PLAYHEAD_{name.upper().replace('-', '_')}_"
        named = {f"{prefix}{field.upper()}": value for field, value in environment.items()}
        return Command(name, argv, named, logs / f"{name}.log")

    listening = {"host": LOOPBACK, "log_level": settings.log_level}
    kafka = {"kafka_bootstrap": addresses.kafka}
    clickhouse = {
        "clickhouse_url": addresses.clickhouse,
        "clickhouse_user": "admin",
        "clickhouse_password": secrets.clickhouse_admin_password,
        "clickhouse_database": DATABASE,
    }
    recorder = {"recorder_path": str(settings.recorder_path)} if settings.recorder_path.exists() else {}
    dashboard = {"dashboard_path": str(settings.dashboard_path)} if settings.dashboard_path.exists() else {}
    found = [
        Command(
            KAFKA,
            broker(settings, addresses).command(),
            {},
            logs / f"{KAFKA}.log",
            # Java's own code for "ended by SIGTERM, after everything was closed".
            quiet_exits=frozenset({0, 143}),
        ),
        service(
            CLICKHOUSE,
            [sys.executable, "-m", "playhead.clickhouse"],
            {
                **listening,
                "port": str(addresses.clickhouse_port),
                "data_dir": str((settings.data_path / CLICKHOUSE).absolute()),
                "admin_password": secrets.clickhouse_admin_password,
                "analyst_password": secrets.clickhouse_analyst_password,
            },
        ),
        service(
            COLLECTOR,
            [_script("playhead-collector")],
            {**listening, **kafka, **recorder, "port": str(addresses.collector_port)},
        ),
        service(
            SESSIONIZER,
            [_script("playhead-sessionizer")],
            {
                **listening,
                **kafka,
                **clickhouse,
                "metrics_port": str(addresses.sessionizer_port),
                # A name of its own: a restart within the broker's session timeout moves no partition.
                "instance_id": "stack",
                # Its own ends are counted across restarts.
                "ends_file": str((settings.data_path / "sessionizer-ends.jsonl").absolute()),
            },
        ),
        service(
            QUERY_API,
            [_script("playhead-query-api")],
            {
                **listening,
                **kafka,
                **clickhouse,
                **dashboard,
                "port": str(addresses.query_api_port),
                "tokens_file": str(tokens_file(settings.data_path).absolute()),
                "share_keys_file": str(share_keys_file(settings.data_path).absolute()),
            },
        ),
    ]
    return {command.name: command for command in found}


def _script(name: str) -> str:
    """A console script of the environment that this command itself runs in."""
    return str(Path(sys.executable).parent / name)

"""The operator's command `playhead`. Reads options and prints; the work is done elsewhere in this package."""

import asyncio
import logging
import secrets
import time
from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec
import typer
from aiokafka.errors import KafkaError
from clickhouse_connect.driver.exceptions import ClickHouseError
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from playhead import checkout
from playhead.connection_records import read_connections, remove_connection, write_connection
from playhead.dead_letters import commands as dead_letters
from playhead.dead_letters.problems import DeadLetterProblem
from playhead.demo import demo as run_demo
from playhead.demo_tenant import TENANT
from playhead.doctor import examine
from playhead.foreground import Interrupted, run_until_stopped
from playhead.importing.commands import import_files
from playhead.kafka import topics as kafka_topics
from playhead.kafka.archiving import make_archive
from playhead.kafka.broker import FormatFailed
from playhead.kafka.java import NotInstalled
from playhead.landed import NotLanded
from playhead.player.play import Played, Visit
from playhead.player.play import play as play_visits
from playhead.player.recording import NoTimestamp, read_folder
from playhead.player.send import Refused, Unavailable
from playhead.query_client import QueryFailed
from playhead.settings import FREE_PORTS, StackSettings
from playhead.smoke import SmokeFailed
from playhead.smoke import smoke as run_smoke
from playhead.stack.addresses import NotRunning, of_running
from playhead.stack.ports import PortTaken
from playhead.stack.readiness import NotReady
from playhead.stack.secret_files import stack_secrets
from playhead.stack.services import tokens_file
from playhead.stack.stack import DataInUse
from playhead.stack.supervised import DiedTooOften
from playhead.tables import migrate_tables
from playhead.token_file import NoSuchToken, TokenExists, add_token, read_tokens, remove_token
from schemas.connection import Connection
from schemas.migrate import MigrationRefused
from schemas.token import Role
from schemas.topic import declared

EXPECTED = (
    ClickHouseError,
    DataInUse,
    DeadLetterProblem,
    DiedTooOften,
    FileNotFoundError,
    FormatFailed,
    Interrupted,
    KafkaError,
    MigrationRefused,
    NoSuchToken,
    NoTimestamp,
    NotInstalled,
    NotLanded,
    NotReady,
    NotRunning,
    PortTaken,
    QueryFailed,
    Refused,
    SmokeFailed,
    TokenExists,
    Unavailable,
    httpx.TransportError,
    kafka_topics.TopicsDiffer,
)
"""Their message is for the person at the terminal; anything else is a fault of ours and shows its trace."""

app = typer.Typer(
    help="Playhead on one machine: Kafka, ClickHouse, collector, sessionizer, query API and dashboard.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
connections = typer.Typer(help="The connections of the running stack.", no_args_is_help=True)
tokens = typer.Typer(help="Who may read through the query API.", no_args_is_help=True)
app.add_typer(connections, name="connections")
app.add_typer(tokens, name="tokens")
app.add_typer(dead_letters.app, name="dead-letters")
app.command("import")(import_files)

Data = Annotated[Path | None, typer.Option(help="Data folder. [env: PLAYHEAD_STACK_DATA_PATH]")]
Free = Annotated[bool, typer.Option("--free-ports", help="Take free ports instead of the usual ones.")]
Recordings = Annotated[Path, typer.Option(help="Folder of *.jsonl.gz, an event a line.")]


def main() -> None:
    """Exit codes: 0 all well, 1 it did not work, 2 the command or a setting is wrong."""
    # What goes wrong comes as an exception; its log repeats that for every try while a broker starts.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        app()
    except EXPECTED as error:
        typer.secho(f"playhead: {error}", err=True, fg=typer.colors.RED)
        raise SystemExit(1) from None
    except ValidationError as error:
        typer.secho(
            f"playhead: settings (environment, PLAYHEAD_STACK_…): {error}", err=True, fg=typer.colors.RED
        )
        raise SystemExit(2) from None


def _settings(data: Path | None, *, free_ports: bool = False) -> StackSettings:
    given: dict[str, Any] = {"data_path": data} if data else {}
    if free_ports:
        given |= FREE_PORTS
    return StackSettings(**given)


@app.command()
def run(data: Data = None, free_ports: Free = False) -> None:
    """Run everything until Ctrl-C. Data is kept between runs."""
    asyncio.run(run_until_stopped(_settings(data, free_ports=free_ports)))


@app.command()
def demo(data: Data = None, free_ports: Free = False, recordings: Recordings = checkout.RECORDINGS) -> None:
    """Run everything with recorded sessions played into it."""
    asyncio.run(run_demo(_settings(data, free_ports=free_ports), recordings))


@app.command()
def smoke(recordings: Recordings = checkout.RECORDINGS) -> None:
    """Try everything once: temporary data, free ports, recordings in, asked back, compared, stopped."""
    typer.echo(str(asyncio.run(run_smoke(_settings(None), recordings))))


@app.command()
def play(
    recordings: Recordings = checkout.RECORDINGS,
    collector: Annotated[str | None, typer.Option(help="URL; the running stack's if absent.")] = None,
    key: Annotated[str | None, typer.Option(help="Write key; the demo shop's if absent.")] = None,
    ended_ago_s: Annotated[int, typer.Option(min=0, help="How long ago the visits ended, in s.")] = 0,
    data: Data = None,
) -> None:
    """Play recordings into a collector, each as a new visitor."""
    settings = _settings(data)
    url = collector or of_running(settings.data_path).collector
    write_key = key or stack_secrets(settings.data_path).demo_shop_key
    visits = [Visit(recording, write_key, ended_ago_s * 1000) for recording in read_folder(recordings)]

    def say(played: Played) -> None:
        typer.echo(
            f"{played.visit.recording.name}: {played.accepted} events as visitor {played.sender.visitor}"
        )

    asyncio.run(play_visits(url, visits, done=say))


@app.command()
def topics(
    bootstrap: Annotated[str | None, typer.Option(help="host:port; the running stack's if absent.")] = None,
    replicas: Annotated[int, typer.Option(min=1, help="Copies of each partition of a new topic.")] = 1,
    data: Data = None,
) -> None:
    """Make the broker's topics the declared ones. Never changes a number of partitions."""
    broker = bootstrap or of_running(_settings(data).data_path).kafka
    applied = asyncio.run(kafka_topics.apply(broker, declared(), replicas=replicas))
    for name in applied.created:
        typer.echo(f"created    {name}")
    for drift in applied.altered:
        typer.echo(f"set back   {drift}")
    for name in applied.unchanged:
        typer.echo(f"unchanged  {name}")


@app.command()
def migrate(data: Data = None) -> None:
    """Apply what was not applied yet of schemas/clickhouse/ to the running stack's ClickHouse."""
    folder = _settings(data).data_path
    done = migrate_tables(of_running(folder), stack_secrets(folder))
    typer.echo("\n".join(f"applied {name}" for name in done) or "nothing to apply")


@app.command()
def doctor(data: Data = None) -> None:
    """Say what is missing on this machine and how to get it."""
    findings = examine(_settings(data))
    table = Table("", "what", "seen", "what to do", box=None)
    for finding in findings:
        table.add_row(
            "ok" if finding.good else "!!", finding.what, finding.seen, "" if finding.good else finding.remedy
        )
    Console().print(table)
    if not all(finding.good for finding in findings):
        raise typer.Exit(1)


@app.command("class-archive", hidden=True)
def class_archive() -> None:
    """Make the archive with which the broker starts faster (part of `make jars`)."""
    asyncio.run(make_archive(_settings(None).jars_path))


@connections.command("list")
def list_connections(data: Data = None) -> None:
    """All connections with their write keys."""
    book = asyncio.run(read_connections(of_running(_settings(data).data_path).kafka))
    table = Table("tenant", "id", "name", "write keys", "gap (min)", box=None)
    for one in sorted(book, key=lambda c: (c.tenant, c.id)):
        table.add_row(one.tenant, one.id, one.name, " ".join(one.write_keys), f"{one.gap_ms / 60_000:g}")
    Console().print(table)


@connections.command("add")
def add_connection(
    connection_id: Annotated[str, typer.Argument(metavar="ID")],
    name: Annotated[str, typer.Option(help="For people.")],
    tenant: Annotated[str, typer.Option()] = TENANT,
    gap_ms: Annotated[int, typer.Option(help="Inactivity that ends a session, in ms.")] = 30 * 60_000,
    data: Data = None,
) -> None:
    """Add a connection; prints its new write key."""
    bootstrap = of_running(_settings(data).data_path).kafka
    if asyncio.run(read_connections(bootstrap)).by_id(connection_id) is not None:
        raise typer.BadParameter(f"there is a connection {connection_id!r} already")
    made = {
        "id": connection_id,
        "tenant": tenant,
        "name": name,
        "created_at": time.time_ns() // 1_000_000,
        "write_keys": (secrets.token_hex(16),),
        "gap_ms": gap_ms,
    }
    try:
        connection = msgspec.convert(made, Connection)
    except msgspec.ValidationError as error:
        raise typer.BadParameter(str(error)) from error
    asyncio.run(write_connection(bootstrap, connection))
    typer.echo(connection.write_keys[0])


@connections.command("remove")
def remove(connection_id: Annotated[str, typer.Argument(metavar="ID")], data: Data = None) -> None:
    """Its keys are unknown from then on; what was recorded stays."""
    bootstrap = of_running(_settings(data).data_path).kafka
    if asyncio.run(read_connections(bootstrap)).by_id(connection_id) is None:
        raise typer.BadParameter(f"there is no connection {connection_id!r}")
    asyncio.run(remove_connection(bootstrap, connection_id))


@tokens.command("list")
def list_tokens(data: Data = None) -> None:
    """Names, tenants and roles; the tokens themselves are kept nowhere."""
    table = Table("name", "tenant", "role", box=None)
    for token in read_tokens(tokens_file(_settings(data).data_path)):
        table.add_row(token.name, token.tenant, token.role)
    Console().print(table)


@tokens.command("add")
def new_token(
    name: str,
    tenant: Annotated[str, typer.Option()] = TENANT,
    role: Annotated[Role, typer.Option()] = "reader",
    data: Data = None,
) -> None:
    """Make a token and print it; it cannot be shown again."""
    typer.echo(add_token(tokens_file(_settings(data).data_path), name=name, tenant=tenant, role=role))


@tokens.command("remove")
def drop_token(name: str, data: Data = None) -> None:
    """The query API refuses it from then on."""
    remove_token(tokens_file(_settings(data).data_path), name)

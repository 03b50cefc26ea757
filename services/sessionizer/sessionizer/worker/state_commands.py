"""What the commands `rebuild` and `state` run: puts their pieces together from the settings, and prints."""

from collections.abc import Callable, Mapping

import typer

from schemas.topic import BATCHES
from sessionizer.core.block import BlockLimits
from sessionizer.core.rules import Rules
from sessionizer.settings import Settings
from sessionizer.sink.cut_sessions import CutSessions
from sessionizer.worker.app import APP_ID
from sessionizer.worker.continuity import admin_of, find
from sessionizer.worker.preflight import wait_for_topics
from sessionizer.worker.rebuild import Rebuild
from sessionizer.worker.recovery import Recovery
from sessionizer.worker.state_size import StateSize, state_size, told, total


async def rebuild_state(settings: Settings, agreed: Callable[[], bool]) -> None:
    """
    Raises:
        RebuildRefused: it would do harm, or the person did not agree.
        NotReady: no broker, or not the topics.
        aiokafka.errors.KafkaError: the broker cannot be reached, or a worker was started meanwhile.
        clickhouse_connect.driver.exceptions.Error: the tables cannot be read.
    """
    await wait_for_topics(settings.kafka_bootstrap)
    cut_sessions = CutSessions(
        settings.clickhouse_url,
        settings.clickhouse_user,
        settings.clickhouse_password.get_secret_value(),
        settings.clickhouse_database,
    )
    rebuild = Rebuild(
        bootstrap=settings.kafka_bootstrap,
        group=APP_ID,
        rules=rules_of(settings),
        limits=BlockLimits(records=settings.block_records, value_bytes=settings.block_bytes),
        cut_sessions=cut_sessions,
        tell=typer.echo,
        agreed=agreed,
    )
    try:
        sizes = await rebuild.run()
    finally:
        await cut_sessions.close()
    _print_sizes(dict(enumerate(sizes)))


async def print_state(settings: Settings) -> None:
    """
    Raises:
        NotReady: no broker, or not the topics.
        aiokafka.errors.KafkaError: the broker cannot be reached.
    """
    await wait_for_topics(settings.kafka_bootstrap)
    async with admin_of(settings.kafka_bootstrap) as admin:
        found = await find(admin, APP_ID)
    recovery = Recovery(settings.kafka_bootstrap)
    sizes: dict[int, StateSize] = {}
    for number in range(found.partitions):
        # One at a time, so that it does not take as much memory as the workers have together.
        sizes[number] = state_size((await recovery.shards({number}))[number])
    _print_sizes(sizes)


def rules_of(settings: Settings) -> Rules:
    return Rules(
        topic=BATCHES,
        grace_ms=settings.grace_ms,
        ended_after_ms=settings.ended_after_ms,
        retain_ms=settings.retain_ms,
    )


def _print_sizes(sizes: Mapping[int, StateSize]) -> None:
    for number, size in sizes.items():
        typer.echo(f"partition {number}: {told(size)}")
    typer.echo(f"in all: {told(total(sizes.values()))}")

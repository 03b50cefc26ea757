"""`playhead-sessionizer`: one worker. Starts from its settings, stops at SIGTERM or SIGINT, then exits 0.

Beside it, commands about its state: `rebuild` makes lost state anew, `state` says how large it is.
"""

import faulthandler
import gc
import logging
import sys
from collections.abc import Coroutine
from typing import Annotated, Any

import structlog
import typer
import uvloop
from aiokafka.errors import KafkaError
from clickhouse_connect.driver.exceptions import ClickHouseError
from faust import Worker

from sessionizer.settings import Settings
from sessionizer.worker.app import SessionizerApp
from sessionizer.worker.continuity import UnusableState
from sessionizer.worker.overrides import verify_versions
from sessionizer.worker.preflight import NotReady
from sessionizer.worker.rebuild_plan import RebuildRefused
from sessionizer.worker.state_commands import print_state, rebuild_state
from sessionizer.worker.steps import Reached, nobody_listens

EXPECTED = (ClickHouseError, KafkaError, NotReady, RebuildRefused, UnusableState)
"""Of a command: their message is for the person at the terminal; anything else shows its trace."""

NEW_CONTAINERS = 50_000
"""Between two looks of Python's garbage collector."""

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    help="The sessionizer. Without a command: one worker, until it is stopped.",
)


def main() -> None:
    cli()


@cli.callback(invoke_without_command=True)
def worker(context: typer.Context) -> None:
    """The sessionizer. Without a command: one worker, until it is stopped."""
    if context.invoked_subcommand is None:
        run(Settings())


@cli.command()
def rebuild(
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
) -> None:
    """Make the state anew from the topic playhead.batches. Every worker must be stopped."""
    settings = Settings()
    set_up_logging(settings.log_level, settings.log_format)
    _run_command(rebuild_state(settings, agreed=lambda: yes or _asked()))


@cli.command()
def state() -> None:
    """Print how large the state is: of each partition, and of a live session. Changes nothing."""
    settings = Settings()
    set_up_logging(settings.log_level, settings.log_format)
    _run_command(print_state(settings))


def spare_the_collector() -> None:
    """A block makes tens of thousands of containers and no cycle; looking for one took a third of its time.

    So Python looks after 50,000 new containers (700 are usual), and never again at what the start has made.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_CONTAINERS)


def _run_command(command: Coroutine[Any, Any, None]) -> None:
    try:
        uvloop.run(command)
    except EXPECTED as error:
        typer.echo(f"{type(error).__name__}: {error}", err=True)
        raise typer.Exit(1) from None


def _asked() -> bool:
    return sys.stdin.isatty() and typer.confirm("Rebuild?")


def run(settings: Settings, reached: Reached = nobody_listens) -> None:
    """Run until stopped; `reached` is told of each step of a commit. Does not return."""
    set_up_logging(settings.log_level, settings.log_format)
    # Should native code of a library crash, the log has at least the Python stacks.
    faulthandler.enable()
    verify_versions()
    uvloop.install()
    app = SessionizerApp(settings, reached)
    spare_the_collector()
    worker = Worker(app, loglevel=settings.log_level, quiet=True, override_logging=False)
    worker.spinner = None
    worker.execute_from_commandline()


def set_up_logging(level: str, form: str) -> None:
    """Everything to stderr, libraries too, a line an event."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("aiokafka", "faust", "mode"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]))


if __name__ == "__main__":
    main()

"""`playhead import`. Reads options, shows how far it is, prints what became of each file."""

import asyncio
import sys
from pathlib import Path
from types import TracebackType
from typing import Annotated, Self

import typer
from rich import progress as bars
from rich.console import Console

from playhead.importing.printing import table_of, total
from playhead.importing.run import NO_BROWSER, Progress, Wish, run
from playhead.importing.survey import Survey
from playhead.settings import StackSettings
from playhead.stack.addresses import of_running
from schemas.connection import VISITOR_OR_WINDOW

PIPED_WIDTH = 240
"""Of the table where no terminal tells its own."""


def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="What is to be imported.")],
    key: Annotated[str, typer.Option(help="Write key of the connection.")],
    collector: Annotated[str | None, typer.Option(help="URL; the running stack's if absent.")] = None,
    visitor: Annotated[
        str | None, typer.Option(help="Whose all files are; each is a visitor's of its own if absent.")
    ] = None,
    window: Annotated[
        str | None, typer.Option(help="Name of the window, for one FILE; made from its events if absent.")
    ] = None,
    user_agent: Annotated[
        str, typer.Option(help="The browser that recorded; rrweb's events do not tell it.")
    ] = NO_BROWSER,
    origin: Annotated[
        str | None, typer.Option(help="The site, for a connection that takes only some: https://shop.example")
    ] = None,
    consent: Annotated[
        bool, typer.Option("--consent", help="The visitors agreed, for a connection that asks for it.")
    ] = False,
    timeout_s: Annotated[
        int, typer.Option(min=1, help="How long a collector that is away or busy is tried, in s a batch.")
    ] = 120,
    data: Annotated[Path | None, typer.Option(help="Data folder. [env: PLAYHEAD_STACK_DATA_PATH]")] = None,
) -> None:
    """Import rrweb recordings from files, through the collector.

    A FILE is an array of rrweb events, {"events": […]} as the query API
    answers, NDJSON of any of these, or an HTML page that it exported; its
    events may be packed by @rrweb/packer; each of it may be gzip. Each file
    is one window, a page as many as it holds.

    All files are read and checked before the first event is sent. Events
    keep their times. The same events imported again within two hours are
    known, however they are wrapped, and change nothing.
    """
    _check_name(visitor, "--visitor")
    _check_name(window, "--window")
    if window is not None and len(files) > 1:
        raise typer.BadParameter(
            "a window is one FILE: seqs of a second would be taken for repeats of the first",
            param_hint="--window",
        )
    settings = StackSettings(data_path=data) if data is not None else StackSettings()
    wish = Wish(
        collector=collector or of_running(settings.data_path).collector,
        key=key,
        visitor=visitor,
        window=window,
        user_agent=user_agent,
        consent=consent,
        origin=origin,
        timeout_s=timeout_s,
    )
    with Bar() as bar:
        outcomes = asyncio.run(run(files, wish, bar))
    Console(width=None if sys.stdout.isatty() else PIPED_WIDTH).print(table_of(outcomes))
    typer.echo(total(outcomes), err=True)
    if any(outcome.why is not None for outcome in outcomes):
        raise typer.Exit(1)


def _check_name(name: str | None, option: str) -> None:
    if name is not None and VISITOR_OR_WINDOW.fullmatch(name) is None:
        raise typer.BadParameter("1 to 64 of A-Z a-z 0-9 _ - are needed", param_hint=option)


class Bar(Progress):
    """A bar of the file that is being sent, on a terminal."""

    def __init__(self) -> None:
        self._bars = bars.Progress(
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            bars.TextColumn("{task.completed:,.0f} events"),
            bars.TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._bars.add_task("", total=None)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def reading(self, file: Path) -> None:
        self._bars.update(self._task, description=f"reading {file.name}")

    def sending(self, surveyed: Survey) -> None:
        self._bars.reset(self._task, description=f"sending {surveyed.file.name}", total=surveyed.events)

    def sent(self, events: int) -> None:
        self._bars.advance(self._task, events)

"""`playhead dead-letters list`, `show` and `replay`. Reads options and prints; the work is done beside it."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from aiokafka.structs import ConsumerRecord
from rich.console import Console

from playhead.dead_letters import choice
from playhead.dead_letters.book import Book, Held
from playhead.dead_letters.instant import instant
from playhead.dead_letters.payload_file import write_payload
from playhead.dead_letters.printing import as_json, batch_in, printable, shown, table_of, totals
from playhead.dead_letters.problems import NoSuchLetter, NotShown
from playhead.dead_letters.replay import replay as put_back
from playhead.dead_letters.topic_records import read_book, topic_records
from playhead.settings import StackSettings
from playhead.stack.addresses import of_running
from schemas.dead_letter import REASONS
from schemas.topic import BATCHES, declared

PIPED_WIDTH = 240
"""Of the table where no terminal tells its own."""

app = typer.Typer(
    help="Records of playhead.batches that could not be read: list them, look at them, put them back.",
    no_args_is_help=True,
)

Broker = Annotated[
    str | None, typer.Option("--bootstrap", help="host:port of Kafka; the running stack's if absent.")
]
Data = Annotated[Path | None, typer.Option(help="Data folder. [env: PLAYHEAD_STACK_DATA_PATH]")]
Position = Annotated[
    str, typer.Argument(metavar="POSITION", help="As list shows it: playhead.batches-0-1234.")
]
OfReason = Annotated[
    str | None, typer.Option("--reason", metavar="REASON", help=f"One of: {', '.join(REASONS)}.")
]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@app.command("list")
def list_letters(
    reason: OfReason = None,
    partition: Annotated[
        int | None, typer.Option(min=0, help="Only records of this partition of playhead.batches.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only those put aside since then: 90m, 2h, 3d, or 2026-07-01T12:00.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the newest so many.")] = None,
    as_lines: Annotated[bool, typer.Option("--json", help="A line of JSON each.")] = False,
    bootstrap: Broker = None,
    data: Data = None,
) -> None:
    """The dead letters of the last 30 days, oldest first, and which of them were put back."""
    _check_reason(reason)
    since_ms = _since(since)
    book = asyncio.run(read_book(_broker(bootstrap, data)))
    found = book.select(reason=reason, partition=partition, since=since_ms)
    listed = found[-limit:] if limit is not None else found
    if as_lines:
        for held in listed:
            typer.echo(as_json(held))
    elif listed:
        console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)
        console.print(table_of(listed))
    typer.echo(totals(found), err=True)
    if len(listed) < len(found):
        typer.echo(f"the newest {len(listed)} of them are listed", err=True)
    _tell_foreign(book)


@app.command()
def show(
    position: Position,
    raw: Annotated[Path | None, typer.Option(help="Write the record's own bytes to this file.")] = None,
    payload: Annotated[
        Path | None, typer.Option(help="Write the events' JSON, unpacked, to this file.")
    ] = None,
    bootstrap: Broker = None,
    data: Data = None,
) -> None:
    """Everything about one dead letter but what was recorded; --raw and --payload write that to a file."""
    held, record = asyncio.run(_one(_broker(bootstrap, data), position))
    value = record.value
    lines = shown(held, record.headers, value)
    width = max(len(name) for name, _ in lines)
    for name, text in lines:
        typer.echo(f"{name:{width}}  {text}")
    if raw is not None:
        if value is None:
            raise NotShown(f"{held.letter.position} has no value, so nothing was written to {raw}")
        raw.write_bytes(value)
        typer.echo(f"{len(value)} bytes to {raw}", err=True)
    if payload is not None:
        batch = batch_in(value)
        if batch is None:
            raise NotShown(f"{held.letter.position} is no batch that can be read; --raw writes its bytes")
        typer.echo(f"{write_payload(batch.payload, batch.encoding, payload)} bytes to {payload}", err=True)


@app.command()
def replay(
    positions: Annotated[
        list[str] | None,
        typer.Argument(metavar="POSITION…", help="Those that list shows at these positions."),
    ] = None,
    reason: OfReason = None,
    everything: Annotated[bool, typer.Option("--all", help="All that are waiting.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Also those that were put back already.")] = False,
    old: Annotated[
        bool,
        typer.Option(
            "--old", help="Also those so old that an erasure of the visitor may be forgotten: 7 days."
        ),
    ] = False,
    bootstrap: Broker = None,
    data: Data = None,
) -> None:
    """Put dead letters back into playhead.batches, after a fix.

    Each goes back with its own key and bytes, once: a mark in the dead
    letters says so from then on.

    It is safe: a batch that was taken already is dropped (rule 6: same seq,
    or same batch id) for as long as the sessionizer remembers its session,
    two hours of the log after the session's end. Only --again, and later than
    that, can store a batch twice.

    A batch comes as late. It keeps the time at which it was received, and
    goes to the session that it belonged to if that is still remembered; else
    it begins a session of its own, in the past.

    What is still bad becomes a new dead letter. What no version can ever read
    (no_value, not_msgpack) goes back only by position or by --reason.
    """
    if sum((bool(positions), reason is not None, everything)) != 1:
        raise typer.BadParameter("say what to put back: positions, or --reason, or --all; one of them")
    _check_reason(reason)
    broker = _broker(bootstrap, data)
    book = asyncio.run(read_book(broker))
    oldest_at = None if old else now_ms() - int(declared()[BATCHES].config["retention.ms"])
    if positions:
        chosen = choice.by_name(book, positions, again=again, oldest_at=oldest_at)
    else:
        chosen = choice.by_reason(
            book.select(reason=reason), again=again, oldest_at=oldest_at, hopeless=reason is not None
        )
    if dry_run:
        for held in chosen.put_back:
            typer.echo(f"would be put back  {held.letter.position}  {printable(held.letter.reason)}")
    else:
        asyncio.run(_put_back(broker, chosen.put_back))
    for why, number in chosen.left_out:
        typer.echo(f"{number} left out: {why}", err=True)
    done = "would be put back" if dry_run else "put back"
    typer.echo(f"{len(chosen.put_back)} {done}", err=True)
    _tell_foreign(book)


async def _put_back(broker: str, chosen: tuple[Held, ...]) -> None:
    async for letter, place in put_back(broker, chosen, now_ms):
        typer.echo(f"put back  {letter.position}  as {place}")


async def _one(broker: str, name: str) -> tuple[Held, ConsumerRecord]:
    held = (await read_book(broker)).named(name)
    async for record in topic_records(broker, {held.partition: (held.offset, held.offset + 1)}):
        return held, record
    raise NoSuchLetter(f"{name} went while it was looked for: dead letters are kept for 30 days")


def _broker(bootstrap: str | None, data: Path | None) -> str:
    if bootstrap is not None:
        return bootstrap
    settings = StackSettings(data_path=data) if data is not None else StackSettings()
    return of_running(settings.data_path).kafka


def _since(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return instant(text, now_ms())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from None


def _check_reason(reason: str | None) -> None:
    if reason is not None and reason not in REASONS:
        raise typer.BadParameter(f"{reason!r} is none of {', '.join(REASONS)}", param_hint="--reason")


def _tell_foreign(book: Book) -> None:
    if book.foreign:
        typer.echo(f"{book.foreign} other records in the topic are neither dead letters nor marks", err=True)

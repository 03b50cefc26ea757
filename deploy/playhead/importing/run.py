"""An import from its files to its outcomes: all are read first, then those that are good are sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from playhead.importing.problems import Unimportable
from playhead.importing.sending import Sent, send_file
from playhead.importing.survey import Survey, surveys
from playhead.player.send import Refused, Unavailable, Window

NO_BROWSER = "Mozilla/5.0 (compatible; playhead-import)"
"""As tools call themselves; read as no browser, system or device."""


@dataclass(frozen=True)
class Wish:
    """How to send.

    Attributes:
        visitor, window: None where each file is a visitor and a window of its own, named by its content. The
            windows of an exported page are one visitor's.
        timeout_s: for how long an unreachable or busy collector is tried, for each batch.
    """

    collector: str
    key: str
    visitor: str | None = None
    window: str | None = None
    user_agent: str = NO_BROWSER
    consent: bool = False
    origin: str | None = None
    timeout_s: float = 120.0

    def sender(self, surveyed: Survey) -> Window:
        """As whom a file is sent; the same whenever the file holds the same."""
        return Window(
            self.key,
            self.visitor or f"import-{surveyed.visit or surveyed.digest}",
            self.window or f"import-{surveyed.digest}",
            self.user_agent,
            consent=self.consent,
            origin=self.origin,
        )


@dataclass(frozen=True)
class Outcome:
    """What became of a file, or of a window of an exported page. `why` is None where all of it was sent."""

    file: Path
    why: str | None = None
    surveyed: Survey | None = None
    sender: Window | None = None
    sent: Sent | None = None


class Progress:
    """What a person is told meanwhile; this one tells nothing."""

    def reading(self, file: Path) -> None:
        pass

    def sending(self, surveyed: Survey) -> None:
        pass

    def sent(self, events: int) -> None:
        pass


async def run(files: Sequence[Path], wish: Wish, progress: Progress) -> list[Outcome]:
    """Import files; the outcomes are in the order of `files`, an exported page's in that of its windows.
    Raises nothing that is about a file.

    They are sent one after the other, the one with the earliest event first: of one visitor, sessions are
    remembered by their order (rule 5). What is wrong with the whole, a key that is unknown or a collector
    that is away, ends the sending.
    """
    outcomes = [outcome for file in files for outcome in _survey(file, wish, progress)]
    good = [(at, each.surveyed) for at, each in enumerate(outcomes) if each.surveyed is not None]
    stopped: str | None = None
    async with httpx.AsyncClient(base_url=wish.collector, timeout=30, trust_env=False) as client:
        for at, surveyed in sorted(good, key=lambda each: (each[1].first_at, each[0])):
            if stopped is not None:
                outcomes[at] = Outcome(surveyed.file, "not sent, for the same reason", surveyed)
                continue
            progress.sending(surveyed)
            try:
                outcomes[at] = await _send(client, surveyed, wish, progress)
            except (Refused, Unavailable, httpx.TransportError) as error:
                stopped = str(error) or type(error).__name__
                outcomes[at] = Outcome(surveyed.file, stopped, surveyed)
    return outcomes


def _survey(file: Path, wish: Wish, progress: Progress) -> list[Outcome]:
    progress.reading(file)
    try:
        found = surveys(file)
    except Unimportable as error:
        return [Outcome(file, str(error))]
    if wish.window is not None and len(found) > 1:
        return [Outcome(file, f"it holds {len(found)} windows, and one name for them was given")]
    return [Outcome(file, surveyed=each) for each in found]


async def _send(client: httpx.AsyncClient, surveyed: Survey, wish: Wish, progress: Progress) -> Outcome:
    sender = wish.sender(surveyed)
    try:
        sent = await send_file(client, surveyed, sender, timeout_s=wish.timeout_s, sent=progress.sent)
    except (Unimportable, OSError) as error:
        return Outcome(surveyed.file, str(error), surveyed, sender)
    return Outcome(surveyed.file, None, surveyed, sender, sent)

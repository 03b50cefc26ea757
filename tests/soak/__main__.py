"""`make soak-sessionizer MINUTES=…`: a soak of so many minutes, or of so many kills if they take longer."""

import argparse
import asyncio
import logging
import random
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.soak.ledger import Ledger, summary, table
from tests.soak.reliability import REPORT, write_table
from tests.soak.run import Soak

FOLDER = Path(".playhead") / "soak"
ROUND_S = 100.0
PROGRESS_S = 10.0


def main() -> int:
    asked = arguments()
    # The broker is away again and again: that clients of ours say so is no news.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    seed = random.SystemRandom().randrange(10**9) if asked.seed is None else asked.seed
    folder = (FOLDER / datetime.now(UTC).strftime("%Y%m%dT%H%M%S")).resolve()
    folder.mkdir(parents=True)
    print(f"seed {seed}, folder {folder}", flush=True)
    began = time.monotonic()
    ledger = asyncio.run(soak(folder, seed, asked.minutes * 60, asked.kills))
    told = [*summary(ledger, time.monotonic() - began, seed), "", *table(ledger)]
    print("\n".join(told))
    if ledger.failures:
        (folder / "failures.txt").write_text("\n\n".join([f"seed {seed}", *ledger.failures]) + "\n")
        print(f"\nFAILED, {len(ledger.failures)} times; everything is kept in {folder}", file=sys.stderr)
        print("\n".join(ledger.failures)[:8_000], file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    if asked.report is not None:
        write_table(asked.report, told)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("minutes", type=float)
    parser.add_argument("--kills", type=int, default=0, help="go on until so many workers were killed")
    parser.add_argument("--seed", type=int, help="of the order of actions; drawn where it is not given")
    parser.add_argument(
        "--report",
        type=Path,
        nargs="?",
        const=REPORT,
        help=f"put the table into this page, {REPORT} if none is named",
    )
    return parser.parse_args()


async def soak(folder: Path, seed: int, for_s: float, kills: int) -> Ledger:
    """Rounds of a hundred seconds and a verdict; the first failure ends it."""
    running = Soak(folder, seed)
    ledger = running.ledger
    began = time.monotonic()
    await running.start()
    progress = asyncio.create_task(tell(ledger, began))
    try:
        while not ledger.failures:
            left_s = for_s - (time.monotonic() - began)
            if left_s <= 0 and ledger.kills() >= kills:
                break
            round_ends = time.monotonic() + (min(ROUND_S, left_s) if left_s > 0 else ROUND_S)
            while time.monotonic() < round_ends and not ledger.failures:
                await running.act()
            if ledger.failures:
                break
            judged_at = time.monotonic()
            found = await running.judge()
            rows = found.recordings + found.sessions + found.events
            print(
                f"caught up and compared in {time.monotonic() - judged_at:.0f} s: {rows:,} rows, "
                f"{len(found.differences)} differences",
                flush=True,
            )
    except Exception as error:  # noqa: BLE001 -- whatever it is, the soak has failed and its folder tells why
        ledger.failed(repr(error))
    finally:
        progress.cancel()
        await running.end()
    return ledger


async def tell(ledger: Ledger, began: float) -> None:
    while True:
        await asyncio.sleep(PROGRESS_S)
        print(
            f"{time.monotonic() - began:5.0f} s  "
            f"kills {ledger.kills()} ({ledger.kills_survived()} survived)  "
            f"failures {len(ledger.failures)}  {ledger.counts()}",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())

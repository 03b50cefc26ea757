"""What a person waits for, in a real Chromium: a click, a seek, the first load; and Lighthouse."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.query.asking import Client, bearer
from benchmarks.query.filling import Filled, Recorded
from benchmarks.query.grown_sessions import GAP_MS, GRACE_MS
from benchmarks.query.page_batches import Page, turn_at
from benchmarks.query.query_api import Access, QueryApi
from benchmarks.query.replay import events_path, tenant_number
from benchmarks.query.size import MOST_RECORDED_LAST
from benchmarks.result import Measure
from playhead.checkout import DASHBOARD, ROOT

HERE = Path(__file__).parent
DRIVER = HERE / "open_replay.mjs"
RRWEB = ROOT / "node_modules/rrweb/dist"
LIGHTHOUSE = "lighthouse@12"
CATEGORIES = {
    "performance": "performance",
    "accessibility": "accessibility",
    "best-practices": "best practices",
}
_LIGHTHOUSE_S = 240
_DRIVER_S = 600
_ALL = 32 * 1024 * 1024


class BrowserMissing(Exception):  # noqa: N818
    """Something that the browser's measures need is not there; the message says what."""


def chromium() -> str:
    """Raises:
    BrowserMissing: there is no Chromium, no dashboard, or no node.
    """
    found = os.environ.get("PLAYHEAD_CHROMIUM", "/usr/bin/chromium")
    if not Path(found).exists():
        raise BrowserMissing(f"no Chromium at {found}: `apt-get install chromium`, or set PLAYHEAD_CHROMIUM")
    if not (DASHBOARD / "index.html").exists():
        raise BrowserMissing("the dashboard is not built: `make build`")
    if shutil.which("node") is None:
        raise BrowserMissing("node is not there")
    return found


def bare_page(api: QueryApi, token: str, sessions: Sequence[Recorded], root: Path) -> None:
    """Put the page, rrweb's own script as it is published, and each session's events into a folder."""
    shutil.copy(HERE / "bare.html", root / "bare.html")
    shutil.copy(RRWEB / "rrweb.js", root / "rrweb.js")
    shutil.copy(RRWEB / "style.css", root / "rrweb.css")
    client = Client(api.port, bearer(token))
    for session in sessions:
        answer = client.get(f"{events_path(session)}&limit_bytes={_ALL}")
        page = json.loads(answer.body)
        if page["next_cursor"] is not None:
            raise ValueError(f"{session.session_id} does not fit into one page")
        (root / f"{session.session_id}.json").write_text(json.dumps(page["events"], separators=(",", ":")))
    client.close()


def is_over(session: Recorded, at: int) -> bool:
    """Whether it is listed as completed then."""
    return session.started_at + session.length_ms + GAP_MS + GRACE_MS <= at


def measure_browser(
    api: QueryApi,
    access: Access,
    filled: Filled,
    pages: Sequence[Page],
    static_port: int,
    root: Path,
    turns: int,
) -> Iterator[Measure]:
    sessions = [
        one
        for one in filled.recorded
        if tenant_number(one) == tenant_number(filled.long) and is_over(one, filled.until_at)
    ][-MOST_RECORDED_LAST:]
    token = access.tokens[tenant_number(filled.long)]
    bare_page(api, token, sessions, root)
    asked = {
        "connection": filled.long.connection,
        "sessions": [one.session_id for one in sessions],
        "long": {
            "session": filled.long.session_id,
            "length_ms": filled.long.length_ms,
            "part": turn_at(pages, filled.long.length_ms // 2),
        },
        "turns": turns,
        "seeks": max(1, turns // 3),
    }
    command = ["node", str(DRIVER), chromium(), token, api.url, f"http://127.0.0.1:{static_port}"]
    done = subprocess.run(
        [*command, json.dumps(asked)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=_DRIVER_S,
    )
    yield from told(json.loads(done.stdout))


def told(found: Mapping[str, Any]) -> Iterator[Measure]:
    """The measures of what the driver printed."""
    for which, how, goal in (("dashboard", "click", 1.2), ("at_once", "click at once", None)):
        yield Measure(
            f"{how} on a row until the first painted frame, a session of about a minute",
            median(turn[which] for turn in found["clicks"]),
            "ms",
            peer="a bare page with rrweb's Replayer and a static file",
            peer_value=median(turn["bare"] for turn in found["clicks"]),
            goal=goal,
            of_ratio=True,
        )
    yield Measure(
        "seek to the middle of a 60-minute session until it is painted, slowest",
        max(found["seeks"]),
        "ms",
        goal=500,
    )
    files = found["loaded"]["files"]
    yield Measure(
        f"dashboard's first load, gzip, {len(files)} files", found["loaded"]["bytes"] / 1_000, "KB", goal=200
    )


def measure_lighthouse(api: QueryApi, access: Access, filled: Filled, folder: Path) -> Iterator[Measure]:
    """Lighthouse by npx, which is in no lock. Where it cannot be had that is said, and nothing measured."""
    token = access.tokens[tenant_number(filled.long)]
    headers = folder / "headers.json"
    headers.write_text(json.dumps(bearer(token)))
    for form in ("desktop", "mobile"):
        output = folder / f"lighthouse-{form}.json"
        command = [
            *("npx", "--yes", LIGHTHOUSE, f"{api.url}/?connection={filled.long.connection}"),
            *("--quiet", "--output=json", f"--output-path={output}", f"--extra-headers={headers}"),
            f"--only-categories={','.join(CATEGORIES)}",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
            *(["--preset=desktop"] if form == "desktop" else []),
        ]
        environment = os.environ | {"CHROME_PATH": chromium()}
        try:
            subprocess.run(
                command, check=True, env=environment, timeout=_LIGHTHOUSE_S, cwd=folder, capture_output=True
            )
        except (subprocess.SubprocessError, OSError) as error:
            detail = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()[-300:]
            print(f"  Lighthouse ({form}) did not run: {error} {detail}", flush=True)
            continue
        scores = json.loads(output.read_text())["categories"]
        for category, name in CATEGORIES.items():
            score = scores[category]["score"]
            if score is None:
                print(f"  Lighthouse ({form}) gives no score for {name}", flush=True)
                continue
            yield Measure(f"Lighthouse, {form}: {name}", 100 * score, "of 100", goal=95, bound="at least")

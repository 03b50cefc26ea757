"""What a page's main thread did while it started, from Chromium's trace. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]

LONG_TASK_MS = 50.0
"""What a task takes beyond this, the visitor may feel (Long Tasks, W3C)."""
TASK_NAMES = ("RunTask", "ThreadControllerImpl::RunTask")
"""Of a whole task, by the version of Chromium; the first that a trace has is meant."""


@dataclass(frozen=True)
class Start:
    """The start of one page. All in ms of the main thread's processor time."""

    busy_ms: float
    longest_ms: float
    blocking_ms: float
    """Of each task what is beyond 50 ms, added up."""


def start_of(events: Sequence[Event], url: str, span_ms: float) -> Start:
    """The first `span_ms` after the navigation to `url`.

    Raises:
        ValueError: the trace has no such navigation, or no task after it.
    """
    navigation = next((one for one in events if _begins(one, url)), None)
    if navigation is None:
        raise ValueError(f"the trace has no navigation to {url}")
    begin, end = navigation["ts"], navigation["ts"] + span_ms * 1_000
    thread = navigation["pid"], navigation["tid"]
    for name in TASK_NAMES:
        tasks = [
            # Where the platform has no thread time there is the wall's.
            (one["tdur"] if "tdur" in one else one["dur"]) / 1_000
            for one in events
            if one["name"] == name
            and one["ph"] == "X"
            and (one["pid"], one["tid"]) == thread
            and begin <= one["ts"] < end
        ]
        if tasks:
            return Start(sum(tasks), max(tasks), sum(max(0.0, task - LONG_TASK_MS) for task in tasks))
    raise ValueError(f"the trace has no task after the navigation to {url}")


def _begins(event: Event, url: str) -> bool:
    if event["name"] != "navigationStart":
        return False
    loaded: str = event.get("args", {}).get("data", {}).get("documentLoaderURL", "")
    return loaded == url

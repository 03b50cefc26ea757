"""What visitors did, as rrweb events, and what of it is friction: what the SQL is held to, told plainly."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from query_api.friction.thresholds import ClickThresholds

Kind = Literal["load", "move", "click", "mutate", "input", "mouse", "error", "warning", "blank"]
REACTIONS = ("load", "move", "mutate", "input")


@dataclass(frozen=True)
class Act:
    at: int
    """ms since the epoch."""
    kind: Kind
    url: str = ""
    node: int = 1
    x: int = 0
    y: int = 0

    def event(self) -> bytes:
        kind, data = self._typed()
        return json.dumps({"type": kind, "data": data, "timestamp": self.at}).encode()

    def _typed(self) -> tuple[int, dict[str, Any]]:
        match self.kind:
            case "load":
                return 4, {"href": self.url, "width": 800, "height": 600}
            case "move":
                return 5, {"tag": "url-change", "payload": {"href": self.url, "kind": "push"}}
            case "click":
                return 3, {"source": 2, "type": 2, "id": self.node, "x": self.x, "y": self.y}
            case "mutate":
                return 3, {"source": 0, "texts": [], "attributes": [], "removes": [], "adds": []}
            case "input":
                return 3, {"source": 5, "id": self.node, "text": "*", "isChecked": False}
            case "mouse":
                return 3, {"source": 1, "positions": []}
            case "error" | "warning":
                level = "error" if self.kind == "error" else "warn"
                return 6, {
                    "plugin": "rrweb/console@1",
                    "payload": {"level": level, "trace": [], "payload": []},
                }
            case "blank":
                # Of another plugin, with what an error has.
                return 6, {"plugin": "site/own@1", "payload": {"level": "error"}}


Window = list[Act]
"""In order."""


def came_to(windows: list[Window], text: str) -> bool:
    pages = [act.url for window in windows for act in window if act.kind in ("load", "move")]
    return any(text.lower() in url.lower() for url in pages)


def error(windows: list[Window]) -> bool:
    return any(act.kind == "error" for window in windows for act in window)


def rage_click(windows: list[Window], limits: ClickThresholds) -> bool:
    for window in windows:
        clicks = [act for act in window if act.kind == "click"]
        for n in range(len(clicks) - limits.rage_clicks + 1):
            some = clicks[n : n + limits.rage_clicks]
            close = all(
                abs(one.x - other.x) <= limits.rage_radius_px
                and abs(one.y - other.y) <= limits.rage_radius_px
                for one in some
                for other in some
            )
            if close and some[-1].at - some[0].at <= limits.rage_within_ms:
                return True
    return False


def dead_click(windows: list[Window], limits: ClickThresholds) -> bool:
    for window in windows:
        fields = {act.node for act in window if act.kind == "input"}
        for n, act in enumerate(window):
            if act.kind != "click" or act.node in fields:
                continue
            answers = [later.at for later in window[n + 1 :] if later.kind in REACTIONS]
            until = answers[0] if answers else window[-1].at
            if until - act.at > limits.dead_after_ms:
                return True
    return False

"""The HTML file that plays a session by itself: its text around the events. Pure.

Layout, which `playhead import` reads (deploy/playhead/importing/exported.py): each window's events stand
between two lines of their own, as lines of base64 of one gzip stream of one JSON array. Nothing recorded is
ever text of the page: base64 holds no `<`, so nothing in it can end the block that it is in.
"""

import base64
import hashlib
import html
import zlib
from dataclasses import dataclass

HTML = "text/html"
MARK = "playhead-export-1"
WINDOW_BEGINS = '<script type="application/gzip" data-playhead-window="{}">\n'
WINDOW_ENDS = "</script>\n"

_GZIP = 31
_LEVEL = 6


@dataclass(frozen=True)
class Player:
    """The built player: one script and one style sheet (dashboard/src/exported)."""

    script: str
    style: str

    @property
    def digest(self) -> str:
        return hashlib.sha256((self.script + self.style).encode()).hexdigest()[:16]


def policy(script: str) -> str:
    """The file's Content-Security-Policy: its own script runs and nothing else does; nobody is called.

    A recorded page lives in a script-less frame that inherits this. Its styles stand in it ('unsafe-inline').
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'sha256-{digest}'",
            "style-src 'unsafe-inline' data: blob:",
            "img-src data: blob:",
            "font-src data: blob:",
            "media-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def begin(player: Player, title: str, session: bytes) -> bytes:
    """Up to the first window.

    Args:
        title: for the browser's tab; any text.
        session: JSON, as GET /v1/sessions/{s} answers.
    """
    policy_text = html.escape(policy(script_text(player)))
    # Nothing in a style sheet needs what would end its element.
    style = player.style.replace("</", "<\\/")
    head = f"""<!doctype html>
<html lang="en" data-format="{MARK}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy_text}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>{html.escape(title)}</title>
<style>{style}</style>
</head>
<body>
<div id="root"></div>
<noscript>This recording needs JavaScript to play. Nothing leaves your machine.</noscript>
<script type="application/json" id="playhead-session">
"""
    return head.encode() + in_script(session) + b"\n</script>\n"


def begin_window(window_id: str) -> bytes:
    return WINDOW_BEGINS.format(html.escape(window_id)).encode()


def end_window() -> bytes:
    return WINDOW_ENDS.encode()


def end(player: Player) -> bytes:
    # Last, so that all it reads is there.
    return f"<script>{script_text(player)}</script>\n</body>\n</html>\n".encode()


def script_text(player: Player) -> str:
    """The script as it stands in the page: it must not end its own element. Both stand in strings only."""
    return player.script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def in_script(json: bytes) -> bytes:
    """JSON that says the same and holds nothing that HTML would read, nor a line break of JavaScript's."""
    return (
        json.replace(b"<", b"\\u003c")
        .replace(b">", b"\\u003e")
        .replace(b"&", b"\\u0026")
        .replace("\u2028".encode(), b"\\u2028")
        .replace("\u2029".encode(), b"\\u2029")
    )


class Packed:
    """Pieces of a window's JSON as lines, each base64 by itself, of one gzip stream."""

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)

    def add(self, piece: bytes) -> bytes:
        return _line(self._compressor.compress(piece))

    def end(self) -> bytes:
        return _line(self._compressor.flush())


def _line(packed: bytes) -> bytes:
    return base64.b64encode(packed) + b"\n" if packed else b""

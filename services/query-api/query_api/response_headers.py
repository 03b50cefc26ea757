"""Security headers of every answer, and the policy under which the dashboard may show a stranger's page."""

from typing import Literal

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API_POLICY = "default-src 'none'; frame-ancestors 'none'"

# What an answer has that says nothing else.
ALWAYS = {
    "Content-Security-Policy": API_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

RecordedResources = Literal["block", "allow"]


def dashboard_policy(recorded_resources: RecordedResources) -> str:
    """The Content-Security-Policy of the dashboard. A replay lives in a script-less iframe without an
    address, which inherits it; so it is also the most that a recorded page may do. The dashboard puts a
    narrower one on that frame (recorded-page/holdIn.ts), under which not even this server is asked.

    Nothing recorded ever runs code, submits, frames, opens a connection or moves the base. Its styles stand
    in the page itself ('unsafe-inline'). What it took from other hosts (pictures, fonts, media, and style
    sheets that the recorder was not allowed to read) is a choice: with `allow` the replay looks as the page
    did, and those hosts see a request without a referrer, or with the origin alone (Chromium, for what a
    style sheet loads); with `block` nobody is contacted, and such parts stay empty
    (docs/adr/0102-resources-of-recorded-sites.md).
    """
    elsewhere = "https: http: " if recorded_resources == "allow" else ""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "connect-src 'self'",
            f"style-src 'self' 'unsafe-inline' {elsewhere}data: blob:",
            f"img-src 'self' {elsewhere}data: blob:",
            f"font-src 'self' {elsewhere}data: blob:",
            f"media-src 'self' {elsewhere}data: blob:",
            "manifest-src 'self'",
            "frame-src 'none'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                for name, value in ALWAYS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/v1/"):
                    # What a tenant recorded is kept by nobody on the way unless a call says otherwise.
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)

"""Serves the built dashboard: its files, and its index for every path that is a place inside it.

Files under `assets/` were compressed when they were built: better than there is time for in a call.
"""

import asyncio
from hashlib import blake2s
from pathlib import Path, PurePosixPath

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from query_api.negotiation import content_coding
from query_api.problem_answers import answer
from query_api.problems import Reason, Refusal
from query_api.response_headers import RecordedResources, dashboard_policy

INDEX = "index.html"
API = "/v1"
RESOURCES_META = '<meta name="playhead-recorded-resources" content="block" />'
"""In the index, for the replay to say what is loaded."""

ASSETS = "assets/"
COMPRESSED = {"br": ".br", "gzip": ".gz"}
"""What the name of a compressed file ends with, by its coding; the smallest first (compress.mjs)."""


class Dashboard:
    """What a path that is no call leads to."""

    def __init__(self, folder: Path | None, recorded_resources: RecordedResources) -> None:
        self._folder = folder
        self._files = StaticFiles(directory=folder, check_dir=False) if folder is not None else None
        self._recorded_resources = recorded_resources
        self._policy = dashboard_policy(recorded_resources)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise HTTPException(404)
        response = await self._response(scope)
        await response(scope, receive, send)

    async def _response(self, scope: Scope) -> Response:
        path: str = scope["path"]
        if path == API or path.startswith(f"{API}/"):
            return answer(Refusal(Reason.UNKNOWN_PATH))
        if self._files is None:
            return answer(
                Refusal(Reason.UNKNOWN_PATH, "This server has no dashboard; the calls are under /v1.")
            )
        if scope["method"] not in ("GET", "HEAD"):
            return answer(Refusal(Reason.METHOD_NOT_ALLOWED), {"Allow": "GET, HEAD"})
        return await self._file(self._files, path.lstrip("/") or INDEX, scope)

    async def _file(self, files: StaticFiles, path: str, scope: Scope) -> Response:
        if path != INDEX:
            try:
                return self._headed(await _compressed(files, path, scope), path)
            except HTTPException as error:
                # A file that is missing is missing; anything else is a place that the dashboard itself knows.
                if error.status_code != 404 or PurePosixPath(path).suffix:
                    return answer(Refusal(Reason.UNKNOWN_PATH))
        return await self._index(scope)

    async def _index(self, scope: Scope) -> Response:
        text = None if self._folder is None else await asyncio.to_thread(_read, self._folder / INDEX)
        if text is None:
            return answer(Refusal(Reason.UNKNOWN_PATH, "The dashboard has not been built."))
        body = text.replace(
            RESOURCES_META, RESOURCES_META.replace("block", self._recorded_resources)
        ).encode()
        etag = f'"{blake2s(body, digest_size=12).hexdigest()}"'
        held = etag in (Headers(scope=scope).get("if-none-match") or "")
        response = Response(status_code=304) if held else HTMLResponse(body)
        response.headers["ETag"] = etag
        return self._headed(response, INDEX)

    def _headed(self, response: Response, path: str) -> Response:
        response.headers["Content-Security-Policy"] = self._policy
        # The links of a recorded page are not to be looked up before anybody follows one.
        response.headers["X-DNS-Prefetch-Control"] = "off"
        # Names under assets/ hold a hash of their content.
        kept = path.startswith(ASSETS)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return response


async def _compressed(files: StaticFiles, path: str, scope: Scope) -> Response:
    """The file as its caller likes it best, of what there is of it.

    Raises:
        HTTPException: there is no such file.
    """
    accepted = ",".join(Headers(scope=scope).getlist("accept-encoding"))
    coding = content_coding(accepted, COMPRESSED)
    if not path.startswith(ASSETS) or coding not in COMPRESSED:
        return await files.get_response(path, scope)
    try:
        response = await files.get_response(path + COMPRESSED[coding], scope)
    except HTTPException:
        return await files.get_response(path, scope)
    headers = MutableHeaders(raw=response.raw_headers)
    headers.add_vary_header("Accept-Encoding")
    if response.status_code != 304:
        headers["Content-Encoding"] = coding
    return response


def _read(file: Path) -> str | None:
    try:
        return file.read_text()
    except FileNotFoundError:
        return None

"""Serves the built dashboard: its files, and its index for every path that is a place inside it."""

from pathlib import Path, PurePosixPath
from typing import Literal

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from query_api.problem_answers import answer
from query_api.problems import Reason, Refusal
from query_api.response_headers import dashboard_policy

INDEX = "index.html"
API = "/v1"


class Dashboard:
    """What a path that is no call leads to."""

    def __init__(self, folder: Path | None, recorded_resources: Literal["allow", "block"]) -> None:
        self._files = StaticFiles(directory=folder, check_dir=False) if folder is not None else None
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
        try:
            response = await files.get_response(path, scope)
        except HTTPException as error:
            # A file that is missing is missing; anything else is a place that the dashboard itself knows.
            if error.status_code != 404 or (PurePosixPath(path).suffix and path != INDEX):
                return answer(Refusal(Reason.UNKNOWN_PATH))
            try:
                path, response = INDEX, await files.get_response(INDEX, scope)
            except HTTPException:
                return answer(Refusal(Reason.UNKNOWN_PATH, "The dashboard has not been built."))
        response.headers["Content-Security-Policy"] = self._policy
        # Names under assets/ hold a hash of their content.
        kept = path.startswith("assets/")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return response

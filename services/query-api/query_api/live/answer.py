"""How a live stream travels over HTTP: never held back, kept by nobody, cut off where nothing is taken."""

import asyncio

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from query_api import metrics
from query_api.live.messages import MEDIA_TYPE
from query_api.live.stream import LiveStream

HEADERS = {
    "Cache-Control": "no-store",
    # Proxies of nginx's kind else wait for a buffer to be full.
    "X-Accel-Buffering": "no",
}


class LiveResponse(StreamingResponse):
    def __init__(self, stream: LiveStream, stall_timeout_ms: int) -> None:
        super().__init__(aiter(stream), headers=HEADERS, media_type=MEDIA_TYPE)
        self._stream = stream
        self._stall_timeout_s = stall_timeout_ms / 1000

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def patient_send(message: Message) -> None:
            async with asyncio.timeout(self._stall_timeout_s):
                await send(message)

        try:
            await super().__call__(scope, receive, patient_send)
        finally:
            await self._stream.aclose()

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        except TimeoutError:
            metrics.LIVE_STALLED.inc()
            raise

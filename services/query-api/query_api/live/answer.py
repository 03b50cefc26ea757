"""How a live stream travels over HTTP: never held back, kept by nobody, cut off where nothing is taken."""

from starlette.types import Send

from query_api import metrics
from query_api.live.messages import MEDIA_TYPE
from query_api.live.stream import LiveStream
from query_api.patient_response import PatientResponse

HEADERS = {
    "Cache-Control": "no-store",
    # Proxies of nginx's kind else wait for a buffer to be full.
    "X-Accel-Buffering": "no",
}


class LiveResponse(PatientResponse):
    def __init__(self, stream: LiveStream, stall_timeout_ms: int) -> None:
        super().__init__(stream, HEADERS, MEDIA_TYPE, stall_timeout_ms)

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        except TimeoutError:
            metrics.LIVE_STALLED.inc()
            raise

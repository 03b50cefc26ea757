"""An answer in pieces that gives up on a client that takes nothing, and lets go of what it reads from."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send


class Pieces(Protocol):
    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None: ...


class PatientResponse(StreamingResponse):
    """`stream_response` raises TimeoutError where a piece was not taken in time."""

    def __init__(
        self, pieces: Pieces, headers: Mapping[str, str], media_type: str, stall_timeout_ms: int
    ) -> None:
        super().__init__(aiter(pieces), headers=headers, media_type=media_type)
        self._pieces = pieces
        self._stall_timeout_s = stall_timeout_ms / 1000

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def patient_send(message: Message) -> None:
            async with asyncio.timeout(self._stall_timeout_s):
                await send(message)

        try:
            await super().__call__(scope, receive, patient_send)
        finally:
            await self._pieces.aclose()

"""A request's body: received whole before anything is asked of the engine, so that a slow client holds no
turn and a truncated one writes nothing. Small ones stay in memory, the rest goes to an unnamed file.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from starlette.requests import Request

from playhead.clickhouse.codecs import decompressed
from playhead.clickhouse.errors import CANNOT_READ_ALL_DATA, TOO_MANY_BYTES, refused

IN_MEMORY_BYTES = 16 << 20
_CHUNK_BYTES = 1 << 20


class Body:
    def __init__(self, file: IO[bytes], size: int, encoding: str):
        self._file = file
        self._encoding = encoding
        self.size = size
        """Bytes as they arrived."""

    def decoded(self, limit_bytes: int) -> Iterator[bytes]:
        """The body from its start, decompressed, in pieces.

        Raises:
            QueryError: as `codecs.decompressed`.
        """
        self._file.seek(0)
        chunks = iter(lambda: self._file.read(_CHUNK_BYTES), b"")
        if not self._encoding or self._encoding == "identity":
            return chunks
        return decompressed(self._encoding, chunks, limit_bytes)

    def close(self) -> None:
        self._file.close()


async def receive(request: Request, spool_dir: Path, limit_bytes: int, timeout_ms: int) -> Body:
    """Read a request's body.

    Raises:
        QueryError: it is over the limit, or nothing came for `timeout_ms`.
        ClientDisconnect: the client left.
    """
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES, dir=str(spool_dir))  # noqa: SIM115
    try:
        size = 0
        chunks = aiter(request.stream())
        while True:
            try:
                async with asyncio.timeout(timeout_ms / 1000):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                break
            except TimeoutError:
                raise refused(CANNOT_READ_ALL_DATA, f"The client sent nothing for {timeout_ms} ms.") from None
            size += len(chunk)
            if size > limit_bytes:
                raise refused(  # noqa: TRY301
                    TOO_MANY_BYTES, f"The request's body is over {limit_bytes} bytes."
                )
            file.write(chunk)
    except BaseException:
        file.close()
        raise
    return Body(file, size, request.headers.get("content-encoding", "").lower())

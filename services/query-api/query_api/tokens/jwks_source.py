"""Where the JWKS document is: behind a URL, or in a file."""

import asyncio
from pathlib import Path

import aiohttp

from query_api.tokens.jwks import Source

MAX_BYTES = 1 << 20
"""A document beyond this is none."""


def from_file(path: Path) -> Source:
    async def read() -> bytes:
        return await asyncio.to_thread(path.read_bytes)

    return read


def from_url(url: str, timeout_ms: int) -> Source:
    """The whole answer within `timeout_ms`. A redirect is refused: the keys say who may come in here, so they
    come from the address in the settings and from no other."""

    async def fetch() -> bytes:
        timeout = aiohttp.ClientTimeout(total=timeout_ms / 1000)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, allow_redirects=False, headers={"Accept": "application/json"}) as answer,
        ):
            if answer.status != 200:
                raise ValueError(f"the answer has the status {answer.status}")
            body = bytearray()
            async for chunk in answer.content.iter_chunked(64 * 1024):
                body += chunk
                if len(body) > MAX_BYTES:
                    raise ValueError(f"the answer is larger than {MAX_BYTES} bytes")
            return bytes(body)

    return fetch

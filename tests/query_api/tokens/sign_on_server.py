"""A sign-on's JWKS endpoint over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.query_api.tokens.signer import Signer, document


class SignOnServer:
    def __init__(self) -> None:
        self.url = ""
        self.content = document()
        self.status = 200
        self.headers: dict[str, str] = {}
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    def publish(self, *signers: Signer) -> None:
        self.content = document(*(signer.jwk() for signer in signers))

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        await self.may_answer.wait()
        return web.Response(body=self.content, status=self.status, headers=self.headers)


@asynccontextmanager
async def serving() -> AsyncIterator[SignOnServer]:
    server = SignOnServer()
    app = web.Application()
    app.router.add_get("/jwks", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        server.url = f"http://{host}:{port}/jwks"
        yield server
    finally:
        server.may_answer.set()
        await runner.cleanup()

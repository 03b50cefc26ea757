"""uvicorn's server, which stops in order: not ready, no new sockets, then what is at work ends.

A load balancer learns of a stop from readiness, some seconds late. Until then its requests are taken.
"""

import asyncio
import socket

import uvicorn

from collector.official_client.open_sockets import OpenSockets


class Stop:
    """Whether the process is being stopped; readiness tells it."""

    def __init__(self) -> None:
        self.begun = False


class Server(uvicorn.Server):
    """
    Args:
        delay_s: from the signal, when readiness goes off, to the last request that is taken.
        patience_s: for the official client's sockets to have what they were sent in the log.
    """

    def __init__(
        self, config: uvicorn.Config, stop: Stop, delay_s: float, open_sockets: OpenSockets, patience_s: int
    ):
        super().__init__(config)
        self._stop = stop
        self._delay_s = delay_s
        self._open_sockets = open_sockets
        self._patience_s = patience_s
        self._stop_at_s: float | None = None

    async def on_tick(self, counter: int) -> bool:
        """uvicorn asks ten times a second whether to stop."""
        if not await super().on_tick(counter):
            return False
        now_s = asyncio.get_running_loop().time()
        if self._stop_at_s is None:
            self._stop.begun = True
            self._stop_at_s = now_s + self._delay_s
        return self.force_exit or now_s >= self._stop_at_s

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does it, which would cut the sockets: so those end first."""
        for server in self.servers:
            server.close()
        await self._open_sockets.stop(self._patience_s)
        await super().shutdown(sockets)

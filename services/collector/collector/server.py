"""uvicorn's server, which stops in order: not ready any more, then no new sockets, then what is at work ends.

A load balancer learns of a stop from readiness, some seconds late. Until then its requests are taken.
"""

import asyncio

import uvicorn


class Stop:
    """Whether the process is being stopped; readiness tells it."""

    def __init__(self) -> None:
        self.begun = False


class Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, stop: Stop, delay_s: float):
        super().__init__(config)
        self._stop = stop
        self._delay_s = delay_s
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

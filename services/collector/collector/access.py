"""The access log: every refusal, and one of so many accepted requests.

A line has no key, no payload and no address of a visitor.
"""

import structlog

log = structlog.get_logger(__name__)


class AccessLog:
    def __init__(self, one_in: int = 0):
        self.one_in = one_in
        """Of so many accepted requests one has a line; 0 for none."""
        self._accepted = 0

    def accepted(self, status: int, took_ms: float) -> None:
        self._accepted += 1
        if self.one_in and self._accepted % self.one_in == 0:
            log.info(
                "request", outcome="accepted", status=status, took_ms=round(took_ms, 1), one_in=self.one_in
            )

    def refused(self, reason: str, status: int, took_ms: float, detail: str) -> None:
        """`detail` is that of the refusal, which never holds payload."""
        log.info("request", outcome=reason, status=status, took_ms=round(took_ms, 1), detail=detail)


ACCESS = AccessLog()
"""The process's; set up by `app`, as logging is by `logs`."""

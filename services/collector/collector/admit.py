"""Who may send, and how much at a time: the connection's rules, and the bytes in flight.

Pure but for the one counter. Knows connections and parameters, nothing of HTTP.
"""

from collector.parameters import Parameters
from collector.problems import Reason, Refused
from schemas.connection import Connection


def check_sender(connection: Connection, parameters: Parameters, origin: str | None) -> None:
    """Hold a batch against its connection's settings. `origin` is the request's Origin header.

    Raises:
        Refused: connection_paused, origin_not_allowed or consent_missing.
    """
    if connection.paused:
        raise Refused(Reason.connection_paused, "the connection is paused")
    if connection.allowed_origins and origin not in connection.allowed_origins:
        raise Refused(Reason.origin_not_allowed, "the Origin of the request is not one of the connection's")
    if connection.consent_required and not parameters.consent:
        raise Refused(Reason.consent_missing, "consent=1 is needed")


class BytesInFlight:
    """Bodies that are being read and records that the broker has not acknowledged, in bytes.

    A record counts until the broker or the producer is done with it, even when its request was answered
    long before: that is what memory is held for.
    """

    def __init__(self, most_bytes: int):
        self._most_bytes = most_bytes
        self.now_bytes = 0

    def take(self, count: int) -> None:
        """Count bytes in.

        Raises:
            Refused: overloaded, where they would go over the limit; none is counted then.
        """
        if self.now_bytes + count > self._most_bytes:
            raise Refused(Reason.overloaded, "too many bytes wait for the broker or are being received")
        self.now_bytes += count

    def give_back(self, count: int) -> None:
        self.now_bytes -= count

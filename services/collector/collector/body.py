"""Read a request's body: not longer than it may be, not slower than it may come.

Knows ASGI and the bytes in flight; takes the bytes as they are.
"""

from starlette.types import Receive

from collector.admit import BytesInFlight
from collector.problems import Reason, Refused
from collector.within import within


class ClientGone(Exception):  # noqa: N818 - not an error of the program
    """The client closed the connection before its body was whole. There is nobody to answer."""


async def read_body(
    receive: Receive, declared: bytes | None, max_bytes: int, timeout_s: float, in_flight: BytesInFlight
) -> bytes:
    """The whole body. Its bytes are taken from `in_flight`; on success the caller gives them back.

    Args:
        declared: the Content-Length header, where there is one.

    Raises:
        Refused: batch_too_large, slow_body or overloaded.
        ClientGone: the body ended early.
    """
    if declared is not None and declared.isdigit() and int(declared[:20]) > max_bytes:
        raise Refused(
            Reason.batch_too_large, f"the body is {int(declared[:20])} bytes, at most {max_bytes} are taken"
        )
    taken: list[bytes] = []
    try:
        await within(timeout_s, _read(receive, max_bytes, in_flight, taken))
    except BaseException as error:
        in_flight.give_back(sum(map(len, taken)))
        if isinstance(error, TimeoutError):
            raise Refused(Reason.slow_body, f"the body was not whole after {timeout_s:g} s") from None
        raise
    return taken[0] if len(taken) == 1 else b"".join(taken)


async def _read(receive: Receive, max_bytes: int, in_flight: BytesInFlight, taken: list[bytes]) -> None:
    """Append the body's parts to `taken`; only those that are counted in `in_flight`."""
    total = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part: bytes = message.get("body", b"")
        total += len(part)
        if total > max_bytes:
            raise Refused(Reason.batch_too_large, f"the body is over {max_bytes} bytes")
        in_flight.take(len(part))
        taken.append(part)
        if not message.get("more_body", False):
            return

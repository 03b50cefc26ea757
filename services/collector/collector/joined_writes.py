"""An answer's head goes out with what follows it: one write to the socket and not two.

uvicorn writes an answer's head by itself, and uvloop hands every write to the kernel at once, which costs
more than all that made the head. Knows the transport; of HTTP only the line that is not part of an answer.
"""

import asyncio

_GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


class JoinedWrites:
    """A transport, as one answer after another is written to it."""

    __slots__ = ("_head", "_head_is_out", "_transport")

    def __init__(self, transport: asyncio.Transport):
        self._transport = transport
        self._head = b""
        self._head_is_out = False

    def write(self, data: bytes) -> None:
        """The first of an answer is kept until the next, which may be empty."""
        if self._head_is_out or data == _GO_ON:
            self._transport.write(data)
        elif self._head:
            self._head_is_out = True
            self._transport.write(self._head + data)
        else:
            self._head = data

    def end(self) -> None:
        """The answer is whole. What is kept goes out: to a HEAD nothing follows the head."""
        if self._head and not self._head_is_out:
            self._transport.write(self._head)
        self._head = b""
        self._head_is_out = False

    def close(self) -> None:
        self.end()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

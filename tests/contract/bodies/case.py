"""One hostile or odd request, and what must come back."""

from collections.abc import Callable
from dataclasses import dataclass, field

ACCEPTED = "accepted"


@dataclass(frozen=True)
class Case:
    name: str
    expected: str
    """`accepted`, or the name of the reason."""
    make: Callable[[], bytes]
    """The body. Made when it is sent: some are large."""
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str | None] = field(default_factory=dict)
    """Beside the usual parameters; None leaves one out."""
    index: int | None = None
    """Of the event that is named as invalid."""


def case(
    name: str,
    expected: str,
    body: bytes | Callable[[], bytes],
    *,
    encoding: str | None = None,
    index: int | None = None,
    headers: dict[str, str] | None = None,
    encoding_parameter: str | None = None,
    **query: str | None,
) -> Case:
    """`encoding` is the Content-Encoding header, `encoding_parameter` what the query says."""
    if encoding_parameter is not None:
        query["encoding"] = encoding_parameter
    sent = {**(headers or {}), **({} if encoding is None else {"content-encoding": encoding})}
    return Case(name, expected, body if callable(body) else lambda: body, sent, query, index)

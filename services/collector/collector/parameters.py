"""The query of `POST /v1/batches`: what the client says about a batch beside its events.

Pure. The rules are the table of section 4 of design.md.
"""

import re
from urllib.parse import parse_qsl

import msgspec

from collector.problems import Reason, Refused
from schemas.connection import VISITOR_OR_WINDOW
from schemas.envelope import Encoding
from schemas.rrweb_event import LATEST_AT

SEQ_MAX = 2**53 - 1
"""The largest whole number that a browser counts to exactly."""
_WHOLE = re.compile(r"[0-9]{1,16}")

_ENCODINGS: dict[str, Encoding] = {
    "": "identity",
    "identity": "identity",
    "gzip": "gzip",
    "x-gzip": "gzip",
    "deflate": "deflate",
    "zstd": "zstd",
}
_MEDIA_TYPES = frozenset({"", "application/json", "application/x-ndjson", "text/plain"})


class Parameters(msgspec.Struct, frozen=True, gc=False):
    key: str
    visitor: str
    window: str
    seq: int | None
    sent_at: int | None
    """ms since the epoch, the visitor's clock."""
    final: bool
    consent: bool
    encoding: str
    """Where a beacon cannot set Content-Encoding; '' where not given."""


def read_query(query: bytes) -> dict[str, str]:
    """The parameters of a query string; of one given twice, the last."""
    text = query.decode("latin-1")
    if "%" in text or "+" in text:
        return dict(parse_qsl(text, keep_blank_values=True))
    return dict([pair.partition("=")[::2] for pair in text.split("&") if pair])


def parse(query: bytes) -> Parameters:
    """Read and check the query string. Parameters that are not ours are passed over.

    Raises:
        Refused: unknown_key (none is given) or bad_parameter.
    """
    given = read_query(query)
    key = given.get("key")
    if not key:
        raise Refused(Reason.unknown_key, "key: no write key is given")
    return Parameters(
        key=key,
        visitor=_name(given, "visitor"),
        window=_name(given, "window"),
        seq=_whole(given, "seq", SEQ_MAX),
        sent_at=_whole(given, "sent_at", LATEST_AT),
        final=flag(given, "final"),
        consent=flag(given, "consent"),
        encoding=given.get("encoding", ""),
    )


def _name(given: dict[str, str], name: str) -> str:
    value = given.get(name, "")
    if not VISITOR_OR_WINDOW.fullmatch(value):
        raise Refused(Reason.bad_parameter, f"{name}: 1 to 64 of A-Z a-z 0-9 _ - are needed")
    return value


def _whole(given: dict[str, str], name: str, most: int) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    if not _WHOLE.fullmatch(value) or (number := int(value)) > most:
        raise Refused(Reason.bad_parameter, f"{name}: a whole number from 0 to {most} is needed")
    return number


def flag(given: dict[str, str], name: str) -> bool:
    """Whether a parameter is 1; it may be 0 or absent.

    Raises:
        Refused: bad_parameter.
    """
    value = given.get(name, "0")
    if value not in ("0", "1"):
        raise Refused(Reason.bad_parameter, f"{name}: 1 or nothing is needed")
    return value == "1"


def content_encoding(header: bytes, parameter: str) -> Encoding:
    """How the body is compressed: the header where there is one, else the parameter `encoding`.

    Raises:
        Refused: unsupported_encoding.
    """
    name = header.decode("latin-1").strip().lower() or parameter
    encoding = _ENCODINGS.get(name)
    if encoding is None:
        raise Refused(
            Reason.unsupported_encoding, "the encodings are identity, gzip, deflate and zstd, one of them"
        )
    return encoding


def check_media_type(header: bytes) -> None:
    """The form of a body is seen from itself, so the type only has to be one of those we take, or absent.

    Raises:
        Refused: unsupported_encoding.
    """
    if header.decode("latin-1").partition(";")[0].strip().lower() not in _MEDIA_TYPES:
        raise Refused(
            Reason.unsupported_encoding, "the types are application/json, application/x-ndjson and text/plain"
        )

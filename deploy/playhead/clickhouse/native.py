"""The Native format in the form that `client_protocol_version` asks for. Pure.

The engine writes Native as files have it (revision 0). Drivers of ClickHouse's own protocol, and with them
Grafana's data source, read the form of the TCP protocol: each block begins with its info, and each column
says whether its values are serialised in a way of their own (they are not). To put those bytes in, one must
know where a column ends.
"""

import re
import struct
from collections.abc import Callable
from typing import Final, NamedTuple

from playhead.clickhouse.errors import NOT_IMPLEMENTED, refused

BLOCK_INFO_SINCE: Final = 51903
CUSTOM_SERIALIZATION_SINCE: Final = 54454

# Field 1: is it of the rows over a limit, no; field 2: bucket of a two-level aggregation, none; end.
_BLOCK_INFO: Final = b"\x01\x00\x02\xff\xff\xff\xff\x00"

_FIXED: Final = {
    1: "Int8 UInt8 Bool Enum8 Nothing",
    2: "Int16 UInt16 Enum16 Date BFloat16",
    4: "Int32 UInt32 Float32 Date32 DateTime Time IPv4 Decimal32",
    8: "Int64 UInt64 Float64 DateTime64 Time64 Decimal64",
    16: "Int128 UInt128 UUID IPv6 Decimal128",
    32: "Int256 UInt256 Decimal256",
}
_WIDTHS: Final = {name: width for width, names in _FIXED.items() for name in names.split()}
# Bytes by the most decimal digits they hold.
_DECIMALS: Final = ((4, 9), (8, 18), (16, 38), (32, 76))
_ALIASES: Final = {
    "Point": "Tuple(Float64, Float64)",
    "Ring": "Array(Tuple(Float64, Float64))",
    "LineString": "Array(Tuple(Float64, Float64))",
    "Polygon": "Array(Array(Tuple(Float64, Float64)))",
    "MultiLineString": "Array(Array(Tuple(Float64, Float64)))",
    "MultiPolygon": "Array(Array(Array(Tuple(Float64, Float64))))",
}
_ELEMENT_NAME: Final = re.compile(r"(?:\w+|`(?:[^`\\]|\\.)*`) (?=[A-Z])")


class Type(NamedTuple):
    name: str
    arguments: tuple[str, ...]


def parsed(text: str) -> Type:
    """`Array(Nullable(Int8))` as its name and the texts of its arguments."""
    name, _, rest = text.partition("(")
    if not rest:
        return Type(name, ())
    arguments = [""]
    depth = 0
    for piece in re.findall(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[(),]|[^'`(),]+", rest[:-1]):
        depth += (piece == "(") - (piece == ")")
        if piece == "," and depth == 0:
            arguments.append("")
        else:
            arguments[-1] += piece
    return Type(name, tuple(argument.strip() for argument in arguments))


def framed(blocks: bytes, revision: int) -> bytes:
    """Native blocks of revision 0 in the form of a client's revision.

    Raises:
        QueryError: NOT_IMPLEMENTED, for a column whose end cannot be told (JSON, Variant, aggregate states).
    """
    if revision < BLOCK_INFO_SINCE:
        return blocks
    reader = _Reader(blocks)
    out = bytearray()
    while reader.at < len(blocks):
        out += _BLOCK_INFO
        start = reader.at
        columns = reader.number()
        rows = reader.number()
        out += blocks[start : reader.at]
        for _ in range(columns):
            start = reader.at
            reader.skip(reader.number())
            text = reader.text()
            out += blocks[start : reader.at]
            if revision >= CUSTOM_SERIALIZATION_SINCE:
                out.append(0)
            start = reader.at
            if rows:
                reader.column(text, rows)
            out += blocks[start : reader.at]
    return bytes(out)


class _Reader:
    def __init__(self, data: bytes):
        self._data = data
        self.at = 0

    def number(self) -> int:
        value = shift = 0
        while True:
            byte = self._data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def skip(self, size: int) -> None:
        self.at += size

    def text(self) -> str:
        size = self.number()
        self.at += size
        return self._data[self.at - size : self.at].decode()

    def _uint64(self) -> int:
        self.at += 8
        value: int = struct.unpack_from("<Q", self._data, self.at - 8)[0]
        return value

    def column(self, text: str, rows: int) -> None:
        """Pass a column's values: first the prefixes of its parts, then the parts."""
        self._prefix(text)
        self._values(text, rows)

    def _prefix(self, text: str) -> None:
        kind = parsed(_ALIASES.get(text, text))
        if kind.name == "LowCardinality":
            self.skip(8)
            return
        for part in _parts(kind):
            self._prefix(part)

    def _values(self, text: str, rows: int) -> None:
        kind = parsed(_ALIASES.get(text, text))
        passing: Callable[[Type, int], None] | None = getattr(self, f"_{kind.name.lower()}", None)
        if kind.name in _WIDTHS:
            self.skip(_WIDTHS[kind.name] * rows)
        elif kind.name.startswith("Interval"):
            self.skip(8 * rows)
        elif passing is not None:
            passing(kind, rows)
        else:
            raise refused(
                NOT_IMPLEMENTED,
                f"Columns of type {text} are not supported in Native with client_protocol_version, "
                "cast them to String",
            )

    def _string(self, _: Type, rows: int) -> None:
        for _row in range(rows):
            size = self.number()
            self.at += size

    def _fixedstring(self, kind: Type, rows: int) -> None:
        self.skip(int(kind.arguments[0]) * rows)

    def _decimal(self, kind: Type, rows: int) -> None:
        digits = int(kind.arguments[0])
        self.skip(rows * next(width for width, most in _DECIMALS if digits <= most))

    def _nullable(self, kind: Type, rows: int) -> None:
        self.skip(rows)
        self._values(kind.arguments[0], rows)

    def _array(self, kind: Type, rows: int) -> None:
        self.skip(8 * (rows - 1))
        total = self._uint64()
        for part in _parts(kind):
            if total:
                self._values(part, total)

    _map = _array
    _nested = _array

    def _tuple(self, kind: Type, rows: int) -> None:
        for part in _parts(kind):
            self._values(part, rows)

    def _simpleaggregatefunction(self, kind: Type, rows: int) -> None:
        self._values(kind.arguments[1], rows)

    def _lowcardinality(self, kind: Type, rows: int) -> None:
        index_width = 1 << (self._uint64() & 0xFF)
        keys = self._uint64()
        inner = parsed(kind.arguments[0])
        self._values(inner.arguments[0] if inner.name == "Nullable" else kind.arguments[0], keys)
        if self._uint64() != rows:
            raise refused(NOT_IMPLEMENTED, "A LowCardinality column in several parts is not supported")
        self.skip(index_width * rows)


def _parts(kind: Type) -> tuple[str, ...]:
    """The types whose values a value of this type consists of."""
    match kind.name:
        case "Array" | "Nullable" | "Map":
            return kind.arguments
        case "Tuple" | "Nested":
            return tuple(_ELEMENT_NAME.sub("", argument, count=1) for argument in kind.arguments)
        case "SimpleAggregateFunction":
            return kind.arguments[1:2]
    return ()

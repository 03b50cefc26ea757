"""Rows in ClickHouse's RowBinary, for the column types that our tables have.

A writer is made from the types as the tables' DDL spells them, so that a table's columns are declared once
and compared with `DESCRIBE TABLE` by a test. Knows types, not tables. Writes pieces, so that a payload of
megabytes is copied once, when an insert is put together.
"""

import re
import struct
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

Pieces = list[bytes]
Encode = Callable[[Any, Pieces], None]

_FIXED = {
    "Int64": "<q",
    "UInt8": "<B",
    "UInt16": "<H",
    "UInt32": "<I",
    "UInt64": "<Q",
    "Date": "<H",
}


class Unwritable(ValueError):  # noqa: N818
    """A value that its column cannot hold, or a type that this writer does not know."""


def row_writer(types: Sequence[str]) -> Callable[[Sequence[Any]], Pieces]:
    """A function that writes one row, as pieces to be joined.

    Values: String and LowCardinality(String) take str or bytes; UUID takes `uuid.UUID`; DateTime64(3) takes
    ms and Date takes days since the epoch; Enum8 takes a name; Nullable takes None.

    Raises (the function): Unwritable, where a value does not fit its column.
    """
    encoders = [_encoder(each) for each in types]
    expected = len(encoders)

    def write(row: Sequence[Any]) -> Pieces:
        if len(row) != expected:
            raise Unwritable(f"{len(row)} values for {expected} columns")
        out: Pieces = []
        try:
            for encode, value in zip(encoders, row, strict=True):
                encode(value, out)
        except (struct.error, TypeError, UnicodeEncodeError, AttributeError, KeyError) as error:
            raise Unwritable(str(error)) from error
        return out

    return write


def _encoder(type_: str) -> Encode:
    if type_ in _FIXED:
        return _packed(_FIXED[type_])
    if type_ == "String":
        return _string
    if type_ == "Bool":
        return _packed("<?")
    if type_ == "UUID":
        return _uuid
    name, _, arguments = type_.partition("(")
    inner = arguments.removesuffix(")")
    match name:
        case "DateTime64":
            return _packed("<q")
        case "LowCardinality":
            return _encoder(inner)
        case "FixedString":
            return _fixed_string(int(inner))
        case "Nullable":
            return _nullable(_encoder(inner))
        case "Array":
            return _array(_encoder(inner))
        case "Enum8":
            return _enum(inner)
    raise Unwritable(f"no column of type {type_}")


def _length(n: int) -> bytes:
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def _packed(form: str) -> Encode:
    pack = struct.Struct(form).pack

    def encode(value: Any, out: Pieces) -> None:
        out.append(pack(value))

    return encode


def _string(value: str | bytes, out: Pieces) -> None:
    data = value.encode() if isinstance(value, str) else value
    out.append(_length(len(data)))
    out.append(data)


def _uuid(value: UUID, out: Pieces) -> None:
    out.append(value.bytes[7::-1] + value.bytes[:7:-1])


def _fixed_string(size: int) -> Encode:
    def encode(value: bytes, out: Pieces) -> None:
        if len(value) != size:
            raise Unwritable(f"{len(value)} bytes in a FixedString({size})")
        out.append(value)

    return encode


def _nullable(inner: Encode) -> Encode:
    def encode(value: Any, out: Pieces) -> None:
        if value is None:
            out.append(b"\x01")
        else:
            out.append(b"\x00")
            inner(value, out)

    return encode


def _array(inner: Encode) -> Encode:
    def encode(value: Sequence[Any], out: Pieces) -> None:
        out.append(_length(len(value)))
        for each in value:
            inner(each, out)

    return encode


def _enum(declared: str) -> Encode:
    numbers = {name: struct.pack("<b", int(n)) for name, n in re.findall(r"'([^']*)' = (-?\d+)", declared)}

    def encode(value: str, out: Pieces) -> None:
        out.append(numbers[value])

    return encode

"""Rows in ClickHouse's RowBinary, for the column types that our tables have.

A writer is made from the types as the tables' DDL spells them, so that a table's columns are declared once
and compared with `DESCRIBE TABLE` by a test. Knows types, not tables. Writes pieces, so that a payload of
megabytes is copied once, when an insert is put together.
"""

import re
import struct
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

Pieces = list[bytes]
Encode = Callable[[Any, Pieces], None]

_CODES = {
    "Int64": "q",
    "UInt8": "B",
    "UInt16": "H",
    "UInt32": "I",
    "UInt64": "Q",
    "Date": "H",
    "Bool": "?",
}
"""Types of a fixed size, by the codes of `struct`."""
_SHORT = [bytes((n,)) for n in range(0x80)]
UUID_BYTES = 16


class Unwritable(ValueError):  # noqa: N818
    """A value that its column cannot hold, or a type that this writer does not know."""


def row_writer(types: Sequence[str]) -> Callable[[Sequence[Any]], Pieces]:
    """A function that writes one row, as pieces to be joined.

    Values: String and LowCardinality(String) take str or bytes; UUID takes its 16 bytes; DateTime64(3) takes
    ms and Date takes days since the epoch; Enum8 takes a name; Nullable takes None.

    Raises (the function): Unwritable, where a value does not fit its column.
    """
    expected = len(types)
    encoders: list[tuple[slice, Encode] | tuple[int, Encode]] = []
    at = 0
    for is_fixed, run in groupby(types, key=lambda type_: _code(type_) is not None):
        names = list(run)
        if is_fixed:
            # Columns of a fixed size that stand side by side are one piece.
            encoders.append((slice(at, at + len(names)), _packed_run(names)))
        else:
            encoders.extend((at + n, _encoder(name)) for n, name in enumerate(names))
        at += len(names)

    def write(row: Sequence[Any]) -> Pieces:
        if len(row) != expected:
            raise Unwritable(f"{len(row)} values for {expected} columns")
        out: Pieces = []
        try:
            for where, encode in encoders:
                encode(row[where], out)
        except (struct.error, TypeError, UnicodeEncodeError, AttributeError, KeyError) as error:
            raise Unwritable(str(error)) from error
        return out

    return write


def _code(type_: str) -> str | None:
    """Of a type of a fixed size, else None."""
    return "q" if type_.startswith("DateTime64(") else _CODES.get(type_)


def _encoder(type_: str) -> Encode:
    code = _code(type_)
    if code is not None:
        return _packed(code)
    if type_ == "String":
        return _string
    if type_ == "UUID":
        return _uuid
    name, _, arguments = type_.partition("(")
    inner = arguments.removesuffix(")")
    match name:
        case "LowCardinality":
            return _encoder(inner)
        case "FixedString":
            return _fixed_string(int(inner))
        case "Nullable":
            return _nullable(_encoder(inner))
        case "Array":
            inner_code = _code(inner)
            return _array(_encoder(inner)) if inner_code is None else _packed_array(inner_code)
        case "Enum8":
            return _enum(inner)
    raise Unwritable(f"no column of type {type_}")


def _length(n: int) -> bytes:
    if n < 0x80:
        return _SHORT[n]
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def _packed(code: str) -> Encode:
    pack = struct.Struct(f"<{code}").pack

    def encode(value: Any, out: Pieces) -> None:
        out.append(pack(value))

    return encode


def _packed_run(types: Sequence[str]) -> Encode:
    pack = struct.Struct("<" + "".join(_code(type_) or "" for type_ in types)).pack

    def encode(values: Sequence[Any], out: Pieces) -> None:
        out.append(pack(*values))

    return encode


def _packed_array(code: str) -> Encode:
    one = struct.Struct(f"<B{code}").pack

    def encode(values: Sequence[Any], out: Pieces) -> None:
        if len(values) == 1:
            out.append(one(1, values[0]))
        else:
            out.append(_length(len(values)) + struct.pack(f"<{len(values)}{code}", *values))

    return encode


def _string(value: str | bytes, out: Pieces) -> None:
    data = value.encode() if isinstance(value, str) else value
    n = len(data)
    out.append(_SHORT[n] if n < 0x80 else _length(n))
    out.append(data)


def _uuid(value: bytes, out: Pieces) -> None:
    if len(value) != UUID_BYTES:
        raise Unwritable(f"{len(value)} bytes in a UUID")
    out.append(value[7::-1] + value[:7:-1])


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

"""Good bodies with headers or parameters that are wrong or odd."""

from collections.abc import Iterator

from tests.contract.bodies.case import ACCEPTED, Case, case
from tests.contract.bodies.compressed import gzipped
from tests.contract.bodies.texts import BATCH

BAD = "bad_parameter"


def all_said() -> Iterator[Case]:
    yield from headers()
    yield from parameters()


def headers() -> Iterator[Case]:
    for name in ("br", "compress", "gzip, gzip", "gzip,br", "identity, gzip", "gzip;q=1", "*", "GZIPP", "gz"):
        yield case(f"content-encoding-{name}", "unsupported_encoding", gzipped(BATCH), encoding=name)
    for name in ("GZIP", "x-gzip", "X-Gzip"):
        yield case(f"content-encoding-{name}", ACCEPTED, gzipped(BATCH), encoding=name)
    for name in (
        "text/html",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "application/json, text/plain",
        "application/octet-stream",
        "json",
    ):
        yield case(f"content-type-{name}", "unsupported_encoding", BATCH, headers={"content-type": name})
    for name in ("Application/JSON", "text/plain;charset=UTF-8", "application/json ; charset=latin-1", ""):
        yield case(f"content-type-{name}", ACCEPTED, BATCH, headers={"content-type": name})


def parameters() -> Iterator[Case]:
    for name in ("visitor", "window"):
        for what, value in {
            "missing": None,
            "empty": "",
            "65-characters": "a" * 65,
            "space": "a b",
            "slash": "a/b",
            "dots": "..",
            "zero-byte": "a\x00",
            "line-break": "a\n",
            "not-ascii": "ä",
            "emoji": "😀",
            "sql": "a'--",
            "script": "<script>",
        }.items():
            yield case(f"{name}-{what}", BAD, BATCH, **{name: value})
        yield case(f"{name}-64-characters", ACCEPTED, BATCH, **{name: "a" * 64})
    for name in ("seq", "sent_at"):
        for what, value in {
            "empty": "",
            "negative": "-1",
            "fraction": "1.5",
            "exponent": "1e3",
            "plus": "+1",
            "hex": "0x1",
            "space": " 1",
            "text": "one",
            "arabic-digits": "١",
            "17-digits": "1" * 17,
            "a-million-digits": "1" * 30_000,
        }.items():
            yield case(f"{name}-{what}", BAD, BATCH, **{name: value})
    yield case("seq-2-to-the-53", BAD, BATCH, seq=str(2**53))
    yield case("seq-last", ACCEPTED, BATCH, seq=str(2**53 - 1))
    yield case("sent_at-after-2299", BAD, BATCH, sent_at="10413792000000")
    yield case("sent_at-last", ACCEPTED, BATCH, sent_at="10413791999999")
    for name in ("final", "consent"):
        for value in ("2", "true", "", "-1", "1 "):
            yield case(f"{name}-{value}", BAD, BATCH, **{name: value})
    for what, value in {
        "missing": None,
        "empty": "",
        "unknown": "nobody",
        "zero-byte": "\x00",
        "long": "k" * 30_000,
        "emoji": "😀",
    }.items():
        yield case(f"key-{what}", "unknown_key", BATCH, key=value)
    for value in ("br", "gzip,gzip", "../gzip", "g" * 1_000):
        yield case(f"encoding-{value[:8]}", "unsupported_encoding", BATCH, encoding_parameter=value)
    yield case("encoding-gzip", ACCEPTED, gzipped(BATCH), encoding_parameter="gzip")
    yield case("encoding-header-first", ACCEPTED, gzipped(BATCH), encoding="gzip", encoding_parameter="br")
    yield case("unknown-parameter", ACCEPTED, BATCH, utm_source="x" * 1_000)

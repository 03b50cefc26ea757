"""Bodies that are wrong, or odd, as text: syntax, characters, numbers, nesting, events, the three forms."""

from collections.abc import Iterator

from tests.contract.bodies.case import ACCEPTED, Case, case

AT = 1_790_000_000_000
GOOD = b'{"type":3,"timestamp":%d,"data":{"source":1,"text":"\xc3\xbc"}}' % AT
BATCH = b"[" + GOOD + b"," + GOOD + b"]"
MALFORMED, INVALID, EMPTY, TOO_LARGE = "malformed_json", "invalid_event", "empty_batch", "batch_too_large"

BEYOND_A_DOUBLE = {
    "1e309": b"1e309",
    "minus-1e400": b"-1e400",
    "plus-in-exponent": b"1.5E+999",
    "100-digits-of-exponent": b"1e" + b"9" * 100,
    "zeros-before-exponent": b"1e00000000000000000309",
    "300-digits-e9": b"9" * 300 + b"e9",
}
"""What no browser writes and the grammar of JSON allows (docs/adr/0061)."""


def with_data(data: bytes) -> bytes:
    return b'[{"type":3,"timestamp":%d,"data":%s}]' % (AT, data)


def all_texts() -> Iterator[Case]:
    yield from no_json()
    yield from cut_short()
    yield from syntax()
    yield from characters()
    yield from surrogates()
    yield from numbers()
    yield from nesting()
    yield from events()
    yield from forms()


def no_json() -> Iterator[Case]:
    for name, body in {
        "letter": b"x",
        "zero-byte": b"\x00",
        "zero-bytes": b"\x00" * 1_000,
        "null": b"null",
        "true": b"true",
        "number": b"1",
        "string": b'"[]"',
        "html": b"<!doctype html><title>x</title>",
        "xml": b"<?xml version='1.0'?><a/>",
        "form": b"type=3&timestamp=1",
        "multipart": b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--',
        "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        "gzip-magic": b"\x1f\x8b",
        "msgpack": b"\x93\x81\xa4type\x03",
        "cbor": b"\x83\xa1dtype\x03",
        "yaml": b"- type: 3\n  timestamp: 1\n",
        "javascript": b"var events = [];",
        "jsonp": b"callback([])",
        "xssi-prefix": b")]}'\n[]",
        "comma": b",",
        "closing": b"]",
        "closing-object": b"}",
        "shell": b"$(reboot)",
        "sql": b"'; DROP TABLE events; --",
        "http": b"POST / HTTP/1.1\r\n\r\n",
    }.items():
        yield case(f"no-json-{name}", MALFORMED, body)


def cut_short() -> Iterator[Case]:
    for at in (1, 2, 8, 9, 12, 20, 34, 42, 50, 58, 60, 66, 67, len(GOOD) + 1, len(GOOD) + 2, len(BATCH) - 1):
        yield case(f"cut-at-{at}", MALFORMED, BATCH[:at])
    yield case("cut-wrapped", MALFORMED, b'{"events":' + BATCH)
    yield case("cut-wrapped-array", MALFORMED, b'{"events":' + BATCH[:-1])
    yield case("cut-line", MALFORMED, GOOD + b"\n" + GOOD[:-1])


def syntax() -> Iterator[Case]:
    for name, body in {
        "trailing-comma": b"[" + GOOD + b",]",
        "leading-comma": b"[," + GOOD + b"]",
        "two-commas": b"[" + GOOD + b",," + GOOD + b"]",
        "no-comma": b"[" + GOOD + GOOD + b"]",
        "comment": b"[/* none */]",
        "line-comment": b"[] // none",
        "single-quotes": b"[{'type':3,'timestamp':1}]",
        "bare-key": b"[{type:3,timestamp:1}]",
        "number-key": b"[{3:3}]",
        "no-colon": b'[{"type" 3}]',
        "two-arrays": b"[" + GOOD + b"][" + GOOD + b"]",
        "array-and-text": b"[" + GOOD + b"]x",
        "zero-byte-after": b"[" + GOOD + b"]\x00",
        "brackets-crossed": b'[{"type":3,"timestamp":1]}',
        "object-trailing-comma": b'[{"type":3,"timestamp":1,}]',
    }.items():
        yield case(f"syntax-{name}", MALFORMED, body)
    for name, data in {
        "undefined": b"undefined",
        "nothing": b"",
        "true-cut": b"tru",
        "capital-null": b"Null",
        "open-string": b'"abc',
        "open-array": b"[1,2",
        "open-object": b'{"a":1',
        "trailing-comma": b"[1,]",
        "object-trailing-comma": b'{"a":1,}',
        "bare-key": b"{a:1}",
        "no-value": b'{"a":}',
        "no-key": b'{:"a"}',
        "no-colon": b'{"a" 1}',
        "two-values": b"1 2",
        "form-feed": b"\x0c1",
        "no-break-space": b"\xc2\xa01",
    }.items():
        yield case(f"data-{name}", MALFORMED, with_data(data))
    yield case("duplicate-key", ACCEPTED, b'[{"type":2,"type":3,"timestamp":1,"timestamp":%d}]' % AT)
    yield case("duplicate-key-wrong-last", INVALID, b'[{"type":3,"type":-1,"timestamp":1}]', index=0)
    yield case("duplicate-key-100000-times", ACCEPTED,
               lambda: b'[{"timestamp":1' + b',"type":3' * 100_000 + b"}]")  # fmt: skip
    yield case("duplicate-key-in-data-100000-times", ACCEPTED,
               lambda: with_data(b'{"a":1' + b',"a":1' * 100_000 + b"}"))  # fmt: skip
    yield case("duplicate-key-in-data", ACCEPTED, with_data(b'{"a":1,"a":2}'))
    yield case("empty-key-in-data", ACCEPTED, with_data(b'{"":{"":[]}}'))
    yield case("proto-key-in-data", ACCEPTED, with_data(b'{"__proto__":{"a":1}}'))


def characters() -> Iterator[Case]:
    for name, sequence in {
        "overlong-slash": b"\xc0\xaf",
        "overlong-three": b"\xe0\x80\xaf",
        "overlong-four": b"\xf0\x80\x80\xaf",
        "overlong-zero": b"\xc0\x80",
        "continuation": b"\x80",
        "two-continuations": b"\xbf\xbf",
        "cut-two": b"\xc3",
        "cut-three": b"\xe2\x82",
        "cut-four": b"\xf0\x9f\x98",
        "fe": b"\xfe",
        "ff": b"\xff",
        "surrogate-high": b"\xed\xa0\x80",
        "surrogate-low": b"\xed\xb0\x80",
        "surrogate-pair": b"\xed\xa0\xbd\xed\xb8\x80",
        "over-the-end": b"\xf4\x90\x80\x80",
        "five-bytes": b"\xf8\x88\x80\x80\x80",
        "latin-1": b"caf\xe9",
    }.items():
        yield case(f"utf8-{name}", MALFORMED, with_data(b'"' + sequence + b'"'))
        yield case(f"utf8-key-{name}", MALFORMED, with_data(b'{"' + sequence + b'":1}'))
    yield case("utf8-in-a-line", MALFORMED, GOOD + b'\n{"type":3,"timestamp":1,"data":"\xff"}')
    yield case("utf8-in-wrapped", MALFORMED, b'{"events":' + with_data(b'"\xff"') + b"}")
    yield case("utf8-beside-wrapped", MALFORMED, b'{"more":"\xff","events":' + BATCH + b"}")
    yield case("utf8-in-unknown-member", MALFORMED, b'[{"type":3,"timestamp":1,"more":"\xff"}]')
    yield case("utf8-far-behind", MALFORMED, lambda: with_data(b'"' + b"\xc3\xbc" * 100_000 + b'\xc3"'))
    yield case("utf8-across-a-step", ACCEPTED, lambda: with_data(b'"' + b"x\xf0\x9f\x98\x80" * 60_000 + b'"'))
    yield case("bom", MALFORMED, b"\xef\xbb\xbf" + BATCH)
    yield case("bom-alone", MALFORMED, b"\xef\xbb\xbf")
    yield case("bom-inside", MALFORMED, b"[\xef\xbb\xbf" + GOOD + b"]")
    yield case("bom-wrapped", MALFORMED, b'\xef\xbb\xbf{"events":' + BATCH + b"}")
    yield case("bom-on-the-second-line", MALFORMED, GOOD + b"\n\xef\xbb\xbf" + GOOD)
    yield case("bom-in-a-string", ACCEPTED, with_data(b'"\xef\xbb\xbf"'))
    yield case("bom-and-lines", MALFORMED, b"\xef\xbb\xbf" + GOOD + b"\n" + GOOD)
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        yield case(f"charset-{name}", MALFORMED, BATCH.decode().encode(name))
    for code in (0x00, 0x01, 0x08, 0x09, 0x0A, 0x0D, 0x1B, 0x1F):
        yield case(f"control-{code:02x}", MALFORMED, with_data(b'"a%cb"' % code))
    yield case("delete-character", ACCEPTED, with_data(b'"\x7f"'))
    yield case("escaped-zero", ACCEPTED, with_data(b'"\\u0000"'))
    yield case("noncharacter", ACCEPTED, with_data(b'"\xef\xbf\xbf"'))
    yield case("line-separator", ACCEPTED, with_data(b'"\xe2\x80\xa8"'))


def surrogates() -> Iterator[Case]:
    for name, text in {
        "high": b"\\ud83d",
        "low": b"\\ude00",
        "upper-case": b"\\uD83D",
        "reversed": b"\\ude00\\ud83d",
        "high-high-low": b"\\ud83d\\ud83d\\ude00",
        "cut-emoji": b"hello \\ud83d world",
        "after-backslash": b"\\\\\\ud83d",
    }.items():
        yield case(f"surrogate-{name}", ACCEPTED, with_data(b'"' + text + b'"'))
    yield case("surrogate-in-key", ACCEPTED, with_data(b'{"\\ud83d":1}'))
    yield case("surrogate-in-unknown-member", ACCEPTED, b'[{"type":3,"timestamp":1,"more":"\\udfff"}]')
    yield case("surrogate-in-line", ACCEPTED, b'{"type":3,"timestamp":1,"data":"\\udfff"}\n' + GOOD)
    yield case("surrogate-and-cut", MALFORMED, with_data(b'"\\ud83d"')[:-1])
    for name, text in {
        "unknown": b"\\x41",
        "octal": b"\\012",
        "short-unicode": b"\\u12",
        "not-hex": b"\\uzzzz",
        "braces": b"\\u{1f600}",
        "quote": b"\\'",
        "end": b"\\",
    }.items():
        yield case(f"escape-{name}", MALFORMED, with_data(b'"' + text + b'"'))


def numbers() -> Iterator[Case]:
    for name, text in {
        "nan": b"NaN",
        "infinity": b"Infinity",
        "minus-infinity": b"-Infinity",
        "plus": b"+1",
        "leading-zero": b"01",
        "point-first": b".5",
        "point-last": b"1.",
        "no-exponent": b"1e",
        "no-exponent-after-sign": b"1e+",
        "two-minus": b"--1",
        "minus": b"-",
        "hex": b"0x10",
        "underscore": b"1_000",
        "big-suffix": b"1n",
        "two-points": b"1.2.3",
        "exponent-with-point": b"1e1.5",
        "301-digits": b"9" * 301,
        "400-digits": b"9" * 400,
        "minus-400-digits": b"-" + b"9" * 400,
        "400-decimals": b"0." + b"1" * 400,
        "100000-digits": b"1" * 100_000,
    }.items():
        yield case(f"number-{name}", MALFORMED, with_data(text))
        yield case(f"number-in-array-{name}", MALFORMED, with_data(b"[1," + text + b",2]"))
    for name in ("NaN", "-NaN", "nan", "Infinity", "-Infinity"):
        for member, text in {
            "type": b'"type":%s,"timestamp":1',
            "timestamp": b'"type":3,"timestamp":%s',
        }.items():
            bad = b"{" + text % name.encode() + b"}"
            yield case(f"{member}-{name}", MALFORMED, b"[" + GOOD + b"," + bad + b"]")
            yield case(f"{member}-line-{name}", MALFORMED, GOOD + b"\n" + bad)
    for name, text in BEYOND_A_DOUBLE.items():
        yield case(f"number-{name}", ACCEPTED, with_data(text))
        yield case(f"number-in-object-{name}", ACCEPTED, with_data(b'{"source":2,"x":' + text + b',"id":7}'))
        yield case(f"type-{name}", INVALID, b'[{"type":%s,"timestamp":1}]' % text, index=0)
        yield case(f"timestamp-{name}", INVALID, b'[{"type":3,"timestamp":%s}]' % text, index=0)
    for name, text in {
        "300-digits": b"9" * 300,
        "minus-zero": b"-0",
        "21-digits": b"123456789012345680000",
        "exponent": b"1.7976931348623157e+308",
        "underflow": b"1e-400",
    }.items():
        yield case(f"number-{name}", ACCEPTED, with_data(text))
    yield case("digits-in-a-string", ACCEPTED, with_data(b'"' + b"9" * 1_000 + b'"'))


def nesting() -> Iterator[Case]:
    deep = 100_000
    for name, data in {
        "arrays": b"[" * deep + b"]" * deep,
        "objects": b'{"a":' * deep + b"1" + b"}" * deep,
        "mixed": b'[{"a":' * deep + b"1" + b"}]" * deep,
        "open-arrays": b"[" * deep,
        "open-objects": b'{"a":' * deep,
    }.items():
        yield case(f"deep-{name}", MALFORMED, with_data(data))
    yield case("deep-body", INVALID, b"[" * deep + b"]" * deep, index=0)
    yield case("deep-open-body", INVALID, b"[" * deep, index=0)
    yield case("deep-object-body", MALFORMED, b'{"a":' * deep)
    yield case("deep-unknown-member", MALFORMED, b'[{"type":3,"timestamp":1,"more":' + b"[" * deep)
    yield case("deep-line", MALFORMED, b'{"type":3,"timestamp":1,"data":' + b"[" * deep + b"]" * deep + b"}")
    yield case("deep-wrapped", MALFORMED, b'{"events":[{"type":3,"timestamp":1,"data":' + b"[" * deep)
    yield case("deep-second-line", MALFORMED, GOOD + b"\n" + b'{"data":' * deep)
    # 950 levels may be there, give or take a few dozen of the server's own stack.
    for levels, expected in ((500, ACCEPTED), (900, ACCEPTED), (1_000, MALFORMED), (2_000, MALFORMED)):
        yield case(f"nested-{levels}", expected, with_data(b"[" * levels + b"]" * levels))


def events() -> Iterator[Case]:
    members = {
        "no-type": b'"timestamp":1',
        "no-timestamp": b'"type":3',
        "nothing": b"",
        "type-negative": b'"type":-1,"timestamp":1',
        "type-65536": b'"type":65536,"timestamp":1',
        "type-float": b'"type":3.5,"timestamp":1',
        "type-string": b'"type":"3","timestamp":1',
        "type-null": b'"type":null,"timestamp":1',
        "type-bool": b'"type":true,"timestamp":1',
        "type-array": b'"type":[3],"timestamp":1',
        "type-huge": b'"type":' + b"9" * 40 + b',"timestamp":1',
        "type-400-digits": b'"type":' + b"9" * 400 + b',"timestamp":1',
        "timestamp-400-digits": b'"type":3,"timestamp":' + b"9" * 400,
        "timestamp-negative": b'"type":3,"timestamp":-1',
        "timestamp-little-negative": b'"type":3,"timestamp":-0.001',
        "timestamp-string": b'"type":3,"timestamp":"1"',
        "timestamp-null": b'"type":3,"timestamp":null',
        "timestamp-bool": b'"type":3,"timestamp":false',
        "timestamp-object": b'"type":3,"timestamp":{}',
        "timestamp-date": b'"type":3,"timestamp":"2026-01-01T00:00:00Z"',
        "timestamp-after-2299": b'"type":3,"timestamp":10413792000000',
        "timestamp-after-2299-float": b'"type":3,"timestamp":10413792000000.5',
        "timestamp-in-us": b'"type":3,"timestamp":1790000000000000',
        "timestamp-1e300": b'"type":3,"timestamp":1e300',
        "type-misspelt": b'"Type":3,"timestamp":1',
    }
    for name, text in members.items():
        bad = b"{" + text + b"}"
        yield case(f"event-{name}", INVALID, b"[" + bad + b"]", index=0)
        yield case(f"event-second-{name}", INVALID, b"[" + GOOD + b"," + bad + b"]", index=1)
        yield case(f"event-wrapped-{name}", INVALID, b'{"events":[' + GOOD + b"," + bad + b"]}", index=1)
        yield case(f"event-line-{name}", INVALID, GOOD + b"\n" + bad, index=1)
    for name, text in {"null": b"null", "number": b"3", "string": b'"x"', "array": b"[3,1]"}.items():
        yield case(f"event-is-{name}", INVALID, b"[" + GOOD + b"," + text + b"]", index=1)
    for name, text in {
        "type-0": b'"type":0,"timestamp":1',
        "type-65535": b'"type":65535,"timestamp":1',
        "timestamp-0": b'"type":3,"timestamp":0',
        "timestamp-minus-zero": b'"type":3,"timestamp":-0',
        "timestamp-float": b'"type":3,"timestamp":1790000000000.25',
        "timestamp-exponent": b'"type":3,"timestamp":1.79e12',
        "timestamp-last": b'"type":3,"timestamp":10413791999999',
        "data-null": b'"type":3,"timestamp":1,"data":null',
        "data-string": b'"type":5,"timestamp":1,"data":"x"',
        "unknown-members": b'"type":3,"timestamp":1,"delay":5,"x":{"y":[]}',
    }.items():
        yield case(f"event-{name}", ACCEPTED, b"[{" + text + b"}]")


def forms() -> Iterator[Case]:
    for name, body in {
        "nothing": b"",
        "space": b" ",
        "lines": b"\r\n\n\t ",
        "array": b"[]",
        "spaced-array": b" [ \n ] ",
        "wrapped": b'{"events":[]}',
        "wrapped-spaced": b' {"events": [ ]} ',
    }.items():
        yield case(f"empty-{name}", EMPTY, body)
    for name, events_text in {"null": b"null", "object": b"{}", "number": b"1", "string": b'"[]"'}.items():
        yield case(f"wrapped-{name}", MALFORMED, b'{"events":' + events_text + b"}")
    yield case("wrapped-and-event", INVALID, b'{"events":[],"type":3}', index=0)
    yield case("wrapped-with-more", ACCEPTED, b'{"sent":1,"events":' + BATCH + b',"more":{}}')
    yield case("wrapped-twice", ACCEPTED, b'{"events":1,"events":' + BATCH + b"}")
    yield case("array-in-array", INVALID, b"[" + BATCH + b"]", index=0)
    yield case("array-and-lines", MALFORMED, BATCH + b"\n" + BATCH)
    yield case("lines-with-commas", MALFORMED, GOOD + b",\n" + GOOD)
    yield case("lines-of-arrays", MALFORMED, BATCH + b"\n" + GOOD)
    yield case("lines-crlf", ACCEPTED, GOOD + b"\r\n\r\n" + GOOD + b"\r\n")
    yield case("lines-with-text", MALFORMED, GOOD + b"\nx")
    yield case("two-events-in-a-line", MALFORMED, GOOD + GOOD)
    yield case("spaced", ACCEPTED, b" \n" + BATCH + b"\t\r\n")
    yield case("one-event", ACCEPTED, GOOD)
    yield case("too-many-events", TOO_LARGE, lambda: b"[" + b",".join([GOOD] * 20_001) + b"]")
    yield case("too-many-lines", TOO_LARGE, lambda: b"\n".join([GOOD] * 20_001))
    yield case("too-many-tiny-bad-values", INVALID, lambda: b"[" + b"0," * 1_000_000 + b"0]", index=0)
    yield case("too-many-bytes", TOO_LARGE, lambda: b"[" + b" " * (8 << 20) + b"]")

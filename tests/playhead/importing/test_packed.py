import json
import zlib

import pytest

from playhead.importing.packed import LONGEST_EVENT_BYTES, unpack
from playhead.importing.problems import Unimportable

# Made with pack() of @rrweb/packer 2.1.0.
PACKED = (
    "x\u009c\u00abV*\u00a9,HU\u00b22\u00d5QJI,IT\u00b2\u0002\n$\u00a6+Y)\u00a5\u0017\u00a5\u00a6\u0096d\u00e6"
    "\u00a5+\u00e9(\u0015$V\u00e6\u00e4'\u00a6\u0080\u0005\u000f\u00ef9<_\u00e1E\u00cf6\u0085\u000f\u00f3{\u00b7"
    "*\u00c4\u0094\u00a6X\u0018\u00a7(d$\u00e6\u00a4)\u00d5\u00ea(\u0095d\u00e6\u00a6\u0016\u0097$\u00e6\u0016(Y"
    "\u0019\u009a\u009b\u001a@\u0080\u00a1\u0091\u00b1\u008eR\u0019Ps\u0099\u00a1R-\u0000\u009eH%\u00b5"
)
EVENT = (
    r'{"type":5,"data":{"tag":"greeting","payload":"grüß 茶 🍵 \ufffd half"},"timestamp":1750000000123,'
    r'"v":"v1"}'
)


def deflated(text: bytes) -> str:
    return zlib.compress(text).decode("latin-1")


def test_what_rrwebs_own_packer_made_is_read() -> None:
    assert unpack(PACKED) == EVENT.encode()


def test_a_string_may_be_an_events_json_as_rrwebs_unpack_takes_it() -> None:
    assert unpack(' {"timestamp":1} ') == b' {"timestamp":1} '


@pytest.mark.parametrize(
    ("packed", "why"),
    [
        ("grüße 茶", "neither an event's JSON nor packed"),
        ("hello", "does not unpack"),
        (PACKED[:-5], "cut off"),
        (PACKED[:-1] + "x", "does not unpack"),
        (deflated(b'{"type":5,"timestamp":1}'), "version ''"),
        (deflated(b'{"type":5,"timestamp":1,"v":"v2"}'), "version 'v2'"),
        (deflated(b"[]"), "holds no event"),
        (deflated(b'{"v":"\xff"}'), "holds no event"),
        (deflated(b"[" * 100_000), "holds no event"),
        ("", "cut off"),
    ],
    ids=str,
)
def test_what_is_not_packed_by_this_packer_is_said_to_be_so(packed: str, why: str) -> None:
    with pytest.raises(Unimportable, match=why):
        unpack(packed)


def test_a_packed_event_is_not_unpacked_past_what_an_event_may_be() -> None:
    def of(length: int) -> str:
        rest = b'{"v":"v1","x":""}'
        return deflated(rest[:-2] + b"x" * (length - len(rest)) + rest[-2:])

    assert len(unpack(of(LONGEST_EVENT_BYTES))) == LONGEST_EVENT_BYTES
    with pytest.raises(Unimportable, match=f"more than {LONGEST_EVENT_BYTES}"):
        unpack(of(LONGEST_EVENT_BYTES + 1))
    assert json.loads(unpack(of(100)))["v"] == "v1"

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rrweb_event import repair_surrogates


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        (rb'"\ud83d\ude00"', rb'"\ud83d\ude00"'),
        (rb'"\ud83d"', rb'"\ufffd"'),
        (rb'"\ude00\ud83d"', rb'"\ufffd\ufffd"'),
        (rb'"\uD83D\ud83d\ude00"', rb'"\ufffd\ud83d\ude00"'),
        (rb'"\\ud83d"', rb'"\\ud83d"'),
        (rb'"\\\ud83d"', rb'"\\\ufffd"'),
        (rb'"\u00e9 \n"', rb'"\u00e9 \n"'),
    ],
)
def test_only_a_lone_surrogates_escape_is_replaced(text: bytes, becomes: bytes) -> None:
    assert repair_surrogates(text) == becomes


@given(st.lists(st.text() | st.text(st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF))))
def test_what_is_mended_can_be_utf8_and_is_otherwise_the_same(texts: list[str]) -> None:
    for text in texts:
        whole = json.loads(repair_surrogates(json.dumps(text).encode()))
        whole.encode()
        in_pairs = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        assert [c for c in whole if c != "\ufffd"] == [c for c in in_pairs if c != "\ufffd"]

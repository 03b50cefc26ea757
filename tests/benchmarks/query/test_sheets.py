import json

import pytest

from benchmarks.query.sheets import SHORTEST_BYTES, put_back, taken_out
from tests.benchmarks.query.recorded import pages

LONG = json.dumps('a { content: "\\f000"; } ' * 60).encode()


def test_what_was_taken_out_is_put_back_byte_for_byte() -> None:
    for page in pages():
        for batch in page.batches:
            text, sheets = taken_out(batch.text)
            assert put_back(text, sheets) == batch.text
            assert len(json.loads(b"[" + text + b"]")) == batch.events


def test_a_sheet_that_stands_twice_is_one() -> None:
    assert len(LONG) >= SHORTEST_BYTES
    text, sheets = taken_out(b'{"_cssText":%s},{"_cssText":%s}' % (LONG, LONG))
    assert list(sheets.values()) == [LONG]
    assert text.count(next(iter(sheets))) == 2


@pytest.mark.parametrize("text", [b'{"_cssText":"a{}"}', b'{"textContent":%s}' % LONG, b"{}"])
def test_what_is_short_or_no_sheet_stays(text: bytes) -> None:
    assert taken_out(text) == (text, {})

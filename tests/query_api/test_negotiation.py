import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.negotiation import content_coding, media_type, weights

JSON, NDJSON = "application/json", "application/x-ndjson"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (NDJSON, NDJSON),
        ("APPLICATION/X-NDJSON", NDJSON),
        (f"{JSON}, {NDJSON}", JSON),
        (f"{JSON};q=0.5, {NDJSON}", NDJSON),
        (f"{NDJSON};q=0.5, */*;q=0.1", NDJSON),
        (f"{NDJSON};q=0.1, */*;q=0.5", JSON),
        (f"{JSON};q=0, */*", NDJSON),
        (f"application/*;q=0, {NDJSON};q=0.001", NDJSON),
        (f"{JSON};charset=utf-8", JSON),
        (f"{NDJSON} ; version=1 ; q=0.5", NDJSON),
        (BROWSER, JSON),
        ("text/html", None),
        ("text/*", None),
        (f"{JSON};q=0", None),
        ("*/*;q=0", None),
        (f"{JSON};q=nonsense", None),
        (f"{JSON};q=nan", None),
        (f"{JSON};q=2", None),
        (",;,", None),
    ],
)
def test_the_form_that_is_liked_best(accept: str | None, chosen: str | None) -> None:
    assert media_type(accept, (JSON, NDJSON)) == chosen


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, "identity"),
        ("", "identity"),
        ("identity", "identity"),
        ("br", "identity"),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip;q=0.8", "gzip"),
        ("zstd;q=0, gzip;q=0", "identity"),
        ("*", "zstd"),
        ("*;q=0.1, zstd;q=0", "gzip"),
        ("GZIP", "gzip"),
        ("gzip;q=nonsense", "identity"),
        ("gzip;q=0.5, identity", "identity"),
        ("gzip;q=0.5, identity;q=0.5", "gzip"),
        ("gzip;q=0.5, identity;q=0.4", "gzip"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("*;q=0, gzip", "gzip"),
        ("*;q=0, identity", "identity"),
        ("identity;q=0", None),
        ("*;q=0", None),
        ("br, identity;q=0", None),
    ],
)
def test_the_coding_that_is_liked_best(header: str | None, chosen: str | None) -> None:
    assert content_coding(header, ("zstd", "gzip")) == chosen


@given(st.text(alphabet='gzip*;q=0.51, "\\/x', max_size=60))
def test_whatever_the_header_says_the_answer_is_one_of_ours(header: str) -> None:
    assert all(0 <= weight <= 1 for weight in weights(header).values())
    assert content_coding(header, ("zstd", "gzip")) in ("zstd", "gzip", "identity", None)
    assert media_type(header, (JSON, NDJSON)) in (JSON, NDJSON, None)

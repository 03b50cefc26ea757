"""What is known of ClickHouse's output formats: which can be streamed, and their content types. Pure."""

from typing import Final

DEFAULT: Final = "TabSeparated"

# A streamed answer comes block by block and the engine starts the format anew with each, so only formats
# without a header or a footer can be streamed; the others are made whole.
STREAMABLE: Final = frozenset(
    {
        "CSV",
        "JSONCompactEachRow",
        "JSONCompactStringsEachRow",
        "JSONEachRow",
        "JSONLines",
        "JSONStringsEachRow",
        "LineAsString",
        "NDJSON",
        "Native",
        "RowBinary",
        "TSV",
        "TSVRaw",
        "TabSeparated",
        "TabSeparatedRaw",
    }
)

_CONTENT_TYPES: Final = (
    ("JSONEachRow", "application/x-ndjson; charset=UTF-8"),
    ("JSONCompactEachRow", "application/x-ndjson; charset=UTF-8"),
    ("JSONCompactStringsEachRow", "application/x-ndjson; charset=UTF-8"),
    ("JSONStringsEachRow", "application/x-ndjson; charset=UTF-8"),
    ("JSONLines", "application/x-ndjson; charset=UTF-8"),
    ("NDJSON", "application/x-ndjson; charset=UTF-8"),
    ("JSON", "application/json; charset=UTF-8"),
    ("TabSeparated", "text/tab-separated-values; charset=UTF-8"),
    ("TSV", "text/tab-separated-values; charset=UTF-8"),
    ("CSV", "text/csv; charset=UTF-8; header=absent"),
    ("XML", "application/xml; charset=UTF-8"),
    ("Markdown", "text/markdown; charset=UTF-8"),
    ("Pretty", "text/plain; charset=UTF-8"),
    ("Vertical", "text/plain; charset=UTF-8"),
    ("Values", "text/plain; charset=UTF-8"),
    ("LineAsString", "text/plain; charset=UTF-8"),
)


def content_type(name: str) -> str:
    """The media type of an answer in this format, e.g. `text/csv; charset=UTF-8; header=present`."""
    if name.startswith("CSVWithNames"):
        return "text/csv; charset=UTF-8; header=present"
    return next(
        (kind for prefix, kind in _CONTENT_TYPES if name.startswith(prefix)), "application/octet-stream"
    )

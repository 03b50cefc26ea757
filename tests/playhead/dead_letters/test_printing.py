"""Dead letters as a person, or a program, sees them."""

import io

import msgspec
from rich.console import Console

from playhead.dead_letters.printing import as_json, batch_in, key_text, printable, shown, table_of, totals
from schemas.envelope import encode
from tests.builders.batches import a_batch, a_tick
from tests.playhead.dead_letters.letters import T0, FakeRecord, a_book, a_letter_record, a_mark_record, at


def table_text(*records: FakeRecord) -> str:
    out = io.StringIO()
    Console(file=out, width=200).print(table_of(a_book(*records)))
    return out.getvalue()


def lines_of(record: FakeRecord) -> dict[str, str]:
    (held,) = a_book(record)
    return dict(shown(held, record.headers, record.value))


def test_the_table_has_a_line_a_letter_with_what_was_asked_for() -> None:
    text = table_text(
        a_letter_record(at(5), detail="not the key", value=b"four"), a_mark_record(at(5), at(77))
    )
    for each in (str(at(5)), "2025-11-24 16:00:00.000Z", "wrong_key", "not the key", " 4 ", "shop/ann"):
        assert each in text
    assert f"as {at(77)}" in text


def test_no_key_and_an_empty_key_are_told_apart() -> None:
    assert (key_text(None), key_text(b""), key_text(b"a/\xff")) == ("(no key)", "(empty key)", "a/\\xff")


def test_nothing_that_a_terminal_would_obey_is_printed() -> None:
    evil = "\x1b[31mred\x07\r\n[bold]not markup[/bold]\u202e"
    assert printable(evil) == "\\x1b[31mred\\x07\\r\\n[bold]not markup[/bold]\\u202e"
    text = table_text(a_letter_record(at(5), detail=evil, record_key=evil.encode(), reason="\x1b]0;x"))
    assert "\x1b" not in text
    assert "[bold]not markup[/bold]" in text.replace("\n", "")


def test_a_giant_key_is_cut_and_its_length_told() -> None:
    assert len(key_text(b"k" * 5_000_000)) < 2_100
    assert "5000000 characters" in key_text(b"k" * 5_000_000)


def test_the_totals_count_reasons_and_what_was_put_back() -> None:
    book = a_book(
        a_letter_record(at(1)),
        a_letter_record(at(2)),
        a_letter_record(at(3), reason="no_value"),
        a_mark_record(at(1), at(9)),
    )
    assert totals(list(book)) == "3 dead letters (2 wrong_key, 1 no_value), 1 of them put back"
    assert totals([]) == "no dead letters"


def test_a_line_of_json_has_all_of_it() -> None:
    (held,) = a_book(a_letter_record(at(5), record_key=b""), a_mark_record(at(5), at(7), replayed_at=T0 + 2))
    assert msgspec.json.decode(as_json(held)) == {
        "position": str(at(5)),
        "recorded_at": T0,
        "put_aside_at": T0,
        "reason": "wrong_key",
        "detail": "why",
        "bytes": 3,
        "whole": True,
        "key": "",
        "replayed_at": T0 + 2,
        "replayed_to": str(at(7)),
    }
    (cut,) = a_book(a_letter_record(at(5), record_key=None, whole_bytes=20_000_000))
    line = msgspec.json.decode(as_json(cut))
    assert (line["key"], line["bytes"], line["whole"], line["replayed_at"]) == (None, 20_000_000, False, None)


def test_all_headers_and_the_envelopes_fields_are_shown_without_what_was_recorded() -> None:
    batch = a_batch(T0, seq=3, payload=b'[{"secret":1}]', hashes=None)
    lines = lines_of(a_letter_record(at(5), value=encode(batch)))
    assert lines["header reason"] == "wrong_key"
    assert lines["header record_key"] == "shop/ann"
    assert lines["to do"].startswith("Find who wrote it")
    assert lines["batch.visitor"] == "ann"
    assert lines["batch.seq"] == "3"
    assert lines["batch.received_at"] == f"{T0} (2025-11-24 16:00:00.000Z)"
    assert lines["batch.payload"] == "14 bytes"
    assert lines["batch.batch_id"] == batch.batch_id.hex()
    assert not any("secret" in text for text in lines.values())


def test_what_is_no_envelope_is_shown_with_the_reason() -> None:
    assert "not_msgpack" in lines_of(a_letter_record(at(5), value=b"\xc1"))["envelope"]
    assert lines_of(a_letter_record(at(5), value=None))["value"] == "none"
    assert lines_of(a_letter_record(at(5), whole_bytes=20_000_000))["too large"].startswith(
        "key and value had"
    )


def test_only_a_batch_has_a_payload() -> None:
    batch = a_batch(T0)
    assert batch_in(encode(batch)) == batch
    assert batch_in(encode(a_tick(T0))) is None
    assert batch_in(b"\xc1") is None
    assert batch_in(None) is None

"""Several pages may share one recording id; each gets a window as long as its socket tells it apart."""

from collector.official_client import windows
from collector.official_client.windows import Windows
from schemas.connection import VISITOR_OR_WINDOW

SHOP = ("shop", "id")


def opened(book, socket, *, starts=True, now_ms=0, recording=SHOP) -> str:
    return book.opened(recording, recording[1], socket, starts=starts, now_ms=now_ms)


def test_the_pages_of_a_tab_one_after_another_are_one_window():
    book = Windows()
    assert opened(book, 1) == "id"
    book.closed(SHOP, 1)
    assert opened(book, 2) == "id"
    assert len(book) == 1
    book.closed(SHOP, 2)
    assert len(book) == 0


def test_a_page_that_starts_beside_an_open_one_is_another_window():
    book = Windows()
    assert [opened(book, socket) for socket in (1, 2, 3)] == ["id", "id-2", "id-3"]
    book.closed(SHOP, 2)
    assert opened(book, 4) == "id-2"


def test_recordings_do_not_know_of_each_other():
    book = Windows()
    assert opened(book, 1) == opened(book, 2, recording=("other", "id")) == "id"


def test_a_page_that_comes_back_gets_the_window_whose_socket_is_gone():
    book = Windows()
    opened(book, 1)
    opened(book, 2)
    book.closed(SHOP, 1)
    assert opened(book, 3, starts=False) == "id"


def test_a_page_that_comes_back_before_its_old_socket_is_known_to_be_dead_keeps_its_window():
    book = Windows()
    opened(book, 1)
    assert opened(book, 2, starts=False) == "id"
    # The old one is noticed later; the window is still taken.
    book.closed(SHOP, 1)
    assert opened(book, 3) == "id-2"


def test_of_several_it_is_the_one_that_was_silent_longest():
    book = Windows()
    opened(book, 1, now_ms=0)
    opened(book, 2, now_ms=10)
    book.heard(SHOP, 1, 20)
    assert opened(book, 3, starts=False, now_ms=30) == "id-2"


def test_several_pages_that_were_all_cut_are_still_several():
    book = Windows()
    opened(book, 1)
    opened(book, 2)
    book.closed(SHOP, 1)
    book.closed(SHOP, 2)
    assert {opened(book, 3, starts=False), opened(book, 4, starts=False)} == {"id", "id-2"}


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(windows, "REMEMBERED", 2)
    book = Windows()
    for recording in (("shop", "a"), ("shop", "b"), ("shop", "c")):
        opened(book, 1, recording=recording)
        opened(book, 2, recording=recording)
        book.closed(recording, 1)
        book.closed(recording, 2)
    assert len(book) == 2
    assert book.of_post(("shop", "a"), "a") == "a"
    assert book.of_post(("shop", "c"), "c") == "c"


def test_a_post_is_of_the_page_that_was_heard_last():
    book = Windows()
    assert book.of_post(SHOP, "id") == "id"
    opened(book, 1, now_ms=0)
    opened(book, 2, now_ms=10)
    assert book.of_post(SHOP, "id") == "id-2"
    book.heard(SHOP, 1, 11)
    assert book.of_post(SHOP, "id") == "id"


def test_a_closed_socket_that_never_said_anything_is_nobodys():
    book = Windows()
    book.closed(SHOP, 1)
    assert len(book) == 0


def test_a_windows_name_is_a_name_whatever_the_id():
    book = Windows()
    long = ("shop", "x" * 64)
    names = {opened(book, socket, recording=long) for socket in range(12)}
    assert len(names) == 12
    assert all(VISITOR_OR_WINDOW.fullmatch(name) for name in names)

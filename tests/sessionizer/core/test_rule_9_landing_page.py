"""Rule 9: the landing page is that of the earliest Meta; user agent and country are of the first batch."""

import itertools

import pytest

from tests.builders.batches import DAY, MINUTE, T0, a_batch
from tests.sessionizer.core.world import World

PAGES = [("https://shop.example/", 0), ("https://shop.example/cart", 3), ("https://shop.example/paid", 9)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_earliest_meta_gives_the_landing_page_in_any_order_of_arrival(order: tuple[int, ...]) -> None:
    world = World()
    for seq in order:
        href, minute = PAGES[seq]
        at = T0 + minute * MINUTE
        world.feed(a_batch(at, seq=seq, delay_ms=10 * MINUTE, href=href, meta_at=at))
    assert world.only.landing_url == "https://shop.example/"


def test_the_earliest_is_by_the_collectors_clock_where_windows_come_from_two_clocks() -> None:
    world = World()
    world.feed(a_batch(T0, window="w1", href="https://shop.example/first", meta_at=T0))
    at = T0 + MINUTE
    world.feed(a_batch(at, window="w2", clock_ms=-DAY, href="https://shop.example/second", meta_at=at - DAY))
    assert world.only.landing_url == "https://shop.example/first"


def test_a_late_batch_may_still_tell_the_landing_page() -> None:
    world = World()
    world.feed(a_batch(T0 + MINUTE, seq=1, href="https://shop.example/cart", meta_at=T0 + MINUTE))
    world.tick(T0 + 40 * MINUTE)
    world.feed(a_batch(T0, seq=0, delay_ms=41 * MINUTE, href="https://shop.example/", meta_at=T0))
    assert (world.only.status, world.only.landing_url) == ("completed", "https://shop.example/")


def test_a_session_without_a_meta_has_no_landing_page() -> None:
    world = World()
    world.feed(a_batch(T0))
    assert world.only.landing_url == ""


def test_user_agent_and_country_are_of_the_first_batch() -> None:
    world = World()
    world.feed(a_batch(T0, seq=0, user_agent="Firefox", country="DE"))
    world.feed(a_batch(T0, seq=1, user_agent="Chrome", country="FR"))
    assert (world.only.user_agent, world.only.country) == ("Firefox", "DE")


def test_the_visitor_is_who_the_client_says_once_it_does() -> None:
    world = World()
    world.feed(a_batch(T0, seq=0))
    assert world.only.visitor_id == "ann"
    world.feed(a_batch(T0, seq=1, visitor_id="customer-7"), a_batch(T0, seq=2, visitor_id="customer-8"))
    assert world.only.visitor_id == "customer-7"


def test_a_session_and_all_its_batches_expire_together_counted_from_its_arrival() -> None:
    world = World()
    world.feed(a_batch(T0, seq=0, clock_ms=-365 * DAY, sent=False, retention_days=30))
    world.feed(a_batch(T0 + MINUTE, seq=1, clock_ms=-365 * DAY, sent=False, retention_days=90))
    assert world.only.expires_on == T0 // DAY + 1 + 30
    assert {row.expires_on for row in world.tables.recordings.values()} == {world.only.expires_on}


def test_long_texts_are_cut_so_that_state_is_bounded() -> None:
    world = World()
    world.feed(a_batch(T0, href="https://shop.example/" + "x" * 10**6, meta_at=T0, user_agent="y" * 10**6))
    assert (len(world.only.landing_url), len(world.only.user_agent)) == (2_048, 1_024)
    assert len(world.shard.visitors[b"shop/ann"]) < 4_096

"""Who may send, and how much at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.admit import BytesInFlight, check_sender
from collector.problems import Reason, Refused
from tests.collector.builders import connection, parameters

HERE = "https://shop.example"


def reason_of(settings, *, origin=None, **said) -> Reason:
    with pytest.raises(Refused) as refused:
        check_sender(settings, parameters(**said), origin)
    return refused.value.reason


@pytest.mark.parametrize("origin", [None, HERE, "null"])
def test_without_rules_anyone_may_send(origin):
    check_sender(connection(), parameters(), origin)


def test_with_allowed_origins_only_those_may_send():
    listed = connection(allowed_origins=("https://other.example", HERE))
    check_sender(listed, parameters(), HERE)
    for origin in (
        None,
        "null",
        "https://evil.example",
        "http://shop.example",
        HERE + ":8443",
        HERE + ".evil.example",
    ):
        assert reason_of(listed, origin=origin) is Reason.origin_not_allowed


def test_where_consent_is_required_it_must_be_said():
    check_sender(connection(consent_required=True), parameters(consent=True), None)
    assert reason_of(connection(consent_required=True)) is Reason.consent_missing


def test_a_paused_connection_takes_nothing():
    assert reason_of(connection(paused=True), consent=True) is Reason.connection_paused


def test_bytes_are_taken_up_to_the_limit_and_not_beyond():
    in_flight = BytesInFlight(10)
    in_flight.take(4)
    in_flight.take(6)
    with pytest.raises(Refused) as refused:
        in_flight.take(1)
    assert refused.value.reason is Reason.overloaded
    assert in_flight.now_bytes == 10
    in_flight.give_back(6)
    in_flight.take(5)
    assert in_flight.now_bytes == 9


@given(st.lists(st.integers(0, 30)))
def test_the_limit_is_never_passed(sizes):
    in_flight = BytesInFlight(50)
    taken = []
    for size in sizes:
        try:
            in_flight.take(size)
            taken.append(size)
        except Refused:
            assert sum(taken) + size > 50
            if taken:
                in_flight.give_back(taken.pop(0))
        assert in_flight.now_bytes == sum(taken) <= 50

"""In which connection a session is, where that is known without looking."""

from query_api.sessions.whereabouts import Whereabouts


def test_a_tenant_of_one_connection_has_its_sessions_there() -> None:
    assert Whereabouts().of("s", ["shop"]) == "shop"


def test_of_several_connections_it_is_the_one_where_it_was_found() -> None:
    known = Whereabouts()
    assert known.of("s", ["blog", "shop"]) is None

    known.learn("s", "shop")

    assert known.of("s", ["blog", "shop"]) == "shop"


def test_another_tenants_session_is_nowhere() -> None:
    known = Whereabouts()
    known.learn("s", "shop")

    assert known.of("s", ["rival-blog", "rival-shop"]) is None
    assert known.of("s", []) is None


def test_what_was_found_long_ago_is_forgotten() -> None:
    known = Whereabouts(most=2)
    known.learn("first", "shop")
    known.learn("second", "shop")
    known.learn("first", "shop")
    known.learn("third", "shop")

    both = ["blog", "shop"]
    assert [known.of(each, both) for each in ("first", "second", "third")] == ["shop", None, "shop"]

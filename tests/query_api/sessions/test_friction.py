"""What is friction and what is not, case by case, over the real engine."""

from itertools import count
from typing import Any

import httpx
import pytest
from clickhouse_connect.driver.client import Client

from tests.query_api.conftest import CONNECTIONS, know
from tests.query_api.seeds import (
    START,
    SessionVersion,
    batch,
    connection,
    insert_batches,
    insert_sessions,
    session_id,
)
from tests.query_api.sessions.friction import Act, Kind, Window

pytestmark = pytest.mark.stack

_seeds = count(70_000)


def acts(*what: tuple[Kind, int] | tuple[Kind, int, dict[str, Any]]) -> Window:
    """Each as (kind, ms after the start, more of it)."""
    return [Act(START + each[1], each[0], **(each[2] if len(each) == 3 else {})) for each in what]


CASES: dict[str, tuple[list[Window], set[str]]] = {
    "nothing": ([acts(("load", 0), ("mutate", 5))], set()),
    "an error in the console": ([acts(("load", 0), ("error", 5))], {"error"}),
    "a warning": ([acts(("load", 0), ("warning", 5))], set()),
    "what another plugin calls an error": ([acts(("load", 0), ("blank", 5))], set()),
    "three fast clicks": (
        [acts(("click", 0), ("click", 500), ("click", 1_000), ("mutate", 1_001))],
        {"rage_click"},
    ),
    "three clicks, not fast enough": (
        [acts(("click", 0), ("click", 500), ("click", 1_001), ("mutate", 1_002))],
        set(),
    ),
    "two fast clicks": ([acts(("click", 0), ("click", 10), ("mutate", 20))], set()),
    "three fast clicks in two windows": (
        [acts(("click", 0), ("click", 10), ("mutate", 20)), acts(("click", 15), ("mutate", 20))],
        set(),
    ),
    "three fast clicks within a radius": (
        [acts(("click", 0), ("click", 1, {"x": 30}), ("click", 2, {"x": 15, "y": 30}), ("mutate", 3))],
        {"rage_click"},
    ),
    "three fast clicks apart in x": (
        [acts(("click", 0), ("click", 1, {"x": 31}), ("click", 2, {"x": 15}), ("mutate", 3))],
        set(),
    ),
    "three fast clicks apart in y": (
        [acts(("click", 0), ("click", 1, {"y": 31}), ("click", 2, {"y": 15}), ("mutate", 3))],
        set(),
    ),
    "a click that nothing answers": ([acts(("click", 0), ("mouse", 2_501))], {"dead_click"}),
    "a click that is answered late": ([acts(("click", 0), ("mutate", 2_501))], {"dead_click"}),
    "a click that is answered in time": ([acts(("click", 0), ("mutate", 2_500), ("mouse", 9_000))], set()),
    "a click after which the recording ends": ([acts(("click", 0), ("mouse", 2_500))], set()),
    "a click that is answered by a move inside the app": (
        [acts(("click", 0), ("move", 10, {"url": "x"}), ("mouse", 9_000))],
        set(),
    ),
    "a click that is answered by a page": ([acts(("click", 0), ("load", 10), ("mouse", 9_000))], set()),
    "a click that is answered only in the console": (
        [acts(("click", 0), ("error", 9), ("mouse", 9_000))],
        {"dead_click", "error"},
    ),
    "a click that is answered in another window": (
        [acts(("click", 0), ("mouse", 9_000)), acts(("mutate", 10))],
        {"dead_click"},
    ),
    "a click into a field, and long after that its text": (
        [acts(("click", 0, {"node": 7}), ("mouse", 5_000), ("input", 9_000, {"node": 7}))],
        set(),
    ),
    "a click beside a field": (
        [acts(("click", 0, {"node": 8}), ("mouse", 5_000), ("input", 9_000, {"node": 7}))],
        {"dead_click"},
    ),
    "a dead click behind one that is answered": (
        [acts(("click", 0), ("mutate", 10), ("click", 20), ("mouse", 9_000))],
        {"dead_click"},
    ),
}
SESSIONS = {case: session_id(START, next(_seeds)) for case in CASES}


@pytest.fixture(scope="module", autouse=True)
def _stored(store: Client) -> None:
    insert_sessions(store, *(SessionVersion("frictions", each) for each in SESSIONS.values()))
    for case, (windows, _) in CASES.items():
        for n, window in enumerate(windows):
            events = batch(*(act.event() for act in window), seq=0)
            insert_batches(store, "frictions", SESSIONS[case], events, window_id=f"w{n}")


@pytest.mark.parametrize("friction", ["error", "rage_click", "dead_click"])
async def test_it_is_found_where_it_is_and_nowhere_else(
    demo: httpx.AsyncClient, app: Any, friction: str
) -> None:
    know(app, *CONNECTIONS, connection("frictions"))

    page = (
        await demo.get("/v1/connections/frictions/sessions", params={"has": friction, "limit": 200})
    ).json()

    found = {each["session_id"] for each in page["sessions"]}
    assert {case for case, one in SESSIONS.items() if one in found} == {
        case for case, (_, expected) in CASES.items() if friction in expected
    }

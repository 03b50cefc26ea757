"""When the sign-on's keys are asked for, and for how long they are believed."""

import asyncio

import pytest

from query_api.problems import Reason, Refusal
from query_api.tokens.jwks import Jwks, Times
from query_api.tokens.key_set import ALGORITHMS
from tests.query_api.tokens.signer import Signer, document

TIMES = Times(keep_ms=300_000, retry_ms=10_000, valid_ms=3_600_000)
ONE, TWO = Signer("k1"), Signer("k2")


class Hour:
    """A clock that goes when it is told to. Times in ms."""

    def __init__(self) -> None:
        self.now_ms = 1_000_000

    def __call__(self) -> int:
        return self.now_ms

    def pass_ms(self, ms: int) -> None:
        self.now_ms += ms


class Endpoint:
    """Where the document is; counts how often it was asked for."""

    def __init__(self, *signers: Signer) -> None:
        self.publish(*signers)
        self.asked = 0
        self.away = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    def publish(self, *signers: Signer) -> None:
        self.content = document(*(signer.jwk() for signer in signers))

    async def __call__(self) -> bytes:
        self.asked += 1
        await self.may_answer.wait()
        if self.away:
            raise OSError("nobody is there")
        return self.content


@pytest.fixture
def clock() -> Hour:
    return Hour()


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint(ONE)


@pytest.fixture
def jwks(endpoint: Endpoint, clock: Hour) -> Jwks:
    return Jwks(endpoint, frozenset(ALGORITHMS), TIMES, clock)


async def knows(jwks: Jwks, kid: str) -> bool:
    return (await jwks.keys(kid)).knows(kid)


async def unavailable(jwks: Jwks, kid: str = "k1") -> bool:
    with pytest.raises(Refusal) as refused:
        await jwks.keys(kid)
    return refused.value.reason is Reason.KEYS_UNAVAILABLE


async def test_keys_are_asked_for_once_and_kept(jwks: Jwks, endpoint: Endpoint, clock: Hour) -> None:
    assert endpoint.asked == 0, "not before somebody comes"
    for _ in range(3):
        assert await knows(jwks, "k1")
        clock.pass_ms(TIMES.retry_ms)

    assert endpoint.asked == 1


async def test_a_key_that_was_taken_back_ends_after_the_time_that_keys_are_kept(
    jwks: Jwks, endpoint: Endpoint, clock: Hour
) -> None:
    assert await knows(jwks, "k1")
    endpoint.publish(TWO)

    clock.pass_ms(TIMES.keep_ms - 1)
    assert await knows(jwks, "k1")
    clock.pass_ms(1)
    assert not await knows(jwks, "k1"), "the very next token, and not one later"


async def test_a_new_key_is_known_at_its_first_token(jwks: Jwks, endpoint: Endpoint, clock: Hour) -> None:
    assert await knows(jwks, "k1")
    endpoint.publish(ONE, TWO)
    clock.pass_ms(TIMES.retry_ms)

    assert await knows(jwks, "k2")
    assert endpoint.asked == 2


async def test_whatever_keys_forged_tokens_name_they_are_asked_for_once_in_a_while(
    jwks: Jwks, endpoint: Endpoint, clock: Hour
) -> None:
    for number in range(100):
        assert not await knows(jwks, f"forged-{number}")
    assert endpoint.asked == 1

    clock.pass_ms(TIMES.retry_ms - 1)
    assert not await knows(jwks, "forged")
    assert endpoint.asked == 1

    clock.pass_ms(1)
    assert not await knows(jwks, "forged")
    assert endpoint.asked == 2


async def test_a_token_that_names_no_key_does_not_have_them_asked_for(
    jwks: Jwks, endpoint: Endpoint, clock: Hour
) -> None:
    assert await knows(jwks, "k1")
    clock.pass_ms(TIMES.retry_ms)
    await jwks.keys(None)

    assert endpoint.asked == 1


async def test_while_the_sign_on_is_away_the_keys_stay_valid_for_the_stated_time(
    jwks: Jwks, endpoint: Endpoint, clock: Hour
) -> None:
    assert await knows(jwks, "k1")
    endpoint.away = True

    clock.pass_ms(TIMES.valid_ms - 1)
    assert await knows(jwks, "k1")
    clock.pass_ms(1)
    assert await unavailable(jwks)

    clock.pass_ms(TIMES.retry_ms)
    endpoint.away = False
    assert await knows(jwks, "k1"), "back without a restart"


@pytest.mark.parametrize("content", [b"<html>maintenance</html>", b'{"error": "later"}', b""])
async def test_an_answer_that_is_no_document_takes_no_key_away(
    jwks: Jwks, endpoint: Endpoint, clock: Hour, content: bytes
) -> None:
    assert await knows(jwks, "k1")
    endpoint.content = content
    clock.pass_ms(TIMES.keep_ms)

    assert await knows(jwks, "k1")
    assert endpoint.asked == 2


async def test_a_sign_on_that_is_away_is_asked_once_in_a_while(
    jwks: Jwks, endpoint: Endpoint, clock: Hour
) -> None:
    endpoint.away = True
    for _ in range(10):
        assert await unavailable(jwks)
    assert endpoint.asked == 1

    clock.pass_ms(TIMES.retry_ms)
    assert await unavailable(jwks)
    assert endpoint.asked == 2


async def test_one_asking_serves_all_who_wait(jwks: Jwks, endpoint: Endpoint) -> None:
    endpoint.may_answer.clear()
    waiting = [asyncio.create_task(knows(jwks, "k1")) for _ in range(20)]
    await asyncio.sleep(0)
    endpoint.may_answer.set()

    assert all(await asyncio.gather(*waiting))
    assert endpoint.asked == 1


async def test_who_leaves_takes_the_answer_from_nobody(jwks: Jwks, endpoint: Endpoint) -> None:
    endpoint.may_answer.clear()
    leaving, staying = (asyncio.create_task(knows(jwks, "k1")) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    endpoint.may_answer.set()

    assert await staying
    assert endpoint.asked == 1


async def test_a_forged_token_makes_nobody_else_wait(jwks: Jwks, endpoint: Endpoint, clock: Hour) -> None:
    assert await knows(jwks, "k1")
    clock.pass_ms(TIMES.retry_ms)
    endpoint.may_answer.clear()
    forged = asyncio.create_task(knows(jwks, "forged"))
    while endpoint.asked < 2:
        await asyncio.sleep(0)

    async with asyncio.timeout(30):
        assert await knows(jwks, "k1"), "answered while the other one waits"

    assert not forged.done()
    endpoint.may_answer.set()
    assert not await forged

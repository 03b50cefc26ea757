"""Which JWT is whose token, and why another is nobody's."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import HMACAlgorithm

from query_api.tokens.holder import Holder
from query_api.tokens.jwt_claims import Cause, NotAccepted, Terms, header_of, holder_of
from query_api.tokens.key_set import ALGORITHMS, decode
from tests.query_api.tokens.signer import AUDIENCE, ISSUER, Signer, a_payload, document

NOW_MS = 1_795_500_000_000
NOW_S = NOW_MS // 1000
LEEWAY_S = 30

EC, ED, RSA = Signer(), Signer("ed", "EdDSA", "ed25519"), Signer("rsa", "RS256", "rsa")
PSS = Signer("rsa", "PS256", "rsa")
STRANGER = Signer("stranger")
ALLOWED = frozenset({"RS256", "ES256", "EdDSA"})
KEYS = decode(document(EC.jwk(), ED.jwk(), RSA.jwk(alg=None)), frozenset(ALGORITHMS))


def terms(**changes: Any) -> Terms:
    values = {
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "leeway_ms": LEEWAY_S * 1000,
        "algorithms": ALLOWED,
        "tenant_claim": "tenant",
        "role_claim": "role",
        "name_claim": "name",
        "reader_role": "reader",
        "admin_role": "admin",
    }
    return Terms(**{**values, **changes})


def claims(**changes: Any) -> dict[str, Any]:
    return a_payload(**{"exp": NOW_S + 60, **changes})


def holder(token: str, **changed_terms: Any) -> Holder:
    asked = terms(**changed_terms)
    return holder_of(token, header_of(token, asked), KEYS, asked, NOW_MS)


def cause(token: str, **changed_terms: Any) -> Cause:
    with pytest.raises(NotAccepted) as refused:
        holder(token, **changed_terms)
    return refused.value.cause


@pytest.mark.parametrize("signer", [EC, ED, RSA], ids=lambda signer: signer.algorithm)
def test_a_token_is_whom_its_claims_name(signer: Signer) -> None:
    assert holder(signer.token(claims())) == Holder(
        name="Ada", tenant="demo", role="reader", until_at=NOW_MS + 60_000
    )


def test_the_claims_have_the_names_that_the_settings_give_them() -> None:
    named = {
        "tenant_claim": "https://playhead.example/org",
        "role_claim": "groups",
        "name_claim": "email",
        "admin_role": "playhead-admins",
    }
    token = EC.token(
        claims(
            tenant=None,
            role=None,
            **{"https://playhead.example/org": "rival", "groups": ["x", "playhead-admins"], "email": "a@b"},
        )
    )

    assert holder(token, **named) == Holder(
        name="a@b", tenant="rival", role="admin", until_at=NOW_MS + 60_000
    )
    assert cause(EC.token(claims()), **named) is Cause.TENANT


@pytest.mark.parametrize(
    ("role", "is_role"),
    [
        ("reader", "reader"),
        ("admin", "admin"),
        (["reader", "admin"], "admin"),
        (["reader", 5, None], "reader"),
    ],
)
def test_the_higher_of_the_roles_counts(role: object, is_role: str) -> None:
    assert holder(EC.token(claims(role=role))).role == is_role


@pytest.mark.parametrize("role", [None, "", "owner", "Admin", [], ["owner"], 5, {"admin": True}, [["admin"]]])
def test_without_a_role_of_ours_it_is_nobodys(role: object) -> None:
    assert cause(EC.token(claims(role=role))) is Cause.ROLE


@pytest.mark.parametrize("tenant", [None, "", "a b", "a/b", "x" * 65, "demo\n", 5, ["demo"], {"demo": 1}])
def test_without_a_tenant_it_is_nobodys(tenant: object) -> None:
    assert cause(EC.token(claims(tenant=tenant))) is Cause.TENANT


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": None}, "u-17"),
        ({"name": 5}, "u-17"),
        ({"name": None, "sub": None}, ""),
        ({"name": "x" * 999}, "x" * 200),
    ],
)
def test_a_name_is_for_people_and_may_be_missing(changes: dict[str, Any], expected: str) -> None:
    assert holder(EC.token(claims(**changes))).name == expected


def test_the_issuer_is_asked_for() -> None:
    assert cause(EC.token(claims(iss="https://elsewhere.example"))) is Cause.ISSUER
    assert cause(EC.token(claims(iss=ISSUER + "/"))) is Cause.ISSUER


def test_the_audience_is_asked_for_and_may_be_one_of_several() -> None:
    assert holder(EC.token(claims(aud=["other", AUDIENCE]))).tenant == "demo"
    for audience in ("other", [], ["other"], AUDIENCE + "2"):
        assert cause(EC.token(claims(aud=audience))) is Cause.AUDIENCE


def test_it_ends_when_it_expires_and_the_clocks_may_differ_a_little() -> None:
    assert holder(EC.token(claims(exp=NOW_S - LEEWAY_S + 1))).tenant == "demo"
    assert holder(EC.token(claims(exp=NOW_S + 0.5))).tenant == "demo"
    assert cause(EC.token(claims(exp=NOW_S - LEEWAY_S))) is Cause.EXPIRED
    assert cause(EC.token(claims(exp=0))) is Cause.EXPIRED
    assert cause(EC.token(claims(exp=-1e300))) is Cause.EXPIRED
    assert cause(EC.token(claims(exp=NOW_S)), leeway_ms=0) is Cause.EXPIRED


def test_it_begins_when_it_says_and_the_clocks_may_differ_a_little() -> None:
    assert holder(EC.token(claims(nbf=NOW_S + LEEWAY_S))).tenant == "demo"
    assert cause(EC.token(claims(nbf=NOW_S + LEEWAY_S + 1))) is Cause.NOT_YET_VALID
    assert cause(EC.token(claims(nbf=1e300))) is Cause.NOT_YET_VALID


@pytest.mark.parametrize("claim", ["iss", "aud", "exp"])
def test_what_every_token_must_say(claim: str) -> None:
    assert cause(EC.token(claims(**{claim: None}))) is Cause.MALFORMED


@pytest.mark.parametrize(
    "payload",
    [
        claims(exp=[1]),
        claims(exp="9999999999"),
        claims(exp=True),
        claims(nbf={}),
        claims(iss=5),
        claims(aud=5),
        claims(aud=[5]),
        claims(sub=5),
        [],
        "text",
        b"",
        b"{",
        b"\xff\xfe",
        b'{"exp": NaN}',
        b'{"exp": Infinity}',
        b"[" * 50_000,
    ],
    ids=lambda payload: str(payload)[:50],
)
def test_a_signed_token_of_odd_claims_is_refused_and_does_not_fail(payload: object) -> None:
    assert cause(EC.token(payload)) is Cause.MALFORMED


def test_a_token_that_never_expires_in_practice_is_taken() -> None:
    assert holder(EC.token(claims(exp=1e300))).until_at == 253_402_300_799_000


def test_a_key_that_is_not_held_proves_nothing() -> None:
    assert cause(STRANGER.token(claims())) is Cause.KEY
    assert cause(STRANGER.token(claims(), {"kid": "k1"})) is Cause.SIGNATURE


def test_a_token_that_was_changed_is_refused() -> None:
    head, payload, signature = EC.token(claims()).split(".")
    other = base64.urlsafe_b64encode(json.dumps(claims(role="admin")).encode()).rstrip(b"=").decode()

    assert cause(f"{head}.{other}.{signature}") is Cause.SIGNATURE
    assert cause(f"{head}.{payload}.{signature[:-4]}AAAA") is Cause.SIGNATURE
    assert cause(f"{head}.{payload}.") is Cause.SIGNATURE


def test_none_is_no_algorithm() -> None:
    for name in ("none", "None", "NONE", ""):
        head = base64.urlsafe_b64encode(json.dumps({"alg": name, "kid": "k1"}).encode()).rstrip(b"=").decode()
        payload = EC.token(claims()).split(".")[1]
        assert cause(f"{head}.{payload}.") is Cause.ALGORITHM


@pytest.mark.parametrize(
    "form", [(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), (Encoding.DER, PublicFormat.PKCS1)]
)
def test_a_public_key_is_never_taken_for_a_secret(form: tuple[Encoding, PublicFormat]) -> None:
    """The classic: HMAC with the public key, which everybody has, as its secret."""
    text = RSA.private.public_key().public_bytes(*form)
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"rsa"}').rstrip(b"=")
    body = base64.urlsafe_b64encode(json.dumps(claims()).encode()).rstrip(b"=")
    proof = HMACAlgorithm(HMACAlgorithm.SHA256).sign(head + b"." + body, text)
    token = b".".join([head, body, base64.urlsafe_b64encode(proof).rstrip(b"=")]).decode()

    assert cause(token) is Cause.ALGORITHM
    # Not even where somebody allowed it: no key serves it.
    assert cause(token, algorithms=frozenset({"HS256"})) is Cause.KEY


def test_an_algorithm_that_is_not_allowed_is_refused_though_the_key_could_serve_it() -> None:
    assert cause(PSS.token(claims())) is Cause.ALGORITHM
    assert holder(PSS.token(claims()), algorithms=frozenset({"PS256"})).tenant == "demo"


def test_a_key_serves_no_other_algorithm_than_its_own() -> None:
    assert cause(PSS.token(claims(), {"kid": "k1"}), algorithms=frozenset({"PS256"})) is Cause.KEY


@pytest.mark.parametrize("header", [{"crit": ["exp"], "exp": 1}, {"crit": []}])
def test_an_extension_that_must_be_understood_is_not(header: dict[str, Any]) -> None:
    assert cause(EC.token(claims(), header)) is Cause.MALFORMED


def with_header(header: bytes) -> str:
    _, payload, signature = EC.token(claims()).split(".")
    return f"{base64.urlsafe_b64encode(header).rstrip(b'=').decode()}.{payload}.{signature}"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"", Cause.MALFORMED),
        (b"[]", Cause.MALFORMED),
        (b"\xff", Cause.MALFORMED),
        (b"[" * 5_000, Cause.MALFORMED),
        (b'{"alg": "ES256", "kid": 5}', Cause.MALFORMED),
        (b'{"alg": "ES256", "b64": false}', Cause.MALFORMED),
        (b"{}", Cause.ALGORITHM),
        (b'{"alg": ["ES256"]}', Cause.ALGORITHM),
        (b'{"alg": {"ES256": 1}}', Cause.ALGORITHM),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_header_of_any_kind_is_refused_and_does_not_fail(header: bytes, expected: Cause) -> None:
    assert cause(with_header(header)) is expected


@given(st.text(alphabet="abcABC012-_=.\x00é€ ", max_size=200))
def test_any_text_is_refused_and_does_not_fail(text: str) -> None:
    cause(text)


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_any_signed_bytes_are_refused_and_do_not_fail(payload: bytes, junk: bytes) -> None:
    cause(EC.token(payload + junk))

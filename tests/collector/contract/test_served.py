"""What is served besides batches: the recorder and its settings, health, metrics, the OpenAPI document."""

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from collector.problems import Reason
from schemas import topic
from tests.collector.builders import KEY, array, connection, event
from tests.collector.contract.conftest import CONSENT_KEY, HERE, PAUSED_KEY, STRICT_KEY
from tests.collector.contract.test_refused import check_refusal, until
from tests.servers.collector import Collector, write, write_connections

pytestmark = pytest.mark.stack

OF_OTHER_PATHS = {Reason.not_found, Reason.method_not_allowed}
OF_NO_REQUEST = {Reason.malformed_request, Reason.slow_headers, Reason.headers_too_large}
RECORDER = b"window.playhead={};" * 50


async def get(sender, path, **headers):
    return await sender.client.get(path, headers={"origin": HERE, **headers})


# --- the recorder ---


async def test_the_recorder_is_served_and_cached(sender):
    answer = await get(sender, "/recorder.js", **{"accept-encoding": "identity"})
    assert answer.status_code == 200
    assert answer.content == RECORDER
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "max-age=300" in answer.headers["cache-control"]
    assert answer.headers["access-control-allow-origin"] == HERE
    assert {"origin", "accept-encoding"} == {name.strip() for name in answer.headers["vary"].split(",")}
    again = await get(sender, "/recorder.js", **{"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]
    other = await get(sender, "/recorder.js", **{"if-none-match": '"other"'})
    assert other.status_code == 200


async def test_the_recorder_is_served_compressed(sender):
    async with sender.client.stream("GET", "/recorder.js", headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == RECORDER


async def test_a_recorder_that_is_not_built_is_a_404_with_the_reason(collector, kafka, tmp_path):
    without = Collector(tmp_path, kafka.bootstrap, recorder_path=tmp_path / "absent.js")
    try:
        await without.alive()
        async with without.client() as client:
            answer = await client.get("/recorder.js", headers={"origin": HERE})
        check_refusal(answer, Reason.not_found)
        assert "not built" in answer.json()["detail"]
        assert str(tmp_path) not in answer.text
    finally:
        await without.process.stop(timeout_ms=20_000)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (KEY, {"record": True, "sample_rate": 1, "mask_all_text": False, "consent_required": False}),
        (CONSENT_KEY, {"record": True, "sample_rate": 0.5, "mask_all_text": True, "consent_required": True}),
        (PAUSED_KEY, {"record": False, "sample_rate": 1, "mask_all_text": False, "consent_required": False}),
        (STRICT_KEY, {"record": True, "sample_rate": 1, "mask_all_text": False, "consent_required": False}),
    ],
)
async def test_a_recorder_learns_its_connections_settings(sender, key, expected):
    answer = await get(sender, f"/v1/recorder-config?key={key}")
    assert answer.status_code == 200
    assert answer.json() == {**expected, "gap_ms": 1_800_000}
    assert answer.headers["access-control-allow-origin"] == HERE


async def test_a_page_that_may_not_send_is_told_not_to_record(sender):
    answer = await get(sender, f"/v1/recorder-config?key={STRICT_KEY}", origin="https://evil.example")
    assert answer.json()["record"] is False


@pytest.mark.parametrize("query", ["", "?key=", "?key=nobody"])
async def test_a_recorder_with_an_unknown_key_is_told(sender, query):
    check_refusal(await get(sender, f"/v1/recorder-config{query}"), Reason.unknown_key)


# --- preflights and other methods ---


@pytest.mark.parametrize("path", ["/v1/batches?key=x", "/v1/recorder-config", "/anything"])
async def test_a_preflight_is_answered_for_a_day(sender, path):
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,traceparent",
    }
    answer = await sender.client.options(path, headers={"origin": HERE, **asked})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == HERE
    assert answer.headers["access-control-allow-headers"] == "content-type,traceparent"
    assert answer.headers["access-control-max-age"] == "86400"
    assert answer.content == b""


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_batches_are_only_posted(sender, method):
    answer = await sender.client.request(method, "/v1/batches", headers={"origin": HERE})
    check_refusal(answer, Reason.method_not_allowed)
    assert "POST" in answer.headers["allow"]


async def test_other_endpoints_are_only_read(sender):
    answer = await sender.client.post("/healthz", headers={"origin": HERE})
    check_refusal(answer, Reason.method_not_allowed)
    assert answer.headers["allow"] == "GET"


async def test_another_path_is_a_404(sender):
    check_refusal(await get(sender, "/v2/batches"), Reason.not_found)


# --- connections ---


async def test_a_connection_is_known_changed_and_forgotten_as_its_topic_says(sender):
    async def status(key: str) -> int:
        return (await sender.post(array(event()), key=key)).status_code

    made = connection(id="made", write_keys=("first-key-of-made",))
    await write_connections(sender.bootstrap, [made])
    await until(lambda: status("first-key-of-made"), 202)
    # Not a connection; those after it are read all the same.
    await write(sender.bootstrap, topic.CONNECTIONS, [(b"bad", b"{"), (b"made", b"{")])
    rotated = connection(id="made", write_keys=("second-key-of-made",), gap_ms=60_000)
    await write_connections(sender.bootstrap, [rotated])
    await until(lambda: status("second-key-of-made"), 202)
    assert await status("first-key-of-made") == 401
    gaps = [batch.gap_ms for batch in await sender.in_log() if batch.connection == "made"]
    assert set(gaps) == {made.gap_ms, 60_000}
    await write_connections(sender.bootstrap, [], removed=["made"])
    await until(lambda: status("second-key-of-made"), 401)


# --- operation ---


async def test_health_readiness_and_metrics(sender):
    await sender.post(array(event()))
    assert (await get(sender, "/healthz")).json() == {"status": "ok"}
    assert (await get(sender, "/readyz")).json() == {"ready": True, "waiting_for": []}
    metrics = await get(sender, "/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert await sender.collector.metric("playhead_collector_producer_up") == 1
    assert await sender.collector.metric("playhead_collector_connections") >= 4
    assert await sender.collector.metric("playhead_collector_publish_seconds_count") >= 1


async def test_no_key_and_no_payload_is_logged(sender):
    secret = "payload-that-nobody-may-read"
    await sender.post(array(event(text=secret)))
    await sender.post(array(event(text=secret))[:-1], key=CONSENT_KEY, consent=1)
    # Places in which a key or payload would come into a line of the server's or a refusal's own.
    await sender.post(b'[{"type":"%s","timestamp":1}]' % secret.encode())
    await sender.post(b'{"%s":1}' % secret.encode(), visitor=secret + "!")
    await sender.post(array(event()), {"content-type": secret, "content-encoding": secret})
    await get(sender, f"/v1/recorder-config?key={CONSENT_KEY}&{secret}=1")
    await get(sender, f"/nothing/{secret}?key={KEY}")
    log = sender.collector.process.command.log_file.read_text()
    assert "producer is up" in log
    for outcome in ("accepted", "malformed_json", "invalid_event", "bad_parameter"):
        assert re.search(rf"request .*outcome.*{outcome}", log), outcome
    for word in (secret, KEY, CONSENT_KEY):
        assert word not in log


async def test_the_openapi_document_is_valid_and_names_every_refusal(sender):
    document = (await get(sender, "/openapi.json")).json()
    validate(document)
    post = document["paths"]["/v1/batches"]["post"]
    recording = document["paths"]["/recordings/{recording}/events"]["post"]
    assert recording["responses"] == post["responses"]
    assert recording["security"] == [{"writeKey": []}]
    named = {
        (int(status), reason)
        for status, answer in post["responses"].items()
        if "application/problem+json" in answer["content"]
        for reason in answer["content"]["application/problem+json"]["schema"]["properties"]["reason"]["enum"]
    }
    assert named == {(reason.status, reason.name) for reason in set(Reason) - OF_OTHER_PATHS - OF_NO_REQUEST}
    for status, answer in post["responses"].items():
        assert ("Retry-After" in answer.get("headers", {})) == (status in ("429", "503"))
    assert {parameter["name"] for parameter in post["parameters"]} == {
        "key", "visitor", "window", "seq", "sent_at", "final", "consent", "encoding",
    }  # fmt: skip


async def test_answers_are_those_of_the_openapi_document(sender, tmp_path):
    # With a key that is known, so that bodies are read, and uncompressed, which made-up bodies always are.
    # As text a body may be anything, good or not; and OPTIONS is answered on every path, as browsers need.
    parameters = f'[parameters]\nkey = "{KEY}"\nencoding = "identity"\n'
    headers = f'headers = {{ Authorization = "Bearer {KEY}" }}\n'
    (tmp_path / "schemathesis.toml").write_text(headers + parameters)
    name = 'playhead_collector_batches_total{outcome="accepted"}'
    accepted = await sender.collector.metric(name)
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{sender.collector.url}/openapi.json",
        "--max-examples", "50", "--seed", "1", "--phases", "examples,coverage,fuzzing", "--no-color",
        "--exclude-checks", "positive_data_acceptance,unsupported_method",
    ]  # fmt: skip
    done = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env={**os.environ, "NO_PROXY": "*"},
    )
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    assert await sender.collector.metric(name) > accepted

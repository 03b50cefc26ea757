"""The collector's settings: environment variables `PLAYHEAD_COLLECTOR_<FIELD>`, read once at start."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="PLAYHEAD_COLLECTOR_", extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8081, ge=1, le=65_535, description="Port to listen on.")
    kafka_bootstrap: str = Field(
        default="127.0.0.1:9092", description="Kafka brokers, host:port, comma-separated."
    )
    recorder_path: Path | None = Field(
        default=None,
        description="The built recorder.js that GET /recorder.js serves; without it that is a 404.",
    )
    country_header: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9-]*$",
        description="Request header in which the edge in front tells the visitor's country (ISO 3166-1 "
        "alpha-2). Empty: none is trusted.",
    )
    max_body_bytes: int = Field(
        default=8 * MIB, ge=1_024, le=64 * MIB, description="Bytes of a body as received; more is refused."
    )
    max_decompressed_bytes: int = Field(
        default=32 * MIB,
        ge=1_024,
        le=256 * MIB,
        description="Bytes of a body once decompressed; more is refused.",
    )
    max_events: int = Field(
        default=20_000, ge=1, le=1_000_000, description="Events in a batch; more is refused."
    )
    max_nesting: int = Field(
        default=950,
        ge=900,
        le=5_000,
        description="Levels of arrays and objects within each other that a body may have, give or take a "
        "few dozen of the server's own stack: the parser counts both.",
    )
    max_record_bytes: int = Field(
        default=16 * MIB - 16 * 1024,
        ge=1_024,
        description="Bytes of a Kafka record, more is refused: its value, its key, and up to 89 of headers "
        "as the producer estimates them. Just under the topic's max.message.bytes.",
    )
    max_in_flight_bytes: int = Field(
        default=32 * MIB,
        ge=MIB,
        description="Bytes of bodies being read and records not yet acknowledged, all together; over "
        "it requests are refused with 503. The process takes about four times as much memory for them.",
    )
    publish_timeout_ms: int = Field(
        default=5_000, ge=10, le=60_000, description="Wait for the broker's acknowledgement, in ms; then 503."
    )
    body_timeout_ms: int = Field(
        default=30_000, ge=10, le=600_000, description="Wait for a whole body, in ms; then 408."
    )
    max_requests_per_s: int = Field(
        default=2_000,
        ge=0,
        description="Requests that a connection may send to this process in a second, on average; over it "
        "they are refused with 429. 0: no limit.",
    )
    request_burst: int = Field(
        default=20_000, ge=1, description="Requests that a connection may send at once, beyond that average."
    )
    max_bytes_per_s: int = Field(
        default=64 * MIB,
        ge=0,
        description="Bytes of bodies, as received, that a connection may send to this process in a second, "
        "on average; over it requests are refused with 429. 0: no limit.",
    )
    byte_burst: int = Field(
        default=512 * MIB,
        ge=1,
        description="Bytes of bodies that a connection may send at once, beyond that average.",
    )
    header_timeout_ms: int = Field(
        default=10_000, ge=10, le=600_000, description="Wait for all headers of a request, in ms; then 408."
    )
    max_header_bytes: int = Field(
        default=64 * 1024,
        ge=1_024,
        le=MIB,
        description="Bytes of a request line and its headers; more is refused with 431.",
    )
    idle_timeout_ms: int = Field(
        default=75_000,
        ge=10,
        le=3_600_000,
        description="A socket without a request for so long (ms) is closed. Longer than a proxy in front "
        "keeps its sockets.",
    )
    max_tcp_sockets: int = Field(
        default=20_000,
        ge=1,
        description="Open TCP sockets; for one more the one that has been idle longest is closed. Each "
        "takes about 10 KiB. The process's limit of open files may allow fewer.",
    )
    retry_after_s: int = Field(
        default=2, ge=1, le=3_600, description="What Retry-After says with a 503, in seconds."
    )
    stop_delay_ms: int = Field(
        default=0,
        ge=0,
        le=600_000,
        description="Wait so long (ms) between readiness going off at SIGTERM and taking no more requests. "
        "As long as the load balancer in front needs to notice.",
    )
    inline_body_bytes: int = Field(
        default=64 * 1024,
        ge=0,
        description="A body of at most so many bytes is worked on in the loop, a larger in a thread.",
    )
    inline_decompressed_bytes: int = Field(
        default=MIB,
        ge=0,
        description="Of these, one that decompresses to more than this goes to a thread all the same.",
    )
    max_sockets: int = Field(
        default=5_000,
        ge=1,
        description="Sockets of the official client that may be open; more are refused with 503. Each takes "
        "about 35 KiB.",
    )
    max_socket_message_bytes: int = Field(
        default=4 * MIB,
        ge=1_024,
        le=64 * MIB,
        description="Bytes of a message on a socket; one that sends more is closed. The client posts what is "
        "over 10^6 characters.",
    )
    max_socket_waiting_bytes: int = Field(
        default=32 * MIB,
        ge=MIB,
        description="Bytes of messages of all sockets that are being received or that the broker does not "
        "have yet; over it no socket is read on.",
    )
    socket_batch_ms: int = Field(
        default=1_000,
        ge=1,
        le=60_000,
        description="Wait from a socket's first message until it is written with those after it, in ms.",
    )
    socket_batch_bytes: int = Field(
        default=256 * 1024,
        ge=1,
        le=8 * MIB,
        description="Bytes of a socket's messages that are written without waiting any longer.",
    )
    socket_batch_events: int = Field(
        default=1_000,
        ge=1,
        description="Messages of a socket that are written without waiting any longer.",
    )
    socket_refresh_ms: int = Field(
        default=20_000,
        ge=100,
        description="Silence after which a socket whose client may keep its events is closed, in ms, so that "
        "it connects anew and sends them.",
    )
    socket_retry_ms: int = Field(
        default=600_000,
        ge=0,
        description="For so long what a socket sent is tried again when it cannot be written, in ms.",
    )
    recorder_max_age_s: int = Field(
        default=300,
        ge=0,
        le=86_400,
        description="How long browsers keep recorder.js before they ask again, in seconds.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is logged."
    )
    access_log_one_in: int = Field(
        default=1_000,
        ge=0,
        description="Of so many accepted requests one has a line in the log, every refusal has one. 0: "
        "refusals only.",
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="How log lines look on stderr."
    )

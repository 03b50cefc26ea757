"""The sessionizer's settings, from the environment: PLAYHEAD_SESSIONIZER_<NAME>.

Settings of a connection (gap, maximum, retention) are not here: every batch carries its own.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ENV_PREFIX = "PLAYHEAD_SESSIONIZER_"
MIB = 1024 * 1024


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True, extra="forbid")

    kafka_bootstrap: str = Field(
        default="127.0.0.1:9092", description="Kafka brokers, host:port, comma-separated."
    )
    clickhouse_url: str = Field(default="http://127.0.0.1:8123", description="ClickHouse's HTTP interface.")
    clickhouse_user: str = Field(default="admin", description="A ClickHouse user who may insert.")
    clickhouse_password: SecretStr = Field(default=SecretStr(""), description="That user's password.")
    clickhouse_database: str = Field(default="playhead", description="The database that holds the tables.")

    host: str = Field(
        default="127.0.0.1", description="The address that /healthz, /readyz and /metrics listen on."
    )
    metrics_port: int = Field(
        default=8083,
        ge=0,
        le=65_535,
        description="Their port; 0 takes a free one.",
    )

    instance_id: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9._-]{1,64}$",
        description="This worker's name in the consumer group, different for each. With one, a restart "
        "within the broker session timeout moves no partition (static membership). Without one it is a "
        "member for one run.",
    )
    broker_session_timeout_ms: int = Field(
        default=10_000,
        ge=1_000,
        le=300_000,
        description="A worker without a heartbeat for so long (ms) has lost its partitions, and ends itself "
        "before it writes again.",
    )

    grace_ms: int = Field(
        default=120_000,
        ge=0,
        le=3_600_000,
        description="How far (ms) the watermark stays behind the newest record.",
    )
    retain_ms: int = Field(
        default=2 * 3_600_000,
        ge=0,
        le=7 * 86_400_000,
        description="How long (ms of stream time) a completed session can still be added to.",
    )
    ended_after_ms: int = Field(
        default=30_000,
        ge=0,
        le=3_600_000,
        description="How long (ms of stream time) after the end of its last window a session is completed.",
    )
    tick_ms: int = Field(
        default=1_000,
        ge=100,
        le=60_000,
        description="Time (ms) between two ticks to each partition that is owned.",
    )

    block_records: int = Field(
        default=2_000,
        ge=1,
        le=100_000,
        description="A block holds at most so many records. The same for all workers.",
    )
    block_bytes: int = Field(
        default=2 * MIB,
        ge=1,
        le=256 * MIB,
        description="A block ends with the record that brings its values, as they are in the log, to so many "
        "bytes. The same for all workers.",
    )
    blocks_at_once: int = Field(
        default=2,
        ge=1,
        le=64,
        description="So many partitions' blocks are decompressed and inserted at the same time.",
    )
    max_payload_bytes: int = Field(
        default=64 * MIB,
        ge=1_024,
        le=1_024 * MIB,
        description="A payload that decompresses to more (bytes) is a dead letter.",
    )
    queue_bytes: int = Field(
        default=4 * MIB,
        ge=1,
        le=1_024 * MIB,
        description="A partition is paused while so many bytes of its records, or as many records as a block "
        "may have, wait for their block.",
    )

    stop_within_ms: int = Field(
        default=8_000,
        ge=100,
        le=300_000,
        description="How long (ms) a stop or a rebalance waits for the blocks at work.",
    )

    ends_file: Path | None = Field(
        default=None,
        description="A file in which the worker notes each time that it ends itself, and why; /metrics "
        "counts them from it. Without one the exit code (70) and the log tell.",
    )
    stuck_after_ms: int = Field(
        default=60_000,
        ge=1_000,
        le=3_600_000,
        description="A partition whose position has not moved for so long (ms) while records waited for it "
        "is stuck, and /healthz says so. At least three times `tick_ms`.",
    )
    unready_after_ms: int = Field(
        default=180_000,
        ge=1_000,
        le=3_600_000,
        description="How long (ms) a worker may be without its partitions, and come no nearer to having "
        "them, before /healthz calls it stuck. Recovering state is coming nearer.",
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least that is logged."
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="Form of the lines on stderr."
    )

    @model_validator(mode="after")
    def _a_tick_is_moved_past_in_time(self) -> "Settings":
        if self.stuck_after_ms < 3 * self.tick_ms:
            raise ValueError("stuck_after_ms must be at least three times tick_ms")
        return self

"""The query API's settings, from the environment: PLAYHEAD_QUERY_API_<NAME>."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="PLAYHEAD_QUERY_API_", frozen=True, extra="forbid")

    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8082, ge=0, le=65_535, description="The port to listen on; 0 takes a free one.")
    kafka_bootstrap: str = Field(
        default="127.0.0.1:9092", description="Kafka brokers, host:port, comma-separated."
    )

    clickhouse_url: str = Field(default="http://127.0.0.1:8123", description="ClickHouse's HTTP interface.")
    clickhouse_user: str = Field(default="admin", description="A ClickHouse user who may read the database.")
    clickhouse_password: SecretStr = Field(default=SecretStr(""), description="That user's password.")
    clickhouse_database: str = Field(default="playhead", description="The database that holds the tables.")
    clickhouse_connections: int = Field(
        default=32,
        ge=1,
        le=1_000,
        description="So many queries run at a time; further ones wait for their turn.",
    )
    query_timeout_ms: int = Field(
        default=10_000,
        ge=100,
        le=300_000,
        description="A query that has not answered after so long (ms) is given up; for events, one that has "
        "not begun to answer, or not gone on.",
    )

    tokens_file: Path = Field(
        default=Path("tokens.json"),
        description="The tokens file, JSON as schemas/token.py describes it; read again when it changes.",
    )
    sign_in_days: int = Field(
        default=30, ge=1, le=400, description="How long (days) a browser stays signed in to the dashboard."
    )

    dashboard_path: Path | None = Field(
        default=None,
        description="The folder of the built dashboard, served at /. Without it only the API is served.",
    )
    recorded_resources: Literal["allow", "block"] = Field(
        default="allow",
        description="Whether a replay may load the recorded page's pictures, fonts, media and style sheets "
        "from where that page had them. `block` contacts nobody, and such parts stay empty. No script runs.",
    )

    page_bytes: int = Field(
        default=8 * MIB,
        ge=1,
        le=64 * MIB,
        description="Size (bytes) of a page of events where the call names none.",
    )
    max_page_bytes: int = Field(
        default=32 * MIB,
        ge=1,
        le=256 * MIB,
        description="The largest page of events (bytes) that a call may ask for.",
    )
    stall_timeout_ms: int = Field(
        default=30_000,
        ge=100,
        le=600_000,
        description="A client that takes nothing of its page of events for so long (ms) is cut off.",
    )
    stop_within_ms: int = Field(
        default=8_000, ge=100, le=300_000, description="How long (ms) a stop waits for the answers at work."
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least that is logged."
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="Form of the lines on stderr."
    )

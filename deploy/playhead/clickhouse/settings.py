"""The settings of the embedded ClickHouse, from the environment (`PLAYHEAD_CLICKHOUSE_…`)."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1 << 20
GIB = 1 << 30


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="PLAYHEAD_CLICKHOUSE_", extra="forbid")

    data_dir: Path = Field(description="The engine's data directory; made if absent. One process at a time.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8123, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    admin_password: SecretStr = Field(min_length=1, description="Password of `admin`, who may do everything.")
    analyst_password: SecretStr | None = Field(
        default=None,
        min_length=1,
        description="Password of `analyst`, who may only read. Without it there is no such user.",
    )
    memory_limit_bytes: int = Field(
        default=2 * GIB,
        ge=256 * MIB,
        description="Memory the engine may use as a whole, in bytes. One query gets half of it.",
    )
    cache_bytes: int = Field(
        default=64 * MIB, ge=MIB, description="Size of each of the engine's caches, in bytes."
    )
    max_body_bytes: int = Field(
        default=GIB, ge=MIB, description="Largest request body as it arrives, in bytes."
    )
    max_decompressed_bytes: int = Field(
        default=8 * GIB, ge=MIB, description="Largest request body once decompressed, in bytes."
    )
    readers: int = Field(
        default=8, ge=1, le=256, description="Reading statements that run at once; more wait."
    )
    writers: int = Field(
        default=4, ge=1, le=256, description="Writing statements that run at once; more wait."
    )
    queue_timeout_ms: int = Field(
        default=30_000, ge=0, description="How long a statement waits for its turn, in ms."
    )
    client_timeout_ms: int = Field(
        default=60_000,
        ge=100,
        description="How long a client may take neither to send nor to accept a byte, in ms.",
    )
    analyst_max_execution_ms: int = Field(
        default=60_000, ge=1000, description="Longest query of `analyst`, in ms."
    )
    stop_timeout_ms: int = Field(
        default=10_000,
        ge=0,
        description="How long running statements may go on after SIGTERM before they are cancelled, in ms.",
    )
    sandbox: Literal["auto", "required", "off"] = Field(
        default="auto",
        description="Keep the process to its data directory and off the network (Linux, Landlock): where the "
        "kernel can, as a condition to start, or not at all.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is logged."
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="For a person or for a log collector."
    )

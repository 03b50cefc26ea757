"""The settings of the embedded stack, from the environment: PLAYHEAD_STACK_<NAME>.

What a service itself can be told (`PLAYHEAD_COLLECTOR_…` and so on) is not repeated here: the stack hands its
own environment on to every process, and sets only what ties them together.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from playhead import checkout


class StackSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="PLAYHEAD_STACK_", frozen=True, extra="forbid")

    data_path: Path = Field(
        default=checkout.DATA,
        description="The folder that keeps everything between runs: Kafka's log, ClickHouse's tables, "
        "secrets, tokens, the processes' logs.",
    )
    kafka_port: int = Field(
        default=9092, description="Port of the broker; 0 takes a free one.", ge=0, le=65_535
    )
    kafka_controller_port: int = Field(
        default=9093,
        description="Port on which the broker talks to itself; 0 takes a free one.",
        ge=0,
        le=65_535,
    )
    clickhouse_port: int = Field(
        default=8123, description="Port of ClickHouse's HTTP interface; 0 takes a free one.", ge=0, le=65_535
    )
    collector_port: int = Field(
        default=8081, description="Port of the collector; 0 takes a free one.", ge=0, le=65_535
    )
    query_api_port: int = Field(
        default=8082, description="Port of the query API and dashboard; 0 takes a free one.", ge=0, le=65_535
    )
    sessionizer_port: int = Field(
        default=8083,
        description="Port of the sessionizer's health and metrics; 0 takes a free one.",
        ge=0,
        le=65_535,
    )
    kafka_heap_mb: int = Field(
        default=256, description="Largest Java heap of the broker, in MiB.", ge=96, le=65_536
    )
    jars_path: Path = Field(default=checkout.JARS, description="The folder of Kafka's jars (`make jars`).")
    recorder_path: Path = Field(
        default=checkout.RECORDER,
        description="The built recorder.js, which the collector serves if it is there.",
    )
    dashboard_path: Path = Field(
        default=checkout.DASHBOARD,
        description="The folder of the built dashboard, which the query API serves if it is there.",
    )
    start_timeout_ms: int = Field(
        default=60_000, description="How long (ms) a process may take until it serves.", ge=1_000, le=600_000
    )
    stop_timeout_ms: int = Field(
        default=15_000,
        description="How long (ms) a process may take to stop before it is killed.",
        ge=100,
        le=600_000,
    )
    max_restarts: int = Field(
        default=5,
        description="A process that died so often within `restart_window_ms` and dies again ends the run.",
        ge=0,
        le=1_000,
    )
    restart_window_ms: int = Field(
        default=120_000, description="See max_restarts; in ms.", ge=1_000, le=86_400_000
    )
    restart_wait_ms: int = Field(
        default=200,
        description="Wait (ms) before the first restart; doubles with each further one within the window.",
        ge=0,
        le=60_000,
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that the services log."
    )


FREE_PORTS = {name: 0 for name in StackSettings.model_fields if name.endswith("_port")}
"""Settings with which every port is a free one."""

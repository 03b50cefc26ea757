"""The query API's settings, from the environment: PLAYHEAD_QUERY_API_<NAME>."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from query_api.tokens.key_set import Algorithm

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

    jwks_url: str | None = Field(
        default=None,
        description="Where the company's sign-on publishes the keys of its JWTs (https, or http on this "
        "machine). With it, or with JWKS_FILE, such a JWT is a token here.",
    )
    jwks_file: Path | None = Field(
        default=None, description="The same document as a file, where there is no such address."
    )
    jwt_issuer: str = Field(default="", description="What a JWT must say in `iss`.")
    jwt_audience: str = Field(default="", description="What a JWT must say in `aud`, among others.")
    jwt_algorithms: tuple[Algorithm, ...] = Field(
        default=("RS256", "PS256", "ES256", "EdDSA"),
        min_length=1,
        description="The algorithms that may sign a JWT.",
    )
    jwt_leeway_ms: int = Field(
        default=30_000,
        ge=0,
        le=300_000,
        description="How far (ms) the sign-on's clock may be off from this one, for `exp` and `nbf`.",
    )
    jwt_tenant_claim: str = Field(default="tenant", description="The claim that names the tenant.")
    jwt_role_claim: str = Field(
        default="role", description="The claim that names the role, or a list of roles or groups."
    )
    jwt_name_claim: str = Field(
        default="name", description="The claim that names the person, for people; without it `sub` does."
    )
    jwt_reader_role: str = Field(
        default="reader", min_length=1, description="What the role claim holds of a reader."
    )
    jwt_admin_role: str = Field(
        default="admin", min_length=1, description="What the role claim holds of an admin."
    )
    jwks_keep_ms: int = Field(
        default=300_000,
        ge=1_000,
        le=86_400_000,
        description="After so long (ms) the keys are asked for again; so long may a key be valid that the "
        "sign-on has taken back.",
    )
    jwks_retry_ms: int = Field(
        default=10_000,
        ge=1_000,
        le=600_000,
        description="Between two askings for the keys are at least so many ms, also where tokens name keys "
        "that are not known.",
    )
    jwks_valid_ms: int = Field(
        default=86_400_000,
        ge=1_000,
        le=604_800_000,
        description="While the sign-on is away, the keys last got from it stay valid for so long (ms).",
    )
    jwks_timeout_ms: int = Field(
        default=3_000, ge=100, le=30_000, description="How long (ms) the sign-on has to answer."
    )

    share_keys_file: Path | None = Field(
        default=None,
        description="A file of secret keys that sign share links, one a line, of 32 bytes or more: the first "
        "signs, each opens; read again when it changes. Without it no link can be made and none opens.",
    )
    share_stale_after_ms: int = Field(
        default=30_000,
        ge=10_000,
        le=3_600_000,
        description="A process that has not heard from Kafka for so long (ms) refuses share links, since one "
        "may have been revoked.",
    )
    kafka_write_timeout_ms: int = Field(
        default=5_000,
        ge=100,
        le=60_000,
        description="How long (ms) Kafka has to take a record, and the record to come back.",
    )

    dashboard_path: Path | None = Field(
        default=None,
        description="The folder of the built dashboard, served at /. Without it only the API is served.",
    )
    recorded_resources: Literal["block", "allow"] = Field(
        default="block",
        description="Whether a replay may load the recorded page's pictures, fonts, media and style sheets "
        "from where that page had them. `block` contacts nobody, and such parts stay empty; with `allow` "
        "those hosts see the viewer's address. The replay says which it is. No script runs.",
    )

    export_html_max_bytes: int = Field(
        default=256 * MIB,
        ge=1,
        le=512 * MIB,
        description="A session with more bytes of events is not exported as an HTML page: a browser has to "
        "hold all of it. JSON and NDJSON have no limit.",
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
        description="The largest page of events (bytes) that a call may ask for. An export reads so much "
        "at a time.",
    )
    stall_timeout_ms: int = Field(
        default=30_000,
        ge=100,
        le=600_000,
        description="A client that takes nothing of its page of events, or of its live stream, for so long "
        "(ms) is cut off.",
    )
    live_viewers: int = Field(
        default=1_000,
        ge=1,
        le=100_000,
        description="At most so many live streams are open in this process; further ones are refused.",
    )
    live_poll_ms: int = Field(
        default=500,
        ge=20,
        le=60_000,
        description="Between two looks for what is new in the sessions that are seen live are so many ms.",
    )
    live_buffer_bytes: int = Field(
        default=MIB,
        ge=64 * 1024,
        le=64 * MIB,
        description="Held for a viewer of a live stream are at most so many bytes, or one batch. One that "
        "takes less than comes reads what is stored instead.",
    )
    live_heartbeat_ms: int = Field(
        default=15_000,
        ge=100,
        le=600_000,
        description="A live stream in which nothing happens says so after so long (ms), for the proxies on "
        "its way.",
    )
    live_longest_ms: int = Field(
        default=900_000,
        ge=1_000,
        le=86_400_000,
        description="A live stream is ended after so long (ms), and its viewer comes back; so long may go on "
        "seeing whose token is no longer valid.",
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

    @model_validator(mode="after")
    def _sign_on_is_whole(self) -> Self:
        if self.jwks_url is None and self.jwks_file is None:
            return self
        if self.jwks_url is not None and self.jwks_file is not None:
            raise ValueError("jwks_url and jwks_file: only one of them may be set")
        if not self.jwt_issuer or not self.jwt_audience:
            raise ValueError("jwt_issuer and jwt_audience: must be set with a JWKS")
        if self.jwt_reader_role == self.jwt_admin_role:
            raise ValueError("jwt_reader_role and jwt_admin_role: must differ")
        if self.jwks_url is not None and not _private_way(self.jwks_url):
            raise ValueError("jwks_url: must be https, or http on this machine")
        return self


def _private_way(url: str) -> bool:
    """Whether nobody between here and there can put in keys of their own."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")

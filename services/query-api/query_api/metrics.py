"""The query API's metrics, each declared once with its unit and help."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

REGISTRY = CollectorRegistry()
for _collector in (ProcessCollector, PlatformCollector, GCCollector):
    _collector(registry=REGISTRY)

REQUEST_SECONDS = Histogram(
    "playhead_query_api_request_seconds",
    "From a call's arrival to the end of its answer, by route, method and HTTP status.",
    ["route", "method", "status"],
    registry=REGISTRY,
    buckets=(0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)
REFUSALS = Counter(
    "playhead_query_api_refusals_total",
    "Calls refused, by reason.",
    ["reason"],
    registry=REGISTRY,
)
CLICKHOUSE_SECONDS = Histogram(
    "playhead_query_api_clickhouse_seconds",
    "From a query's start to its answer (for events: to its first byte), by query and outcome (ok, error).",
    ["query", "outcome"],
    registry=REGISTRY,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
EVENT_BYTES = Counter(
    "playhead_query_api_event_bytes_total",
    "Bytes of stored events sent, before compression: `as_stored` in whole batches, `merged` event by event.",
    ["way"],
    registry=REGISTRY,
)
EVENT_PAGES_BROKEN = Counter(
    "playhead_query_api_event_pages_broken_total",
    "Pages of events that ended early because ClickHouse failed, or the client stalled, in the middle.",
    ["cause"],
    registry=REGISTRY,
)
LIVE_VIEWERS = Gauge(
    "playhead_query_api_live_viewers",
    "Live streams that are open.",
    registry=REGISTRY,
)
LIVE_BYTES = Counter(
    "playhead_query_api_live_bytes_total",
    "Bytes handed to viewers of live streams.",
    registry=REGISTRY,
)
LIVE_LAG_SECONDS = Histogram(
    "playhead_query_api_live_lag_seconds",
    "Of each batch of a session that is seen live, from its arrival at the collector until all viewers were "
    "offered it (the two machines' clocks).",
    registry=REGISTRY,
    buckets=(0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30, 60, 300),
)
LIVE_FELL_BEHIND = Counter(
    "playhead_query_api_live_fell_behind_total",
    "Times that a viewer took too little, and was left to read for itself what is stored.",
    registry=REGISTRY,
)
LIVE_STALLED = Counter(
    "playhead_query_api_live_stalled_total",
    "Live streams that were cut off because their viewer took nothing.",
    registry=REGISTRY,
)
CONNECTIONS = Gauge(
    "playhead_query_api_connections",
    "Connections held in memory.",
    registry=REGISTRY,
)
CONNECTION_RECORDS_UNREADABLE = Counter(
    "playhead_query_api_connection_records_unreadable_total",
    "Records of playhead.connections that are no connection, and were passed.",
    registry=REGISTRY,
)
CONNECTIONS_READER_RESTARTS = Counter(
    "playhead_query_api_connections_reader_restarts_total",
    "Times that the reader of playhead.connections had to begin again.",
    registry=REGISTRY,
)
TOKENS = Gauge(
    "playhead_query_api_tokens",
    "Tokens that are valid now.",
    registry=REGISTRY,
)
TOKENS_FILE_UNREADABLE = Counter(
    "playhead_query_api_tokens_file_unreadable_total",
    "Changes of the tokens file that could not be read; the tokens before them stay valid.",
    registry=REGISTRY,
)
JWT_REFUSED = Counter(
    "playhead_query_api_jwt_refused_total",
    "JWTs that were not accepted, by cause.",
    ["cause"],
    registry=REGISTRY,
)
JWKS_READ = Counter(
    "playhead_query_api_jwks_read_total",
    "Times that the sign-on's keys were asked for, by outcome (ok, error).",
    ["outcome"],
    registry=REGISTRY,
)
JWKS_KEYS = Gauge(
    "playhead_query_api_jwks_keys",
    "Keys of the sign-on, held in memory, that may sign a token.",
    registry=REGISTRY,
)
SHARES = Gauge(
    "playhead_query_api_shares",
    "Shares held in memory.",
    registry=REGISTRY,
)
SHARE_RECORDS_UNREADABLE = Counter(
    "playhead_query_api_share_records_unreadable_total",
    "Records of playhead.shares that are no share, and were passed.",
    registry=REGISTRY,
)
SHARES_READER_RESTARTS = Counter(
    "playhead_query_api_shares_reader_restarts_total",
    "Times that the reader of playhead.shares had to begin again.",
    registry=REGISTRY,
)

"""The collector's metrics: each declared here, once, with its unit and meaning.

Anyone here may count; nothing is decided from them.
"""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter(
    "playhead_collector_batches_total",
    "Posts of events by outcome: accepted, client_gone, or the reason of the refusal.",
    ["outcome"],
)
EVENTS = Counter("playhead_collector_events_total", "rrweb events in accepted batches.")
RECEIVED_BYTES = Counter(
    "playhead_collector_received_bytes_total", "Bytes of bodies as received, compressed."
)
ANSWERED_BYTES = Counter(
    "playhead_collector_answered_bytes_total",
    "Bytes of the bodies with which posts of events were answered, refusals too.",
)
RAW_BYTES = Counter("playhead_collector_raw_bytes_total", "Bytes of accepted batches, decompressed.")
PUBLISHED_BYTES = Counter(
    "playhead_collector_published_bytes_total", "Bytes of records that the broker acknowledged."
)
REFRAMED = Counter(
    "playhead_collector_reframed_total",
    "Accepted batches whose payload could not pass through as the client sent it.",
)
PUBLISH_SECONDS = Histogram(
    "playhead_collector_publish_seconds",
    "From handing a record to the producer to the broker's acknowledgement, in seconds.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
IN_FLIGHT_BYTES = Gauge(
    "playhead_collector_in_flight_bytes", "Bytes of bodies being read and of records not yet acknowledged."
)
TCP_SOCKETS = Gauge("playhead_collector_tcp_sockets", "Open TCP sockets that speak HTTP.")
TCP_SOCKETS_CLOSED = Counter(
    "playhead_collector_tcp_sockets_closed_total",
    "Sockets that the collector closed by itself: idle, too_many, or for slow_headers, headers_too_large, "
    "malformed_request or slow_body (a body that went on after it was refused).",
    ["reason"],
)
PRODUCERS_REPLACED = Counter(
    "playhead_collector_producers_replaced_total", "Producers that failed and were replaced."
)
PRODUCER_UP = Gauge("playhead_collector_producer_up", "1 while a producer is in use, else 0.")
CONNECTIONS = Gauge("playhead_collector_connections", "Connections that are known.")
BAD_CONNECTION_RECORDS = Counter(
    "playhead_collector_bad_connection_records_total",
    "Records of playhead.connections that are no connection.",
)

SOCKETS = Counter(
    "playhead_collector_sockets_total",
    "Sockets of the official client that were asked for, by outcome: accepted, or the reason of the refusal.",
    ["outcome"],
)
SOCKETS_OPEN = Gauge("playhead_collector_sockets_open", "Sockets of the official client that are open.")
SOCKETS_CLOSED = Counter(
    "playhead_collector_sockets_closed_total",
    "Sockets that ended, by who or what closed them: client, refresh, stop, trouble (what it sent could not "
    "be written at once), refused.",
    ["why"],
)
SOCKET_MESSAGES = Counter(
    "playhead_collector_socket_messages_total", "Messages that came on sockets, an event each."
)
SOCKET_MESSAGES_DROPPED = Counter(
    "playhead_collector_socket_messages_dropped_total",
    "Messages of sockets that are not in the log, by the reason of the refusal, or `stopped`.",
    ["reason"],
)
SOCKET_WAITING_BYTES = Gauge(
    "playhead_collector_socket_waiting_bytes",
    "Bytes of messages of sockets that are being received or that the broker does not have yet.",
)

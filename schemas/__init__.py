"""The contracts between the rooms of Playhead: what travels in a topic, what stands in a table.

Every service imports this package and no other one of ours. It knows no service, no broker client
and no web framework; only `schemas.migrate` talks to a server (ClickHouse).
"""

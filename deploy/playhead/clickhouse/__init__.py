"""chDB (the ClickHouse engine in a process) behind the ClickHouse HTTP interface, for one machine.

Started as `python -m playhead.clickhouse` with the settings of `settings.py`; `/ping` answers `Ok.` once
statements are served. One process owns one data directory. The engine knows no users: `policy.py` keeps
the read-only one to reading, and `sandbox.py` keeps the whole process to its own directory.
"""

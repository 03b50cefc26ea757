"""What the engine would read for a query, as its EXPLAIN says."""

import re
from typing import Any

from clickhouse_connect.driver.client import Client


def granules_read(store: Client, sql: str, parameters: dict[str, Any]) -> tuple[int, int]:
    """How many granules are read, and of how many that the table has."""
    after_each_index = re.findall(r"Granules: (\d+)/(\d+)", plan_of(store, sql, parameters))
    return int(after_each_index[-1][0]), int(after_each_index[0][1])


def granules_of_each_reading(
    store: Client, sql: str, parameters: dict[str, Any], table: str
) -> list[tuple[int, int]]:
    """As `granules_read`, of each place in the query where the table is read."""
    found = []
    for reading in re.split(r"(?=ReadFromMergeTree \()", plan_of(store, sql, parameters))[1:]:
        if re.match(rf"ReadFromMergeTree \(\w+\.{table}\)", reading):
            after_each_index = re.findall(r"Granules: (\d+)/(\d+)", reading)
            found.append((int(after_each_index[-1][0]), int(after_each_index[0][1])))
    return found


def plan_of(store: Client, sql: str, parameters: dict[str, Any]) -> str:
    return "\n".join(row[0] for row in store.query(f"EXPLAIN indexes = 1 {sql}", parameters).result_rows)

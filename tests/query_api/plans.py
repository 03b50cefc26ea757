"""What the engine would read for a query, as its EXPLAIN says."""

import re
from typing import Any

from clickhouse_connect.driver.client import Client


def granules_read(store: Client, sql: str, parameters: dict[str, Any]) -> tuple[int, int]:
    """How many granules are read, and of how many that the table has."""
    plan = "\n".join(row[0] for row in store.query(f"EXPLAIN indexes = 1 {sql}", parameters).result_rows)
    after_each_index = re.findall(r"Granules: (\d+)/(\d+)", plan)
    return int(after_each_index[-1][0]), int(after_each_index[0][1])

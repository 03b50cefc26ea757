"""What a person needs who looks into a failure: the log, the changelog, the rows, as they were found."""

from pathlib import Path

import msgspec
from clickhouse_connect.driver.client import Client

from schemas.topic import declared
from tests.faults.log import log_of

TABLES = {
    "sessions": "SELECT * FROM sessions",
    "recordings": "SELECT * EXCEPT payload, MD5(payload) FROM recordings",
    "erasures": "SELECT * FROM erasures",
}
"""Every row, also those that FINAL would not show."""


async def keep_evidence(folder: Path, bootstrap: str, client: Client, differences: list[str]) -> None:
    """Into `folder/evidence`, anew: topics as msgpack arrays (partition, offset, timestamp, key, value)."""
    evidence = folder / "evidence"
    evidence.mkdir(exist_ok=True)
    (evidence / "differences.txt").write_text("\n".join(differences) + "\n")
    for topic in declared():
        records = [
            (number, record.offset, record.timestamp, record.key, record.value)
            for number, found in (await log_of(bootstrap, topic)).items()
            for record in found
        ]
        (evidence / f"{topic}.msgpack").write_bytes(msgspec.msgpack.encode(records))
    for table, query in TABLES.items():
        (evidence / f"{table}.tsv").write_bytes(client.raw_query(query, fmt="TSVWithNames"))

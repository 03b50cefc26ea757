"""The broker's configuration as text. Pure.

One node is broker and controller, listens on the loopback address only and is sized for one machine:
small heap, few threads, internal topics with few partitions.
"""

from pathlib import Path

LARGEST_RECORD_BYTES = 17 * 1024 * 1024
"""`message.max.bytes`: the most that a topic takes, which is the dead letter of a record of 16 MiB."""


def server_properties(*, data: Path, port: int, controller_port: int) -> str:
    """Give the text of `server.properties`.

    Args:
        data: where the broker keeps its logs.
        port: where clients connect, on 127.0.0.1.
        controller_port: where the node talks to itself, on 127.0.0.1.
    """
    values = {
        "process.roles": "broker,controller",
        "node.id": "1",
        # Static voters: the ports may differ from run to run, and a voter kept in the log could not.
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listeners": f"BROKER://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"BROKER://127.0.0.1:{port}",
        "inter.broker.listener.name": "BROKER",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(data),
        "message.max.bytes": str(LARGEST_RECORD_BYTES),
        "replica.fetch.max.bytes": str(LARGEST_RECORD_BYTES),
        "replica.fetch.response.max.bytes": str(LARGEST_RECORD_BYTES),
        # A misspelt topic must fail, not appear.
        "auto.create.topics.enable": "false",
        "default.replication.factor": "1",
        "min.insync.replicas": "1",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        # The one consumer group has static members: nobody else is worth waiting for.
        "group.initial.rebalance.delay.ms": "0",
        "num.network.threads": "2",
        "num.io.threads": "4",
        "background.threads": "2",
        "log.cleaner.threads": "1",
        "log.cleaner.dedupe.buffer.size": str(8 * 1024 * 1024),
        # The cleaner's own buffers must hold the largest record of a compacted topic.
        "log.cleaner.io.buffer.size": str(1024 * 1024),
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())

"""A real Apache Kafka on this machine: one KRaft node from Maven's jars, and the declared topics."""

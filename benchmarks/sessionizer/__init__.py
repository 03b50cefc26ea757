"""What one core of a sessionizer does, beside Kafka Streams, quixstreams and bytewax on the same log."""

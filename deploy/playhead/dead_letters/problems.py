"""What can go wrong for a person at the terminal: each message says what to do."""


class DeadLetterProblem(Exception):  # noqa: N818
    """The command could not do what it was asked for. Nothing was put back unless the message says so."""


class NoBroker(DeadLetterProblem):
    def __init__(self, bootstrap: str, error: object):
        super().__init__(
            f"no Kafka broker answers at {bootstrap} ({error}); start it, or name another with --bootstrap"
        )


class TopicMissing(DeadLetterProblem):
    def __init__(self, topic: str, bootstrap: str):
        super().__init__(
            f"the broker at {bootstrap} has no topic {topic}; `playhead topics` creates it, or name another "
            "broker with --bootstrap"
        )


class NoSuchLetter(DeadLetterProblem):
    """No dead letter, or more than one, stands for a position."""


class NotReplayable(DeadLetterProblem):
    """A letter that was asked for by name cannot be put back, or was put back already."""


class ReplayStopped(DeadLetterProblem):
    """The broker did not take a record or its mark; those that were told before are put back."""


class NotShown(DeadLetterProblem):
    """There is no payload, or it does not unpack."""

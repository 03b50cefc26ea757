"""An intake whose broker and connections are in memory."""

from collector.admit import BytesInFlight
from collector.intake import Intake
from collector.settings import Settings
from schemas.connection import ConnectionBook, encode
from schemas.envelope import decode
from tests.collector.builders import connection

ID = "0b6f6f0e-4a4c-4b2a-9d5f-6f2f3d1b7c55"
HERE = "https://shop.example"
STRICT_KEY, PAUSED_KEY, CONSENT_KEY = "key-of-the-strict", "key-of-the-paused", "key-of-the-consent"


class Connections:
    caught_up = True

    def __init__(self):
        self.book = ConnectionBook()
        self.set(connection())
        self.set(connection(id="strict", write_keys=(STRICT_KEY,), allowed_origins=(HERE,)))
        self.set(connection(id="paused", write_keys=(PAUSED_KEY,), paused=True))
        self.set(connection(id="consent", write_keys=(CONSENT_KEY,), consent_required=True))

    def set(self, one):
        self.book.apply(one.id.encode(), encode(one))


class Broker:
    """Keeps what it is given; fails as told, once for each error."""

    up = True

    def __init__(self, *errors):
        self.errors = list(errors)
        self.records = []
        self.asked = 0

    async def publish(self, key, value, at_ms):
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        self.records.append((key, value))

    @property
    def batches(self):
        return [decode(value) for _, value in self.records]


class InMemory:
    def __init__(self, *errors, **settings):
        self.settings = Settings(**settings)
        self.broker = Broker(*errors)
        self.connections = Connections()
        self.in_flight = BytesInFlight(10**9)
        self.intake = Intake(self.settings, self.connections, self.broker, self.in_flight)

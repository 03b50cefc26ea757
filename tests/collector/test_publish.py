"""What a record costs while it is on its way, and what becomes of a producer that fails."""

import asyncio

import pytest
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, OutOfOrderSequenceNumber

from collector.admit import BytesInFlight
from collector.problems import Reason, Refused
from collector.publish import BrokerUnavailable, Publisher, RecordTooLarge
from tests.collector.virtual_time import run_in_virtual_time


class Producer:
    """Stands in for aiokafka's: the test decides what becomes of each record."""

    def __init__(self, error=None):
        self.error = error
        self.futures = []

    async def send(self, topic, value, key, timestamp_ms):
        if self.error:
            raise self.error
        self.futures.append(asyncio.get_running_loop().create_future())
        return self.futures[-1]


def publisher_of(producer, most_bytes=100, timeout_s=0.05):
    in_flight = BytesInFlight(most_bytes)
    publisher = Publisher("nowhere:1", "topic", max_record_bytes=1, timeout_s=timeout_s, in_flight=in_flight)
    publisher._producer = producer
    return publisher, in_flight


async def publish(publisher, size=60):
    await publisher.publish(b"key", b"x" * size, 0)


async def sent(producer, publisher, size=60):
    """A record that the producer has and the broker has not."""
    task = asyncio.create_task(publish(publisher, size))
    while not producer.futures:
        await asyncio.sleep(0)
    return task


async def test_its_producer_is_idempotent_waits_for_all_replicas_and_makes_large_batches(monkeypatch):
    made = []

    class Made(Producer):
        def __init__(self, **given):
            super().__init__()
            made.append(given)

        async def start(self):
            pass

        async def partitions_for(self, topic):
            assert topic == "topic"

        async def stop(self):
            pass

    monkeypatch.setattr("collector.publish.AIOKafkaProducer", Made)
    publisher, _ = publisher_of(None)
    running = asyncio.create_task(publisher.run())
    while not publisher.up:
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    [given] = made
    assert (given["acks"], given["enable_idempotence"]) == ("all", True)
    assert given["max_batch_size"] == 512 * 1024


async def test_it_returns_only_once_the_broker_has_the_record():
    producer = Producer()
    publisher, in_flight = publisher_of(producer, timeout_s=30)
    task = await sent(producer, publisher)
    for _ in range(20):
        await asyncio.sleep(0)
    assert not task.done()
    assert in_flight.now_bytes == 60
    producer.futures[0].set_result(None)
    await task
    assert in_flight.now_bytes == 0


async def test_a_record_over_the_bytes_in_flight_is_never_handed_over():
    producer = Producer()
    publisher, in_flight = publisher_of(producer, timeout_s=30)
    task = await sent(producer, publisher)
    with pytest.raises(Refused) as refused:
        await publish(publisher)
    assert refused.value.reason is Reason.overloaded
    assert len(producer.futures) == 1
    producer.futures[0].set_result(None)
    await task
    assert in_flight.now_bytes == 0


@pytest.mark.parametrize("late_failure", [False, True])
async def test_after_a_time_out_the_record_counts_until_the_producer_is_done_with_it(late_failure):
    producer = Producer()
    publisher, in_flight = publisher_of(producer)
    with pytest.raises(BrokerUnavailable):
        await publish(publisher)
    assert in_flight.now_bytes == 60
    assert not producer.futures[0].cancelled()
    assert publisher.up
    if late_failure:
        producer.futures[0].set_exception(KafkaError())
    else:
        producer.futures[0].set_result(None)
    await asyncio.sleep(0)
    assert in_flight.now_bytes == 0


async def check_whether_in_time(task, in_time):
    if in_time:
        await task
    else:
        with pytest.raises(BrokerUnavailable):
            await task


@pytest.mark.parametrize(("late_ms", "in_time"), [(-1, True), (1, False)])
def test_an_acknowledgement_has_its_time_to_the_millisecond(late_ms, in_time):
    async def run():
        producer = Producer()
        publisher, _ = publisher_of(producer, timeout_s=5)
        task = await sent(producer, publisher)
        await asyncio.sleep(5 + late_ms / 1_000)
        producer.futures[0].set_result(None)
        await check_whether_in_time(task, in_time)

    run_in_virtual_time(run())


@pytest.mark.parametrize(("late_ms", "in_time"), [(-1, True), (1, False)])
def test_waiting_for_the_producer_and_for_the_broker_have_one_time(late_ms, in_time):
    class Slow(Producer):
        async def send(self, topic, value, key, timestamp_ms):
            await asyncio.sleep(3)
            return await super().send(topic, value, key, timestamp_ms)

    async def run():
        producer = Slow()
        publisher, in_flight = publisher_of(producer, timeout_s=5)
        task = asyncio.create_task(publish(publisher))
        await asyncio.sleep(5 + late_ms / 1_000)
        producer.futures[0].set_result(None)
        await check_whether_in_time(task, in_time)
        await asyncio.sleep(0)
        assert in_flight.now_bytes == 0

    run_in_virtual_time(run())


@pytest.mark.parametrize("error", [None, KafkaError(), MessageSizeTooLargeError()])
async def test_of_a_request_that_is_over_nothing_is_kept(error):
    producer = Producer()
    publisher, _ = publisher_of(producer, timeout_s=30)
    task = await sent(producer, publisher)
    assert len(list(publisher._waiters)) == 1
    if error:
        producer.futures[0].set_exception(error)
    else:
        producer.futures[0].set_result(None)
    await asyncio.wait([task])
    assert (task.exception() is None) == (error is None)
    assert list(publisher._waiters) == []


async def test_a_request_that_is_given_up_leaves_its_record_with_the_producer():
    producer = Producer()
    publisher, in_flight = publisher_of(producer, timeout_s=30)
    task = await sent(producer, publisher)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not producer.futures[0].cancelled()
    assert in_flight.now_bytes == 60
    producer.futures[0].set_result(None)
    await asyncio.sleep(0)
    assert in_flight.now_bytes == 0


async def test_a_producer_that_takes_no_record_in_time_counts_nothing():
    class Full(Producer):
        async def send(self, topic, value, key, timestamp_ms):
            await asyncio.Event().wait()

    publisher, in_flight = publisher_of(Full())
    with pytest.raises(BrokerUnavailable):
        await publish(publisher)
    assert in_flight.now_bytes == 0


@pytest.mark.parametrize("error", [KafkaError("the sender died"), OutOfOrderSequenceNumber()])
async def test_a_producer_that_fails_is_given_up(error):
    publisher, in_flight = publisher_of(Producer(error))
    with pytest.raises(BrokerUnavailable):
        await publish(publisher)
    assert not publisher.up
    assert in_flight.now_bytes == 0


async def test_a_record_over_the_producers_limit_is_no_failure_of_the_producer():
    publisher, in_flight = publisher_of(Producer(MessageSizeTooLargeError()))
    with pytest.raises(RecordTooLarge):
        await publish(publisher)
    assert publisher.up
    assert in_flight.now_bytes == 0


async def test_a_record_over_the_brokers_limit_leaves_a_hole_so_the_producer_is_given_up():
    producer = Producer()
    publisher, in_flight = publisher_of(producer, timeout_s=30)
    task = await sent(producer, publisher)
    producer.futures[0].set_exception(MessageSizeTooLargeError())
    with pytest.raises(RecordTooLarge):
        await task
    assert not publisher.up
    assert in_flight.now_bytes == 0


async def test_without_a_producer_nothing_is_taken():
    publisher, in_flight = publisher_of(None)
    with pytest.raises(BrokerUnavailable):
        await publish(publisher)
    assert in_flight.now_bytes == 0

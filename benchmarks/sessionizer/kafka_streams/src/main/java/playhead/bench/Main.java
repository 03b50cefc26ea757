package playhead.bench;

import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.state.SessionBytesStoreSupplier;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Session windows as they are usually built with Kafka Streams.
 *
 * <p>{@code events}: a record an event, counted by visitor and session. {@code envelopes}: Playhead's own
 * records, decoded, into a state that holds about what Playhead's holds. {@code windows}: the DSL's session
 * windows; {@code by-hand}: a processor of one's own. The result goes nowhere but into the store and its
 * changelog: nothing is suppressed and no output topic is written, which is the least work.
 */
public final class Main {
    private static final Duration GAP = Duration.ofMinutes(30);
    private static final Duration GRACE = Duration.ofMinutes(2);
    private static final Duration RETENTION = GAP.plus(GRACE);

    public static void main(String[] args) throws InterruptedException {
        String bootstrap = args[0], kind = args[1], topic = args[2], id = args[3], folder = args[4], store = args[5];
        Progress progress = new Progress();
        StreamsBuilder builder = new StreamsBuilder();
        KStream<Bytes, byte[]> records = builder.stream(topic, Consumed.with(Serdes.Bytes(), Serdes.ByteArray()));
        SessionWindows sessions = SessionWindows.ofInactivityGapAndGrace(GAP, GRACE);
        switch (kind) {
            case "events-windows" -> records
                .peek((key, value) -> progress.add())
                .groupByKey(Grouped.with(Serdes.Bytes(), Serdes.ByteArray()))
                .windowedBy(sessions)
                .count(cached(store, Materialized.<Bytes, Long>as(supplier(store))
                    .withKeySerde(Serdes.Bytes())));
            case "events-by-hand" -> records
                .peek((key, value) -> progress.add())
                .process(ByHand.supplier(Counted.STEP, Counted.serde()));
            case "envelopes-windows" -> envelopes(records, progress)
                .groupByKey(Grouped.with(Serdes.Bytes(), null))
                .windowedBy(sessions)
                .aggregate(
                    SessionState::new,
                    (key, envelope, state) -> state.add(envelope),
                    (key, one, other) -> one.mergedWith(other),
                    cached(store, Materialized.<Bytes, SessionState>as(supplier(store))
                        .withKeySerde(Serdes.Bytes())
                        .withValueSerde(SessionState.serde())));
            case "envelopes-by-hand" -> envelopes(records, progress)
                .process(ByHand.supplier(SessionState.STEP, SessionState.serde()));
            default -> throw new IllegalArgumentException(kind);
        }
        KafkaStreams streams = new KafkaStreams(builder.build(), settings(bootstrap, id, folder));
        CountDownLatch stopped = new CountDownLatch(1);
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            streams.close(Duration.ofSeconds(10));
            stopped.countDown();
        }));
        progress.print();
        streams.start();
        stopped.await();
    }

    private static KStream<Bytes, Envelope> envelopes(KStream<Bytes, byte[]> records, Progress progress) {
        return records
            .filter((key, value) -> key != null) // ticks
            .mapValues(Envelope::decode)
            .peek((key, value) -> progress.add());
    }

    private static <V> Materialized<Bytes, V, SessionStore<Bytes, byte[]>> cached(
        String store, Materialized<Bytes, V, SessionStore<Bytes, byte[]>> materialized) {
        return store.endsWith("-uncached") ? materialized.withCachingDisabled() : materialized.withCachingEnabled();
    }

    private static SessionBytesStoreSupplier supplier(String store) {
        return switch (store) {
            case "memory" -> Stores.inMemorySessionStore("sessions", RETENTION);
            case "rocksdb", "rocksdb-uncached" -> Stores.persistentSessionStore("sessions", RETENTION);
            default -> throw new IllegalArgumentException(store);
        };
    }

    /** What its guides say of throughput: large fetches and batches, a cache that holds all keys. */
    private static Properties settings(String bootstrap, String id, String folder) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, id);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, folder);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 256L << 20);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 5_000);
        settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 10_000);
        settings.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.OPTIMIZE);
        settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, Tuned.class);
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 10_000);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 << 20);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), 16 << 20);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MIN_BYTES_CONFIG), 64 << 10);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.RECEIVE_BUFFER_CONFIG), 1 << 20);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 100);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 512 << 10);
        return settings;
    }
}

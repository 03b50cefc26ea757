package playhead.bench;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** Sessions by a processor of one's own over a store in memory: what an expert writes where windows are too slow. */
final class ByHand {
    private static final String STORE = "sessions";
    private static final Duration LOOK_EVERY = Duration.ofSeconds(60);

    /** Adds a record to the visitor's session, or to a new one once the gap has passed. */
    interface Step<V, S> {
        S add(S session, V value, long at);

        long endsAt(S session);
    }

    static <V, S> ProcessorSupplier<Bytes, V, Void, Void> supplier(Step<V, S> step, Serde<S> serde) {
        return new ProcessorSupplier<>() {
            @Override
            public Processor<Bytes, V, Void, Void> get() {
                return new Sessions<>(step);
            }

            @Override
            public java.util.Set<StoreBuilder<?>> stores() {
                return java.util.Set.of(
                    Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(STORE), Serdes.Bytes(), serde)
                        .withCachingEnabled()
                        .withLoggingEnabled(Map.of()));
            }
        };
    }

    private static final class Sessions<V, S> extends ContextualProcessor<Bytes, V, Void, Void> {
        private final Step<V, S> step;
        private KeyValueStore<Bytes, S> store;

        Sessions(Step<V, S> step) {
            this.step = step;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            super.init(context);
            store = context.getStateStore(STORE);
            context.schedule(LOOK_EVERY, PunctuationType.STREAM_TIME, this::removeEnded);
        }

        @Override
        public void process(Record<Bytes, V> record) {
            S session = store.get(record.key());
            if (session != null && record.timestamp() >= step.endsAt(session)) {
                session = null;
            }
            store.put(record.key(), step.add(session, record.value(), record.timestamp()));
        }

        private void removeEnded(long now) {
            try (KeyValueIterator<Bytes, S> all = store.all()) {
                while (all.hasNext()) {
                    KeyValue<Bytes, S> one = all.next();
                    if (now >= step.endsAt(one.value)) {
                        store.delete(one.key);
                    }
                }
            }
        }
    }
}

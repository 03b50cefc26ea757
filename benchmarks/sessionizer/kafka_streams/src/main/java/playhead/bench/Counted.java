package playhead.bench;

import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** A session of single events by hand: how many, from when to when. */
record Counted(long firstAt, long lastAt, long events) {
    private static final long GAP_MS = 30 * 60_000;

    static final ByHand.Step<byte[], Counted> STEP = new ByHand.Step<>() {
        @Override
        public Counted add(Counted session, byte[] event, long at) {
            return session == null
                ? new Counted(at, at, 1)
                : new Counted(Math.min(session.firstAt, at), Math.max(session.lastAt, at), session.events + 1);
        }

        @Override
        public long endsAt(Counted session) {
            return session.lastAt + GAP_MS;
        }
    };

    static Serde<Counted> serde() {
        return Serdes.serdeFrom(
            (topic, one) -> one == null
                ? null
                : ByteBuffer.allocate(24).putLong(one.firstAt).putLong(one.lastAt).putLong(one.events).array(),
            (topic, bytes) -> {
                if (bytes == null) {
                    return null;
                }
                ByteBuffer in = ByteBuffer.wrap(bytes);
                return new Counted(in.getLong(), in.getLong(), in.getLong());
            });
    }
}

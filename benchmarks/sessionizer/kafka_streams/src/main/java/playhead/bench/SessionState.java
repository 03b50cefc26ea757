package playhead.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/**
 * What Playhead's own state holds of a session (sessionizer/core/state.py), written by hand as bytes.
 *
 * <p>A window's batches are known by their seqs, as runs; a batch seen before is not added. What only Playhead
 * does is not here: skew jumps, late batches of completed sessions, missing seqs across sessions, erasures.
 */
final class SessionState {
    private static final int MOST_BYTES = 64 << 10;
    private static final ThreadLocal<ByteBuffer> OUT = ThreadLocal.withInitial(() -> ByteBuffer.allocate(MOST_BYTES));
    private static final long NONE = Long.MIN_VALUE;

    static final class Window {
        String id;
        long skewMs;
        long firstAt;
        long lastAt;
        long events;
        int batches;
        boolean ended;
        long highestSeq = -1;
        long metaAt = NONE;
        long playableAt = NONE;
        long[] seqs = {};
    }

    byte[] id;
    String tenant;
    long startedAt;
    long firstAt = Long.MAX_VALUE;
    long lastAt = Long.MIN_VALUE;
    long gapMs;
    long maxSessionMs;
    long expiresOn;
    String userAgent;
    String country;
    int version;
    long events;
    int batches;
    long rawBytes;
    long landingAt = NONE;
    String landingUrl = "";
    Window[] windows = {};

    static final ByHand.Step<Envelope, SessionState> STEP = new ByHand.Step<>() {
        @Override
        public SessionState add(SessionState session, Envelope batch, long at) {
            return (session == null ? new SessionState() : session).add(batch);
        }

        @Override
        public long endsAt(SessionState session) {
            return session.lastAt + session.gapMs;
        }
    };

    SessionState add(Envelope batch) {
        Window window = window(batch.window);
        if (window != null && holds(window.seqs, batch.seq)) {
            return this;
        }
        long skewMs = window != null
            ? window.skewMs
            : Envelope.isNone(batch.sentAt) ? 0 : batch.receivedAt - batch.sentAt;
        long at = Math.max(0, Math.min(batch.lastAt + skewMs, batch.receivedAt));
        long start = Math.max(0, at - Math.min(batch.lastAt - batch.firstAt, batch.maxSessionMs));
        if (id == null) {
            begin(batch, start);
        }
        firstAt = Math.min(firstAt, start);
        lastAt = Math.max(lastAt, at);
        version++;
        events += batch.events;
        batches++;
        rawBytes += batch.rawBytes;
        if (!Envelope.isNone(batch.metaAt) && batch.href != null) {
            long landed = batch.metaAt + skewMs;
            if (landingAt == NONE || landed < landingAt) {
                landingAt = landed;
                landingUrl = batch.href;
            }
        }
        if (window == null) {
            window = new Window();
            window.id = batch.window;
            window.skewMs = skewMs;
            window.firstAt = batch.firstAt;
            window.lastAt = batch.lastAt;
            windows = Arrays.copyOf(windows, windows.length + 1);
            windows[windows.length - 1] = window;
        }
        if (batch.seq >= window.highestSeq) {
            window.highestSeq = batch.seq;
            window.ended = batch.last;
        }
        window.firstAt = Math.min(window.firstAt, batch.firstAt);
        window.lastAt = Math.max(window.lastAt, batch.lastAt);
        window.events += batch.events;
        window.batches++;
        if (!Envelope.isNone(batch.metaAt) && (window.metaAt == NONE || batch.metaAt < window.metaAt)) {
            window.metaAt = batch.metaAt;
        }
        for (long snapshot : batch.fullSnapshotsAt) {
            if (window.metaAt != NONE && snapshot >= window.metaAt
                && (window.playableAt == NONE || snapshot < window.playableAt)) {
                window.playableAt = snapshot;
            }
        }
        window.seqs = with(window.seqs, batch.seq);
        return this;
    }

    /** Kafka Streams merges what it found with an empty one at every record, and rarely two that are filled. */
    SessionState mergedWith(SessionState other) {
        if (id == null) {
            return other;
        }
        if (other.id != null) {
            firstAt = Math.min(firstAt, other.firstAt);
            lastAt = Math.max(lastAt, other.lastAt);
            events += other.events;
            batches += other.batches;
            rawBytes += other.rawBytes;
            version += other.version;
            int held = windows.length;
            windows = Arrays.copyOf(windows, held + other.windows.length);
            System.arraycopy(other.windows, 0, windows, held, other.windows.length);
        }
        return this;
    }

    private void begin(Envelope batch, long start) {
        id = batch.batchId;
        tenant = batch.tenant;
        startedAt = start;
        gapMs = batch.gapMs;
        maxSessionMs = batch.maxSessionMs;
        expiresOn = Math.floorDiv(batch.receivedAt, 86_400_000L) + 1 + batch.retentionDays;
        userAgent = batch.userAgent;
        country = batch.country;
    }

    private Window window(String wanted) {
        for (Window window : windows) {
            if (window.id.equals(wanted)) {
                return window;
            }
        }
        return null;
    }

    /** Runs are pairs: the first of a run, and the one after its last. */
    private static boolean holds(long[] runs, long seq) {
        for (int at = 0; at < runs.length; at += 2) {
            if (runs[at] <= seq && seq < runs[at + 1]) {
                return true;
            }
        }
        return false;
    }

    private static long[] with(long[] runs, long seq) {
        if (runs.length > 0 && runs[runs.length - 1] == seq) {
            runs[runs.length - 1]++;
            return runs;
        }
        long[] longer = Arrays.copyOf(runs, runs.length + 2);
        longer[runs.length] = seq;
        longer[runs.length + 1] = seq + 1;
        return longer;
    }

    static Serde<SessionState> serde() {
        Serializer<SessionState> write = (topic, state) -> state == null ? null : state.toBytes();
        Deserializer<SessionState> read = (topic, bytes) -> bytes == null ? null : of(ByteBuffer.wrap(bytes));
        return Serdes.serdeFrom(write, read);
    }

    private byte[] toBytes() {
        ByteBuffer out = OUT.get().clear();
        out.put((byte) (id == null ? 0 : 1));
        if (id != null) {
            out.put(id);
            put(out, tenant);
            out.putLong(startedAt).putLong(firstAt).putLong(lastAt);
            out.putInt((int) gapMs).putInt((int) maxSessionMs).putInt((int) expiresOn);
            put(out, userAgent);
            put(out, country);
            out.putInt(version).putInt((int) events).putInt(batches).putLong(rawBytes).putLong(landingAt);
            put(out, landingUrl);
            out.put((byte) windows.length);
            for (Window window : windows) {
                put(out, window.id);
                out.putLong(window.skewMs).putLong(window.firstAt).putLong(window.lastAt);
                out.putInt((int) window.events).putInt(window.batches).put((byte) (window.ended ? 1 : 0));
                out.putLong(window.highestSeq).putLong(window.metaAt).putLong(window.playableAt);
                out.putShort((short) window.seqs.length);
                for (long seq : window.seqs) {
                    out.putLong(seq);
                }
            }
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private static SessionState of(ByteBuffer in) {
        SessionState state = new SessionState();
        if (in.get() == 0) {
            return state;
        }
        state.id = new byte[16];
        in.get(state.id);
        state.tenant = text(in);
        state.startedAt = in.getLong();
        state.firstAt = in.getLong();
        state.lastAt = in.getLong();
        state.gapMs = in.getInt();
        state.maxSessionMs = in.getInt();
        state.expiresOn = in.getInt();
        state.userAgent = text(in);
        state.country = text(in);
        state.version = in.getInt();
        state.events = in.getInt();
        state.batches = in.getInt();
        state.rawBytes = in.getLong();
        state.landingAt = in.getLong();
        state.landingUrl = text(in);
        state.windows = new Window[in.get() & 0xff];
        for (int index = 0; index < state.windows.length; index++) {
            Window window = new Window();
            window.id = text(in);
            window.skewMs = in.getLong();
            window.firstAt = in.getLong();
            window.lastAt = in.getLong();
            window.events = in.getInt();
            window.batches = in.getInt();
            window.ended = in.get() == 1;
            window.highestSeq = in.getLong();
            window.metaAt = in.getLong();
            window.playableAt = in.getLong();
            window.seqs = new long[in.getShort()];
            for (int seq = 0; seq < window.seqs.length; seq++) {
                window.seqs[seq] = in.getLong();
            }
            state.windows[index] = window;
        }
        return state;
    }

    private static void put(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.putShort((short) bytes.length).put(bytes);
    }

    private static String text(ByteBuffer in) {
        int length = in.getShort();
        String text = new String(in.array(), in.position(), length, StandardCharsets.UTF_8);
        in.position(in.position() + length);
        return text;
    }
}

package playhead.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Envelope v1 (schemas/envelope.py), read by hand: what the state needs is kept, the payload is passed over. */
final class Envelope {
    private static final long NONE = Long.MIN_VALUE;

    String tenant;
    String window;
    long seq;
    byte[] batchId;
    long receivedAt;
    long sentAt;
    long firstAt;
    long lastAt;
    long events;
    long rawBytes;
    long[] fullSnapshotsAt;
    long metaAt;
    String href;
    String userAgent;
    String country;
    long gapMs;
    long maxSessionMs;
    long retentionDays;
    boolean last;

    static boolean isNone(long value) {
        return value == NONE;
    }

    static Envelope decode(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        array(in);
        Envelope envelope = new Envelope();
        if (!"batch".equals(text(in)) || integer(in) != 1) {
            throw new IllegalArgumentException("no batch of version 1");
        }
        envelope.tenant = text(in);
        skip(in); // connection, in the key
        skip(in); // visitor, in the key
        envelope.window = text(in);
        envelope.seq = integer(in);
        envelope.batchId = bytes(in);
        envelope.receivedAt = integer(in);
        envelope.sentAt = integer(in);
        envelope.firstAt = integer(in);
        envelope.lastAt = integer(in);
        envelope.events = integer(in);
        envelope.rawBytes = integer(in);
        envelope.fullSnapshotsAt = new long[array(in)];
        for (int index = 0; index < envelope.fullSnapshotsAt.length; index++) {
            envelope.fullSnapshotsAt[index] = integer(in);
        }
        envelope.metaAt = integer(in);
        envelope.href = text(in);
        skip(in); // width
        skip(in); // height
        envelope.userAgent = text(in);
        envelope.country = text(in);
        envelope.gapMs = integer(in);
        envelope.maxSessionMs = integer(in);
        envelope.retentionDays = integer(in);
        envelope.last = in.get() == (byte) 0xc3;
        return envelope; // encoding and payload are the sink's
    }

    private static int array(ByteBuffer in) {
        int tag = in.get() & 0xff;
        if ((tag & 0xf0) == 0x90) {
            return tag & 0x0f;
        }
        return switch (tag) {
            case 0xdc -> in.getShort() & 0xffff;
            case 0xdd -> in.getInt();
            default -> throw new IllegalArgumentException("no array: " + tag);
        };
    }

    private static long integer(ByteBuffer in) {
        int tag = in.get() & 0xff;
        if (tag < 0x80) {
            return tag;
        }
        if (tag >= 0xe0) {
            return (byte) tag;
        }
        return switch (tag) {
            case 0xc0 -> NONE;
            case 0xcc -> in.get() & 0xff;
            case 0xcd -> in.getShort() & 0xffff;
            case 0xce -> in.getInt() & 0xffffffffL;
            case 0xcf, 0xd3 -> in.getLong();
            case 0xd0 -> in.get();
            case 0xd1 -> in.getShort();
            case 0xd2 -> in.getInt();
            default -> throw new IllegalArgumentException("no integer: " + tag);
        };
    }

    private static String text(ByteBuffer in) {
        int length = textLength(in);
        if (length < 0) {
            return null;
        }
        String text = new String(in.array(), in.position(), length, StandardCharsets.UTF_8);
        in.position(in.position() + length);
        return text;
    }

    private static int textLength(ByteBuffer in) {
        int tag = in.get() & 0xff;
        if ((tag & 0xe0) == 0xa0) {
            return tag & 0x1f;
        }
        return switch (tag) {
            case 0xc0 -> -1;
            case 0xd9 -> in.get() & 0xff;
            case 0xda -> in.getShort() & 0xffff;
            case 0xdb -> in.getInt();
            default -> throw new IllegalArgumentException("no text: " + tag);
        };
    }

    private static byte[] bytes(ByteBuffer in) {
        int tag = in.get() & 0xff;
        byte[] bytes = new byte[switch (tag) {
            case 0xc4 -> in.get() & 0xff;
            case 0xc5 -> in.getShort() & 0xffff;
            case 0xc6 -> in.getInt();
            default -> throw new IllegalArgumentException("no bytes: " + tag);
        }];
        in.get(bytes);
        return bytes;
    }

    /** A text or an integer. */
    private static void skip(ByteBuffer in) {
        int tag = in.get(in.position()) & 0xff;
        if ((tag & 0xe0) == 0xa0 || (tag >= 0xd9 && tag <= 0xdb)) {
            int length = textLength(in);
            in.position(in.position() + length);
        } else {
            integer(in);
        }
    }
}

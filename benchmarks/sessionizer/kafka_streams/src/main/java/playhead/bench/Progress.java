package playhead.bench;

/** Counts records of the one stream thread, and tells the number five times a second on standard output. */
final class Progress {
    private static final long EVERY_MS = 200;

    private long records;
    private volatile long told;

    void add() {
        // One writer; a volatile write each 64 is enough for a figure of millions.
        if ((++records & 63) == 0) {
            told = records;
        }
    }

    void print() {
        Thread thread = new Thread(() -> {
            while (true) {
                System.out.println("progress " + told);
                System.out.flush();
                try {
                    Thread.sleep(EVERY_MS);
                } catch (InterruptedException stop) {
                    return;
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}

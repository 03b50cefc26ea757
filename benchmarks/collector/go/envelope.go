package main

import (
	"bytes"
	"encoding/binary"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

const connection = "bench"

// Who sends, from the query.
type sender struct {
	visitor, window string
	seq, sentAt     *int64
}

func (from sender) batchID() []byte {
	id := make([]byte, 16)
	if from.seq != nil {
		binary.BigEndian.PutUint64(id, uint64(*from.seq))
	}
	copy(id[8:], from.window)
	return id
}

// seal makes the envelope of schemas/envelope.py, with the body as the client compressed it.
func seal(from sender, found checked, body []byte, userAgent string) ([]byte, error) {
	var record bytes.Buffer
	record.Grow(len(body) + 512)
	encoder := msgpack.NewEncoder(&record)
	encoder.UseCompactInts(true)
	snapshots := found.fullSnapshotsAt
	if snapshots == nil {
		snapshots = []int64{}
	}
	fields := []any{
		"batch", 1, "bench", connection, from.visitor, from.window, from.seq, from.batchID(),
		time.Now().UnixMilli(), from.sentAt, found.firstAt, found.lastAt, found.events, found.rawBytes,
		snapshots, found.metaAt, found.href, found.width, found.height, userAgent, "",
		1_800_000, 86_400_000, 30, false, "gzip", body,
	}
	if err := encoder.EncodeArrayLen(len(fields)); err != nil {
		return nil, err
	}
	for _, field := range fields {
		if err := encoder.Encode(field); err != nil {
			return nil, err
		}
	}
	return record.Bytes(), nil
}

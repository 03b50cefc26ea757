package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/klauspost/compress/gzip"
)

const (
	maxDecompressedBytes = 32 << 20
	maxEvents            = 20_000
	latestAt             = 10_413_791_999_999
	fullSnapshot         = 2
	meta                 = 4
)

type event struct {
	Type      *uint16         `json:"type"`
	Timestamp *float64        `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

// What the envelope says of the events.
type checked struct {
	events, rawBytes int
	firstAt, lastAt  int64
	fullSnapshotsAt  []int64
	metaAt           *int64
	href             *string
	width, height    *int64
}

var readers = sync.Pool{New: func() any { return new(gzip.Reader) }}

func inflate(body []byte) ([]byte, error) {
	reader := readers.Get().(*gzip.Reader)
	defer readers.Put(reader)
	if err := reader.Reset(bytes.NewReader(body)); err != nil {
		return nil, err
	}
	text := bytes.NewBuffer(make([]byte, 0, len(body)*8))
	if _, err := text.ReadFrom(io.LimitReader(reader, maxDecompressedBytes+1)); err != nil {
		return nil, err
	}
	if text.Len() > maxDecompressedBytes {
		return nil, fmt.Errorf("too large")
	}
	return text.Bytes(), nil
}

func check(body []byte) (checked, error) {
	text, err := inflate(body)
	if err != nil {
		return checked{}, err
	}
	return parse(text)
}

func parse(text []byte) (checked, error) {
	var events []event
	if err := json.Unmarshal(text, &events); err != nil {
		return checked{}, err
	}
	if len(events) == 0 || len(events) > maxEvents {
		return checked{}, fmt.Errorf("%d events", len(events))
	}
	found := checked{events: len(events), rawBytes: len(text), firstAt: math.MaxInt64}
	for _, one := range events {
		if one.Type == nil || one.Timestamp == nil || *one.Timestamp < 0 || *one.Timestamp > latestAt {
			return checked{}, fmt.Errorf("no rrweb event")
		}
		at := int64(*one.Timestamp)
		found.firstAt, found.lastAt = min(found.firstAt, at), max(found.lastAt, at)
		switch *one.Type {
		case fullSnapshot:
			found.fullSnapshotsAt = append(found.fullSnapshotsAt, at)
		case meta:
			if found.metaAt == nil || at < *found.metaAt {
				found.noteMeta(at, one.Data)
			}
		}
	}
	return found, nil
}

func (found *checked) noteMeta(at int64, data json.RawMessage) {
	var facts struct {
		Href          *string  `json:"href"`
		Width, Height *float64
	}
	// A Meta whose data is not rrweb's is kept like any event, and has no facts.
	_ = json.Unmarshal(data, &facts)
	found.metaAt, found.href = &at, facts.Href
	found.width, found.height = whole(facts.Width), whole(facts.Height)
}

func whole(number *float64) *int64 {
	if number == nil {
		return nil
	}
	cut := int64(*number)
	return &cut
}

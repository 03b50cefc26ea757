package main

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type publisher interface {
	publish(ctx context.Context, key string, record []byte) error
}

// To look at the rest alone.
type nowhere struct{}

func (nowhere) publish(context.Context, string, []byte) error { return nil }

type kafka struct{ client *kgo.Client }

// franz-go is idempotent with acks=all unless it is told otherwise.
func toKafka(bootstrap, topic string) (publisher, error) {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(bootstrap),
		kgo.DefaultProduceTopic(topic),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerLinger(5*time.Millisecond),
		kgo.ProducerBatchMaxBytes(16<<20),
		kgo.MaxBufferedBytes(64<<20),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
	)
	return kafka{client}, err
}

func (to kafka) publish(ctx context.Context, key string, record []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return to.client.ProduceSync(ctx, &kgo.Record{Key: []byte(key), Value: record}).FirstErr()
}

//! To Kafka with acks=all, idempotent; or, to look at the rest alone, nowhere.
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::producer::{FutureProducer, FutureRecord};

pub enum Publisher {
    Kafka { producer: FutureProducer, topic: String },
    Nowhere,
}

impl Publisher {
    pub fn to(bootstrap: &str, topic: &str) -> Result<Publisher, String> {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("acks", "all")
            .set("enable.idempotence", "true")
            .set("linger.ms", "5")
            .set("batch.size", "524288")
            .set("message.max.bytes", "16777216")
            .set("queue.buffering.max.kbytes", "65536")
            .set("compression.type", "none")
            .create()
            .map_err(|error| error.to_string())?;
        Ok(Publisher::Kafka { producer, topic: topic.into() })
    }

    pub async fn publish(&self, key: &str, record: &[u8]) -> Result<(), String> {
        match self {
            Publisher::Nowhere => Ok(()),
            Publisher::Kafka { producer, topic } => producer
                .send(FutureRecord::to(topic).key(key).payload(record), Duration::from_secs(5))
                .await
                .map(|_| ())
                .map_err(|(error, _)| error.to_string()),
        }
    }
}

//! Load for any of the services: `load PORT KEY FILE CONNECTIONS SECONDS RATE`, one line of JSON.
//!
//! Each connection is a visitor of its own and waits for an answer before it sends the next batch. RATE is requests
//! a second over all connections, 0 for as many as come; at a rate, latency counts from when a request was due, so
//! that a service that stalls is charged for those that had to wait.
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

struct Plan {
    port: u16,
    key: String,
    body: Vec<u8>,
    until: Instant,
    /// Between two requests of one connection; zero for none.
    apart: Duration,
}

#[derive(Default)]
struct Seen {
    accepted: u64,
    refused: u64,
    broken: u64,
    latencies_us: Vec<u64>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [port, key, file, connections, seconds, rate] = arguments.as_slice() else {
        eprintln!("load PORT KEY FILE CONNECTIONS SECONDS RATE");
        std::process::exit(2);
    };
    let connections: u32 = connections.parse().expect("a number of connections");
    let rate: f64 = rate.parse().expect("requests a second");
    let seconds: f64 = seconds.parse().expect("seconds");
    let apart = if rate > 0.0 { Duration::from_secs_f64(f64::from(connections) / rate) } else { Duration::ZERO };
    let began = Instant::now();
    let plan = Arc::new(Plan {
        port: port.parse().expect("a port"),
        key: key.clone(),
        body: std::fs::read(file).expect("a body"),
        until: began + Duration::from_secs_f64(seconds),
        apart,
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let seen = runtime.block_on(async {
        let visitors: Vec<_> = (0..connections)
            .map(|number| {
                let starts_at = began + apart.mul_f64(f64::from(number) / f64::from(connections));
                tokio::spawn(visit(plan.clone(), number, starts_at))
            })
            .collect();
        let mut all = Seen::default();
        for visitor in visitors {
            let one = visitor.await.expect("a visitor that ends");
            all.accepted += one.accepted;
            all.refused += one.refused;
            all.broken += one.broken;
            all.latencies_us.extend(one.latencies_us);
        }
        all
    });
    print(seen, began.elapsed().as_secs_f64());
}

async fn visit(plan: Arc<Plan>, number: u32, starts_at: Instant) -> Seen {
    let mut seen = Seen::default();
    let mut due = starts_at;
    let mut seq = 0_u64;
    let mut open: Option<TcpStream> = None;
    let visitor = format!("v-{}-{number}", std::process::id());
    while Instant::now() < plan.until {
        if !plan.apart.is_zero() {
            tokio::time::sleep_until(due.into()).await;
        }
        let from = if plan.apart.is_zero() { Instant::now() } else { due };
        due += plan.apart;
        match ask(&plan, &visitor, seq, &mut open).await {
            Ok(202) => {
                seen.accepted += 1;
                seen.latencies_us.push(from.elapsed().as_micros() as u64);
                seq += 1;
            }
            Ok(_) => {
                seen.refused += 1;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(_) => {
                seen.broken += 1;
                open = None;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    seen
}

async fn ask(plan: &Plan, visitor: &str, seq: u64, open: &mut Option<TcpStream>) -> std::io::Result<u16> {
    let head = format!(
        "POST /v1/batches?key={}&visitor={visitor}&window=w&seq={seq}&sent_at={} HTTP/1.1\r\nHost: bench\r\n\
         Content-Type: application/json\r\nContent-Encoding: gzip\r\nUser-Agent: bench\r\nContent-Length: {}\r\n\r\n",
        plan.key,
        now_ms(),
        plan.body.len()
    );
    let stream = match open {
        Some(stream) => stream,
        None => {
            let stream = TcpStream::connect(("127.0.0.1", plan.port)).await?;
            stream.set_nodelay(true)?;
            open.insert(stream)
        }
    };
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&plan.body).await?;
    let (status, closes) = answer(stream).await?;
    if closes {
        *open = None;
    }
    Ok(status)
}

/// The status of one answer, read to its end, and whether the connection ends with it.
async fn answer(stream: &mut TcpStream) -> std::io::Result<(u16, bool)> {
    let mut read = Vec::with_capacity(1_024);
    let (head_end, length, closes) = loop {
        if stream.read_buf(&mut read).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
            let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            let length = field("content-length:").and_then(|text| text.parse::<usize>().ok());
            let length = length.ok_or(std::io::ErrorKind::InvalidData)?;
            break (end + 4, length, field("connection:") == Some("close"));
        }
    };
    let status = std::str::from_utf8(&read[9..12]).ok().and_then(|text| text.parse().ok());
    while read.len() < head_end + length {
        if stream.read_buf(&mut read).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok((status.ok_or(std::io::ErrorKind::InvalidData)?, closes))
}

fn now_ms() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_millis())
}

fn print(mut seen: Seen, seconds: f64) {
    seen.latencies_us.sort_unstable();
    let at = |share: f64| {
        let place = (seen.latencies_us.len() as f64 * share) as usize;
        seen.latencies_us.get(place.min(seen.latencies_us.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    println!(
        r#"{{"accepted":{},"refused":{},"broken":{},"seconds":{seconds},"p50_us":{},"p99_us":{}}}"#,
        seen.accepted,
        seen.refused,
        seen.broken,
        at(0.5),
        at(0.99)
    );
}

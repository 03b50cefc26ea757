//! The peer: `peer serve PORT KEY WAY [BOOTSTRAP TOPIC]`, and `peer steps FILE STEP ROUNDS BODIES`.
use std::process::ExitCode;

use playhead_bench_collector::check::Way;
use playhead_bench_collector::publish::Publisher;
use playhead_bench_collector::service::{Service, router};
use playhead_bench_collector::steps::ns_a_body;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["serve", port, key, way] => serve(port, key, way, Ok(Publisher::Nowhere)),
        ["serve", port, key, way, bootstrap, topic] => serve(port, key, way, Publisher::to(bootstrap, topic)),
        ["steps", file, step, rounds, bodies] => steps(file, step, rounds, bodies),
        _ => Err("peer serve PORT KEY WAY [BOOTSTRAP TOPIC] | peer steps FILE STEP ROUNDS BODIES".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(port: &str, key: &str, way: &str, publisher: Result<Publisher, String>) -> Result<(), String> {
    let way = Way::named(way).ok_or("the ways are bare, raw and value")?;
    let app = router(Service { key: key.into(), way, publisher: publisher? });
    // One core is measured, so one thread serves.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(said)?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await.map_err(said)?;
        axum::serve(listener, app).await.map_err(said)
    })
}

fn steps(file: &str, step: &str, rounds: &str, bodies: &str) -> Result<(), String> {
    let body = std::fs::read(file).map_err(said)?;
    let ns = ns_a_body(&body, step, rounds.parse().map_err(said)?, bodies.parse().map_err(said)?)?;
    println!("{ns}");
    Ok(())
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

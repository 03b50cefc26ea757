"""What a request costs the collector, beside a Rust and a Go service that do the same with it."""

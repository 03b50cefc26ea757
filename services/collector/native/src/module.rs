//! What Python sees of it. `read` is described in `plain_array.pyi`.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::events::{self, Facts, Rules};

/// From here on other threads may run meanwhile. For less, giving the interpreter away and getting it back
/// may take longer than reading.
const LARGE_BYTES: usize = 1024 * 1024;

type Read<'py> = (usize, u64, u64, Bound<'py, PyTuple>, Option<u64>, Bound<'py, PyBytes>, bool);

#[pyfunction]
#[pyo3(signature = (text, /, *, most_events, latest_at, full_snapshot, meta))]
fn read<'py>(
    py: Python<'py>,
    text: &[u8],
    most_events: usize,
    latest_at: u64,
    full_snapshot: u16,
    meta: u16,
) -> PyResult<Option<Read<'py>>> {
    let rules = Rules { most_events, latest_at, full_snapshot, meta };
    let facts = if text.len() < LARGE_BYTES {
        events::read(text, &rules)
    } else {
        py.detach(|| events::read(text, &rules))
    };
    facts.map(|facts| as_tuple(py, text, facts)).transpose()
}

fn as_tuple<'py>(py: Python<'py>, text: &[u8], facts: Facts) -> PyResult<Read<'py>> {
    let (meta_at, data) = match facts.earliest_meta {
        Some(meta) => (Some(meta.at), &text[meta.data]),
        None => (None, &text[..0]),
    };
    Ok((
        facts.events,
        facts.first_at,
        facts.last_at,
        PyTuple::new(py, facts.full_snapshots_at)?,
        meta_at,
        PyBytes::new(py, data),
        facts.in_order,
    ))
}

#[pymodule]
fn plain_array(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(read, module)?)
}

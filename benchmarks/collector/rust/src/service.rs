//! `POST /v1/batches` with axum.
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::check::{Way, check};
use crate::envelope::{CONNECTION, Sender, batch_id, seal};
use crate::publish::Publisher;

const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;
const LONGEST_NAME: usize = 64;

pub struct Service {
    pub key: String,
    pub way: Way,
    pub publisher: Publisher,
}

pub fn router(service: Service) -> Router {
    Router::new()
        .route("/v1/batches", post(batches))
        .route("/readyz", get(|| async { "ready" }))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Arc::new(service))
}

async fn batches(
    State(service): State<Arc<Service>>,
    Query(sender): Query<Sender>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if sender.key != service.key {
        return refused(StatusCode::UNAUTHORIZED, "unknown_key");
    }
    if !is_name(&sender.visitor) || !is_name(&sender.window) {
        return refused(StatusCode::BAD_REQUEST, "bad_parameter");
    }
    let checked = match check(&body, service.way) {
        Ok(checked) => checked,
        Err(_) => return refused(StatusCode::BAD_REQUEST, "malformed_json"),
    };
    if matches!(service.way, Way::Raw | Way::Value) {
        let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let Ok(record) = seal(&sender, &checked, &body, user_agent.unwrap_or_default()) else {
            return refused(StatusCode::INTERNAL_SERVER_ERROR, "internal_error");
        };
        let key = format!("{CONNECTION}/{}", sender.visitor);
        if service.publisher.publish(&key, &record).await.is_err() {
            return refused(StatusCode::SERVICE_UNAVAILABLE, "broker_unavailable");
        }
    }
    let id: String = batch_id(&sender).iter().map(|byte| format!("{byte:02x}")).collect();
    answer(StatusCode::ACCEPTED, format!(r#"{{"accepted":{},"batch":"{id}"}}"#, checked.events))
}

fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !text.is_empty() && text.len() <= LONGEST_NAME && text.bytes().all(allowed)
}

fn refused(status: StatusCode, reason: &str) -> Response {
    answer(status, format!(r#"{{"status":{},"reason":"{reason}"}}"#, status.as_u16()))
}

fn answer(status: StatusCode, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (HeaderName::from_static("access-control-expose-headers"), "retry-after"),
    ];
    (status, headers, body).into_response()
}

//! The wire to a twin in this process: a call of its own task, which outlives us. So late commits exist.

use async_trait::async_trait;
use tallyman_core::seam::{Exchange, Lost, Reply, Transport};
use tallyman_twin::call;
use tallyman_twin::wire::Twin;

pub struct ToTwin(pub Twin);

#[async_trait]
impl Transport for ToTwin {
    async fn exchange(&self, exchange: Exchange) -> Result<Reply, Lost> {
        let mut request = http::Request::builder().method(exchange.method.as_str()).uri(&exchange.url);
        for (name, value) in &exchange.headers {
            request = request.header(*name, value);
        }
        let request = request
            .body(exchange.body.unwrap_or_default())
            .map_err(|error| Lost::NotConnected(error.to_string()))?;
        match self.0.call(request).await {
            Ok(response) => {
                let (head, body) = response.into_parts();
                let headers = head
                    .headers
                    .iter()
                    .map(|(name, value)| {
                        (
                            name.as_str().to_owned(),
                            String::from_utf8_lossy(value.as_bytes()).into_owned(),
                        )
                    })
                    .collect();
                Ok(Reply {
                    status: head.status.as_u16(),
                    headers,
                    body,
                })
            }
            Err(call::Lost::NotConnected) => Err(Lost::NotConnected("connection refused".into())),
            Err(call::Lost::NoAnswer) => Err(Lost::NoAnswer("the connection broke".into())),
        }
    }
}

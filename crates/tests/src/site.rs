//! A site on loopback: whatever router a test has, on a port of its own.

use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub struct Site {
    address: String,
    serving: JoinHandle<()>,
}

impl Site {
    /// # Panics
    /// If loopback has no port left.
    pub async fn of(router: Router) -> Self {
        Self::on(Self::listener().await, router)
    }

    /// A port that nobody answers at yet.
    ///
    /// # Panics
    /// If loopback has no port left.
    pub async fn listener() -> TcpListener {
        TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback")
    }

    /// # Panics
    /// If the listener is bound to nothing.
    pub fn on(listener: TcpListener, router: Router) -> Self {
        let address = format!("http://{}", listener.local_addr().expect("a bound port"));
        let serving = tokio::spawn(async move {
            // As the program serves it: a bare router would be built again for each connection.
            let router = router.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, router).await.expect("a site is served");
        });
        Self { address, serving }
    }

    /// Nobody is answered any more, and open connections end.
    pub fn close(&self) {
        self.serving.abort();
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

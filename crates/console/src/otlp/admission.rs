//! How many messages are worked on at once: beyond that senders wait a moment, then are asked to try again later.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower::{Layer, Service};

use crate::state::State;

/// Messages worked on at once, both protocols together. With 16 MiB each it also bounds memory.
const AT_ONCE: usize = 16;
/// How long a message may wait for its turn before its sender is asked to come back.
const WAIT: Duration = Duration::from_secs(1);

/// The shared bound. As a tower layer it holds a place from before the body is read until the answer is there.
#[derive(Debug, Clone)]
pub(crate) struct Admission {
    places: Arc<Semaphore>,
    state: State,
}

impl Admission {
    pub(crate) fn new(state: State) -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)), state }
    }

    /// The layer for one protocol, with its answer to those that are turned away.
    pub(crate) fn layer<B>(&self, refusal: fn() -> http::Response<B>) -> AdmissionLayer<B> {
        AdmissionLayer { admission: self.clone(), refusal }
    }
}

/// [`Admission`] for one protocol.
#[derive(Debug)]
pub(crate) struct AdmissionLayer<B> {
    admission: Admission,
    refusal: fn() -> http::Response<B>,
}

impl<B> Clone for AdmissionLayer<B> {
    fn clone(&self) -> Self {
        Self { admission: self.admission.clone(), refusal: self.refusal }
    }
}

impl<S, B> Layer<S> for AdmissionLayer<B> {
    type Service = Admitted<S, B>;

    fn layer(&self, inner: S) -> Self::Service {
        Admitted { inner, layer: self.clone() }
    }
}

/// A service behind an [`AdmissionLayer`].
#[derive(Debug)]
pub(crate) struct Admitted<S, B> {
    inner: S,
    layer: AdmissionLayer<B>,
}

impl<S: Clone, B> Clone for Admitted<S, B> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<S, R, B> Service<http::Request<R>> for Admitted<S, B>
where
    S: Service<http::Request<R>, Response = http::Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    R: Send + 'static,
    B: Send + 'static,
{
    type Response = http::Response<B>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<R>) -> Self::Future {
        // The service that was polled ready is the one to call; its clone stays for the next request.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let layer = self.layer.clone();
        Box::pin(async move {
            let Ok(Ok(_place)) = timeout(WAIT, Arc::clone(&layer.admission.places).acquire_owned()).await else {
                layer.admission.state.count_refused();
                return Ok((layer.refusal)());
            };
            inner.call(request).await
        })
    }
}

//! Application Default Credentials: a service account's file, a person's `gcloud` login, or the machine's own account, in
//! Google's order (crate `gcp_auth`, which also keeps tokens until they run out).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use gcp_auth::TokenProvider;
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::model::ModelError;
use crate::secret::Secret;

/// What a token is for.
const SCOPES: [&str; 1] = ["https://www.googleapis.com/auth/cloud-platform"];
/// Outside of Google's cloud the address of its metadata service may lead nowhere, which takes long to find out. Half of a
/// request's usual timeout, so that the first request is told the reason.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(5);
/// A search that found nothing is made anew after this long: somebody may have logged in. It starts programs and asks the
/// network, too much for every request.
const SEARCH_AGAIN_AFTER: Duration = Duration::from_secs(30);
const REMEDY: &str = "run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS, \
                      GEMINI_ACCESS_TOKEN or GEMINI_API_KEY";

type Provider = Arc<dyn TokenProvider>;
type Search = Shared<BoxFuture<'static, Result<Provider, Arc<str>>>>;

/// Credentials that are looked for when they are first needed. Requests that come meanwhile wait for the same search.
#[derive(Default)]
pub(super) struct ApplicationDefault {
    search: Mutex<Option<(Instant, Search)>>,
}

impl ApplicationDefault {
    /// A token for now.
    pub(super) async fn token(&self) -> Result<Secret, ModelError> {
        let provider = self.search().await.map_err(|why| ModelError::Unconfigured(format!("{why}; {REMEDY}")))?;
        let token = provider.token(&SCOPES).await.map_err(|error| match error {
            gcp_auth::Error::Http(..) | gcp_auth::Error::Other(..) => {
                ModelError::Unavailable(format!("Google's token service can't be reached ({error})"))
            }
            error => ModelError::Unconfigured(format!("Google gives no token for the credentials ({error}); {REMEDY}")),
        })?;
        Secret::parse(token.as_str())
            .map_err(|why| ModelError::Unconfigured(format!("Google's token can't be used: {why}")))
    }

    fn search(&self) -> Search {
        // Whoever panicked while holding the lock left a search behind that can still be waited for.
        let mut current = self.search.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((began, search)) = current.as_ref() {
            let has_failed = matches!(search.peek(), Some(Err(_)));
            if !has_failed || began.elapsed() < SEARCH_AGAIN_AFTER {
                return search.clone();
            }
        }
        let search = find().boxed().shared();
        *current = Some((Instant::now(), search.clone()));
        search
    }
}

async fn find() -> Result<Provider, Arc<str>> {
    let runtime = Handle::current();
    // The search may start `gcloud` and wait for it on its thread.
    let search = tokio::task::spawn_blocking(move || runtime.block_on(gcp_auth::provider()));
    match tokio::time::timeout(SEARCH_TIMEOUT, search).await {
        Ok(Ok(Ok(provider))) => Ok(provider),
        Ok(Ok(Err(error))) => Err(Arc::from(format!("no Google credentials found ({error})"))),
        Ok(Err(_)) => Err(Arc::from("the search for Google credentials broke off")),
        Err(_) => Err(Arc::from(format!("no Google credentials found within {} s", SEARCH_TIMEOUT.as_secs()))),
    }
}

impl fmt::Debug for ApplicationDefault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApplicationDefault")
    }
}

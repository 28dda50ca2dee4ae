//! What the conductor asks the load generator.

use std::time::Duration;

use scenario::LoadReport;

use crate::StageError;

/// Longest wait for one answer of a process on this machine.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// A client for loopback: no proxy, short timeouts.
pub(crate) fn http_client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(ANSWER_WITHIN)
        .build()
        .expect("a client without TLS needs nothing of the system")
}

/// The load generator's measurements so far.
pub(crate) async fn measurements(client: &reqwest::Client, base: &str) -> Result<LoadReport, StageError> {
    get_json(client, &format!("{base}/admin/measurements")).await
}

/// GETs `url` and reads its JSON.
pub(crate) async fn get_json<T: serde::de::DeserializeOwned>(
    client: &reqwest::Client,
    url: &str,
) -> Result<T, StageError> {
    let failed = |source| StageError::Http { url: url.to_owned(), source };
    let answer = client.get(url).send().await.map_err(failed)?.error_for_status().map_err(failed)?;
    answer.json().await.map_err(failed)
}

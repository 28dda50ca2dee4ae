//! The parts of a HAR file that are looked at. Answers are passed over unread.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Recording {
    pub(super) log: Log,
}

#[derive(Debug, Deserialize)]
pub(super) struct Log {
    pages: Option<Vec<Page>>,
    pub(super) entries: Vec<Entry>,
}

impl Log {
    pub(super) fn pages(&self) -> impl Iterator<Item = &Page> {
        self.pages.iter().flatten()
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) id: String,
    pub(super) title: Option<String>,
}

/// A request and its answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) pageref: Option<String>,
    pub(super) started_date_time: String,
    /// Milliseconds from the request's start to the answer's end.
    pub(super) time: Option<f64>,
    pub(super) request: Request,
    pub(super) response: Option<Response>,
    /// What Chromium writes: `xhr`, `fetch`, `document`, `script`, ...
    #[serde(rename = "_resourceType")]
    pub(super) resource_type: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: Option<Vec<Pair>>,
    pub(super) post_data: Option<PostData>,
}

/// A header, or a field of a form.
#[derive(Debug, Deserialize)]
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) value: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PostData {
    pub(super) mime_type: Option<String>,
    pub(super) text: Option<String>,
    /// Fields of a form, where there is no text.
    pub(super) params: Option<Vec<Pair>>,
    /// `base64` where the text is none.
    pub(super) encoding: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Response {
    /// 0 or below where there was none.
    pub(super) status: Option<i64>,
    pub(super) content: Option<Content>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Content {
    pub(super) mime_type: Option<String>,
}

impl Entry {
    /// The status, where there was an answer.
    pub(super) fn status(&self) -> Option<u16> {
        let status = self.response.as_ref()?.status?;
        u16::try_from(status).ok().filter(|status| (100..600).contains(status))
    }

    /// What the answer was, in lowercase, without parameters.
    pub(super) fn answered_type(&self) -> String {
        let content = self.response.as_ref().and_then(|r| r.content.as_ref());
        essence(content.and_then(|c| c.mime_type.as_deref()).unwrap_or_default())
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.request.headers.iter().flatten();
        headers.find(|h| h.name.eq_ignore_ascii_case(name)).and_then(|h| h.value.as_deref())
    }
}

/// A media type without parameters, in lowercase.
pub(super) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

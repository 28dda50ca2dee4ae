//! What an e-mail to somebody who looks for work wants.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The intents that a mail is sorted into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Intent {
    /// An application has arrived.
    ApplicationReceived,
    /// Somebody wants to talk, or to agree on when.
    InterviewInvite,
    /// A test, a take-home task, a form to fill in.
    Assessment,
    /// The job, with its terms.
    Offer,
    /// No.
    Rejection,
    /// A recruiter writes of their own accord.
    RecruiterOutreach,
    /// Jobs that may fit, in bulk.
    JobAlert,
    /// Everything else.
    Other,
}

/// The text is none of the intents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no intent")]
pub(crate) struct UnknownIntent(pub(crate) String);

impl Intent {
    /// All of them, in the order in which they are told to a model.
    pub(crate) const ALL: [Self; 8] = [
        Self::ApplicationReceived,
        Self::InterviewInvite,
        Self::Assessment,
        Self::Offer,
        Self::Rejection,
        Self::RecruiterOutreach,
        Self::JobAlert,
        Self::Other,
    ];

    /// The word that stands for it in answers and in data.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::ApplicationReceived => "application_received",
            Self::InterviewInvite => "interview_invite",
            Self::Assessment => "assessment",
            Self::Offer => "offer",
            Self::Rejection => "rejection",
            Self::RecruiterOutreach => "recruiter_outreach",
            Self::JobAlert => "job_alert",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Intent {
    type Err = UnknownIntent;

    fn from_str(text: &str) -> Result<Self, UnknownIntent> {
        Self::ALL.into_iter().find(|intent| intent.word() == text).ok_or_else(|| UnknownIntent(text.to_owned()))
    }
}

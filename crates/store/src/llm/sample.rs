//! One span about a model, as it is counted.

use crate::aggregates::NumberSum;
use crate::llm::figures::LlmKind;
use crate::pack::{Attributes, Packed};
use crate::symbols::{Symbol, Texts};
use crate::well_known as known;

/// Operations that are no call of a model, but stand above some.
const NO_CALLS: [&str; 4] = ["create_agent", "invoke_agent", "invoke_workflow", "execute_tool"];

/// What is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LlmKey {
    pub(crate) kind: LlmKind,
    pub(crate) service: Symbol,
    /// `llm.endpoint` of a request, `gen_ai.operation.name` of a call.
    pub(crate) operation: Symbol,
    /// The model that a call asked for; none of a request.
    pub(crate) model: Symbol,
    pub(crate) traffic_type: Symbol,
    /// `error.type`.
    pub(crate) error: Symbol,
    /// `http.response.status_code`; 0 without.
    pub(crate) status: u16,
    pub(crate) is_error: bool,
}

/// What is counted of one span.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LlmSample {
    pub(crate) key: LlmKey,
    pub(crate) duration_ns: u64,
    pub(crate) tokens_in: Option<f64>,
    pub(crate) tokens_out: Option<f64>,
    /// In and out together.
    pub(crate) tokens: Option<f64>,
    pub(crate) cost_usd: Option<f64>,
    pub(crate) is_truncated: bool,
    pub(crate) is_fallback: bool,
}

/// What the columns say of the span.
pub(crate) struct Span {
    pub(crate) service: Symbol,
    pub(crate) traffic_type: Symbol,
    pub(crate) is_server: bool,
    pub(crate) is_error: bool,
    pub(crate) http_status: u16,
    pub(crate) duration_ns: u64,
}

impl LlmSample {
    /// `None` if the span is neither a request nor a call.
    pub(crate) fn of(span: &Span, attributes: Attributes<'_>, texts: &Texts) -> Option<Self> {
        let (mut endpoint, mut operation) = (Symbol::NONE, Symbol::NONE);
        let (mut asked, mut answered, mut error) = (Symbol::NONE, Symbol::NONE, Symbol::NONE);
        let (mut tokens_in, mut tokens_out, mut tokens, mut cost_usd) = (None, None, None, None);
        let (mut is_truncated, mut is_fallback) = (false, false);
        for (key, value) in attributes.iter().filter(|(key, _)| *key <= known::LAST) {
            match key {
                known::LLM_ENDPOINT => endpoint = word(value),
                known::GEN_AI_OPERATION_NAME => operation = word(value),
                known::GEN_AI_REQUEST_MODEL => asked = word(value),
                known::GEN_AI_RESPONSE_MODEL => answered = word(value),
                known::ERROR_TYPE => error = word(value),
                known::GEN_AI_USAGE_INPUT_TOKENS => tokens_in = number(value),
                known::GEN_AI_USAGE_OUTPUT_TOKENS => tokens_out = number(value),
                known::LLM_USAGE_TOTAL_TOKENS => tokens = number(value),
                known::LLM_COST_USD => cost_usd = number(value),
                known::LLM_PROMPT_TRUNCATED => is_truncated = value == Packed::Bool(true),
                known::LLM_FALLBACK => is_fallback = value == Packed::Bool(true),
                _ => {}
            }
        }
        let (kind, operation, model) = if endpoint != Symbol::NONE && span.is_server {
            (LlmKind::Request, endpoint, Symbol::NONE)
        } else if operation != Symbol::NONE && !NO_CALLS.contains(&texts.text(operation)) {
            (LlmKind::Call, operation, if asked == Symbol::NONE { answered } else { asked })
        } else {
            return None;
        };
        let both = tokens_in.zip(tokens_out).map(|(tokens_in, tokens_out)| tokens_in + tokens_out);
        let is_error = span.is_error || error != Symbol::NONE || span.http_status >= 400;
        Some(Self {
            key: LlmKey {
                kind,
                service: span.service,
                operation,
                model,
                traffic_type: span.traffic_type,
                error,
                status: if is_error { span.http_status } else { 0 },
                is_error,
            },
            duration_ns: span.duration_ns,
            tokens_in,
            tokens_out,
            tokens: tokens.or(both),
            cost_usd,
            is_truncated,
            is_fallback,
        })
    }
}

/// Words that have no number are too many to be told apart.
fn word(value: Packed<'_>) -> Symbol {
    match value {
        Packed::Shared(symbol) => symbol,
        Packed::Text(_) => Symbol::OTHER,
        _ => Symbol::NONE,
    }
}

/// A finite number, not below zero: nobody takes tokens back.
fn number(value: Packed<'_>) -> Option<f64> {
    value.number().filter(|number| *number >= 0.0)
}

impl From<Option<f64>> for NumberSum {
    fn from(value: Option<f64>) -> Self {
        value.map_or_else(Self::default, |sum| Self { count: 1, sum })
    }
}

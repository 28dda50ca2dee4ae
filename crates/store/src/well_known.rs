//! Keys of attributes that mean something to the store. They have the same symbols in every table.

use crate::symbols::Symbol;

macro_rules! well_known {
    ($($name:ident = $text:literal;)*) => {
        #[expect(non_camel_case_types, reason = "only their order is used")]
        enum Order { $($name),* }
        $(pub(crate) const $name: Symbol = Symbol(Order::$name as u32 + 2);)*
        /// All of them, in the order of their symbols, the first of which is 2.
        pub(crate) const WELL_KNOWN: &[&str] = &[$($text),*];
    };
}

well_known! {
    TRAFFIC_TYPE = "traffic.type";
    DB_SYSTEM_NAME = "db.system.name";
    DB_SYSTEM = "db.system";
    DB_QUERY_TEXT = "db.query.text";
    DB_STATEMENT = "db.statement";
    DB_INDEX_USED = "db.index_used";
    DB_ROWS_SCANNED = "db.rows_scanned";
    PEER_SERVICE = "peer.service";
    SERVICE_PEER_NAME = "service.peer.name";
    SERVER_ADDRESS = "server.address";
    SERVICE_NAME = "service.name";
    EVENT_NAME = "event.name";
    HTTP_RESPONSE_STATUS_CODE = "http.response.status_code";
    HTTP_STATUS_CODE = "http.status_code";
    ERROR_TYPE = "error.type";
    LLM_ENDPOINT = "llm.endpoint";
    LLM_USAGE_TOTAL_TOKENS = "llm.usage.total_tokens";
    LLM_COST_USD = "llm.cost_usd";
    LLM_PROMPT_TRUNCATED = "llm.prompt_truncated";
    LLM_FALLBACK = "llm.fallback";
    GEN_AI_OPERATION_NAME = "gen_ai.operation.name";
    GEN_AI_REQUEST_MODEL = "gen_ai.request.model";
    GEN_AI_RESPONSE_MODEL = "gen_ai.response.model";
    GEN_AI_USAGE_INPUT_TOKENS = "gen_ai.usage.input_tokens";
    GEN_AI_USAGE_OUTPUT_TOKENS = "gen_ai.usage.output_tokens";
    UNKNOWN_SERVICE = "unknown_service";
}

/// Beyond this no symbol is one of a well-known key.
pub(crate) const LAST: Symbol = UNKNOWN_SERVICE;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbols::Symbols;

    #[test]
    fn each_has_the_symbol_of_its_text() {
        let symbols = Symbols::new(1 << 20, WELL_KNOWN);
        assert_eq!(symbols.find("traffic.type"), Some(TRAFFIC_TYPE));
        assert_eq!(symbols.find("event.name"), Some(EVENT_NAME));
        assert_eq!(symbols.find(""), Some(Symbol::NONE));
        assert_eq!(LAST.0 as usize, WELL_KNOWN.len() + 1);
    }
}

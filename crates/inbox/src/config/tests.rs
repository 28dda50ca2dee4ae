//! Which model, and what is wrong with the environment.

use std::collections::HashMap;

use super::*;

fn read(vars: &[(&str, &str)]) -> Result<LlmConfig, ConfigMistakes> {
    let vars: HashMap<String, String> = vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    LlmConfig::from_vars(&|name| vars.get(name).cloned())
}

/// The model in a few words.
fn model(vars: &[(&str, &str)]) -> String {
    match read(vars).unwrap().model {
        ModelConfig::Embedded => "embedded".to_owned(),
        ModelConfig::Gemini(GeminiConfig { access, model, .. }) => match access {
            GeminiAccess::Vertex { project, location, token } => {
                format!("{model} of {project} in {location}, token {}", token.is_some())
            }
            GeminiAccess::Key(_) => format!("{model} by key"),
            GeminiAccess::Missing(why) => format!("{model} lacks: {why}"),
        },
        ModelConfig::OpenAi(OpenAiConfig { server, .. }) => match server {
            Ok(server) => format!("{} at {}, key {}", server.model, server.base_url, server.api_key.is_some()),
            Err(why) => format!("openai lacks: {why}"),
        },
    }
}

const GEMINI: (&str, &str) = ("USE_GEMINI_FOR_CLASSIFY", "1");
const PROJECT: (&str, &str) = ("GOOGLE_CLOUD_PROJECT", "my-project-123");
const URL: (&str, &str) = ("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1/");
const LLAMA: (&str, &str) = ("OPENAI_MODEL", "llama3.2:3b");

#[test]
fn the_environment_chooses_the_model() {
    let vertex = "gemini-2.5-flash of my-project-123 in us-central1, token false";
    let llama = "llama3.2:3b at http://127.0.0.1:11434/v1, key false";
    for (vars, expected) in [
        (&[][..], "embedded"),
        (&[GEMINI, PROJECT], vertex),
        (&[("USE_GEMINI_FOR_CLASSIFY", "true"), PROJECT], vertex),
        (&[("USE_GEMINI_FOR_CLASSIFY", "0"), PROJECT], "embedded"),
        (&[("LLM_MODEL", "gemini"), PROJECT], vertex),
        (&[GEMINI, PROJECT, ("LLM_MODEL", "embedded"), URL], "embedded"),
        (&[GEMINI, PROJECT, URL, LLAMA], vertex),
        (&[GEMINI, PROJECT, ("LLM_MODEL", "OpenAI"), URL, LLAMA], llama),
        (&[URL, LLAMA], llama),
        (&[URL, LLAMA, ("OPENAI_API_KEY", "sk-1")], "llama3.2:3b at http://127.0.0.1:11434/v1, key true"),
        (&[("OPENAI_API_KEY", "sk-1"), ("OPENAI_MODEL", "gpt-4o-mini")], "embedded"),
        (
            &[("LLM_MODEL", "openai"), ("OPENAI_API_KEY", "sk-1"), ("OPENAI_MODEL", "gpt-4o-mini")],
            "gpt-4o-mini at https://api.openai.com/v1, key true",
        ),
        (
            &[GEMINI, PROJECT, ("GOOGLE_CLOUD_LOCATION", "global"), ("GEMINI_MODEL", "gemini-3.5-flash")],
            "gemini-3.5-flash of my-project-123 in global, token false",
        ),
        (
            &[GEMINI, PROJECT, ("GEMINI_ACCESS_TOKEN", "ya29.x")],
            "gemini-2.5-flash of my-project-123 in us-central1, token true",
        ),
        (&[GEMINI, ("GEMINI_API_KEY", "AIza")], "gemini-2.5-flash by key"),
        (&[GEMINI, ("GOOGLE_API_KEY", "AIza")], "gemini-2.5-flash by key"),
        (&[GEMINI, PROJECT, ("GEMINI_API_KEY", "AIza")], "gemini-2.5-flash by key"),
        (&[GEMINI, PROJECT, ("GOOGLE_API_KEY", "AIza")], vertex),
    ] {
        assert_eq!(model(vars), expected, "{vars:?}");
    }
}

#[test]
fn what_the_chosen_model_lacks_is_no_mistake_but_told_when_it_is_asked() {
    for (vars, remedy) in [
        (&[GEMINI][..], "set GOOGLE_CLOUD_PROJECT or GEMINI_API_KEY"),
        (&[GEMINI, ("GOOGLE_CLOUD_PROJECT", "  ")], "set GOOGLE_CLOUD_PROJECT or GEMINI_API_KEY"),
        (&[URL], "set OPENAI_MODEL, such as llama3.2"),
        (&[("LLM_MODEL", "openai")], "set OPENAI_BASE_URL"),
    ] {
        let model = model(vars);
        assert!(model.contains("lacks: ") && model.contains(remedy), "{vars:?}: {model}");
    }
}

#[test]
fn an_empty_environment_gives_the_documented_bounds() {
    let config = read(&[]).unwrap();
    let prompts = PromptRules { max_tokens: 8192, over_limit: OverLimit::Truncate, max_output_tokens: 256 };
    assert_eq!(config.prompts, prompts);
    assert_eq!((config.max_concurrent, config.falls_back, config.captures_content), (256, false, false));
    assert_eq!(config.model.timeout(), Duration::from_secs(30));
    assert_eq!(config.prices, Prices::built_in());
}

#[test]
fn every_variable_is_heard() {
    let config = read(&[
        GEMINI,
        PROJECT,
        ("GEMINI_TIMEOUT_MS", "2500"),
        ("LLM_FALLBACK", "embedded"),
        ("LLM_MAX_PROMPT_TOKENS", "1000"),
        ("LLM_OVER_LIMIT", "refuse"),
        ("LLM_MAX_OUTPUT_TOKENS", "64"),
        ("LLM_MAX_CONCURRENT", "3"),
        ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "True"),
    ])
    .unwrap();
    assert_eq!(config.model.timeout(), Duration::from_millis(2500));
    assert_eq!(config.prompts, PromptRules { max_tokens: 1000, over_limit: OverLimit::Refuse, max_output_tokens: 64 });
    assert_eq!((config.max_concurrent, config.falls_back, config.captures_content), (3, true, true));
    let off = read(&[("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "no_content")]).unwrap();
    assert!(!off.captures_content);
    assert_eq!(read(&[URL, LLAMA, ("OPENAI_TIMEOUT_MS", "90000")]).unwrap().model.timeout(), Duration::from_secs(90));
}

#[test]
fn every_mistake_is_reported_names_its_variable_and_says_what_to_write() {
    let wrong = [
        ("LLM_MODEL", "gemni", "give one of gemini, openai, embedded"),
        ("USE_GEMINI_FOR_CLASSIFY", "maybe", "give one of 1, true"),
        ("LLM_FALLBACK", "gemini", "give one of none, embedded"),
        ("LLM_OVER_LIMIT", "drop", "give one of truncate, refuse"),
        ("LLM_MAX_PROMPT_TOKENS", "8k", "give a whole number from 256 to 1000000"),
        ("LLM_MAX_OUTPUT_TOKENS", "0", "give a whole number from 32 to 65536"),
        ("LLM_MAX_CONCURRENT", "-1", "give a whole number from 1 to 100000"),
        ("LLM_PRICES", "/nowhere/prices.json5", "can't be read: No such file"),
    ];
    let vars: Vec<(&str, &str)> = wrong.iter().map(|(name, value, _)| (*name, *value)).collect();
    let mistakes = read(&vars).unwrap_err();
    assert_eq!(mistakes.0.len(), wrong.len(), "{mistakes}");
    for (name, _, remedy) in wrong {
        assert!(mistakes.0.iter().any(|m| m.starts_with(name) && m.contains(remedy)), "{name}: {mistakes}");
    }
}

#[test]
fn the_chosen_models_mistakes_are_reported_and_those_of_others_are_not() {
    let gemini = [
        ("GOOGLE_CLOUD_PROJECT", "../other"),
        ("GOOGLE_CLOUD_LOCATION", "us central"),
        ("GEMINI_MODEL", "models/x?y"),
        ("GEMINI_TIMEOUT_MS", "10s"),
        ("GEMINI_BASE_URL", "localhost:9000"),
    ];
    let openai = [("OPENAI_BASE_URL", "localhost:11434"), ("OPENAI_TIMEOUT_MS", "0")];
    for (chosen, own, others) in [("gemini", &gemini[..], &openai[..]), ("openai", &openai[..], &gemini[..])] {
        let vars = [&[("LLM_MODEL", chosen)], own, others].concat();
        let mistakes = read(&vars).unwrap_err();
        assert_eq!(mistakes.0.len(), own.len(), "{mistakes}");
        for (name, _) in own {
            assert!(mistakes.0.iter().any(|m| m.starts_with(name)), "{name}: {mistakes}");
        }
    }
}

#[test]
fn no_secret_is_ever_printed() {
    let vars = [
        GEMINI,
        PROJECT,
        ("GEMINI_API_KEY", "hunter2"),
        ("GEMINI_ACCESS_TOKEN", "hunter2"),
        ("GOOGLE_API_KEY", "hunter2"),
    ];
    let config = read(&vars).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    let config = read(&[URL, LLAMA, ("OPENAI_API_KEY", "hunter2")]).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    let mistakes = read(&[URL, LLAMA, ("OPENAI_API_KEY", "hunter2\u{7}x")]).unwrap_err().to_string();
    assert!(mistakes.contains("OPENAI_API_KEY can't be used") && !mistakes.contains("hunter2"), "{mistakes}");
    let mistakes = read(&[("OPENAI_BASE_URL", "http://me:hunter2@x/v1"), LLAMA]).unwrap_err().to_string();
    assert!(mistakes.contains("OPENAI_BASE_URL has a user") && !mistakes.contains("hunter2"), "{mistakes}");
}

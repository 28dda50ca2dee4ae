use std::time::Duration;

use serde_json::Value;

use super::super::adversaries;
use super::*;
use crate::mail::Mail;

fn prompt(task: Task, subject: &str, snippet: &str) -> Prompt {
    let mail = Mail { subject: subject.to_owned(), snippet: snippet.to_owned(), sender: None };
    Prompt {
        task,
        user: serde_json::json!({"subject": subject, "snippet": snippet}).to_string(),
        mail,
        system: "Say what the mail to a job seeker is. Answer with JSON only.".to_owned(),
        max_output_tokens: 256,
    }
}

async fn ask(model: &Embedded, prompt: &Prompt) -> (Completion, Value, Duration) {
    let asked = Instant::now();
    let completion = model.complete(prompt).await.unwrap();
    let json = serde_json::from_str(&completion.text).unwrap();
    (completion, json, asked.elapsed())
}

const OFFER: (&str, &str) = (
    "Your offer",
    "We are delighted to offer you the position of Data Engineer. Your starting salary is EUR 62,000 per year. Please sign the contract.",
);

#[tokio::test(start_paused = true)]
async fn a_classification_is_the_json_that_was_asked_for() {
    let model = Embedded::new();
    let (completion, json, took) = ask(&model, &prompt(Task::Classify, OFFER.0, OFFER.1)).await;
    assert_eq!(json["intent"], "offer");
    assert!((0.5..=1.0).contains(&json["confidence"].as_f64().unwrap()), "{json}");
    let reasoning = json["reasoning"].as_str().unwrap();
    assert!(reasoning.ends_with("for offer"), "{reasoning}");
    assert_eq!(completion.model, "doorbuster-embedded-1");
    assert_eq!(completion.output_tokens, tokens::count(&completion.text) as u64);
    assert!((Duration::from_millis(200)..Duration::from_millis(500)).contains(&took), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn it_is_always_there_and_says_who_it_is() {
    let model = Embedded::new();
    assert_eq!(model.reach().await, Ok(()));
    let expected = Identity { provider: "doorbuster", model: "doorbuster-embedded-1".to_owned(), server: None };
    assert_eq!(model.identity(), &expected);
}

#[tokio::test(start_paused = true)]
async fn an_extraction_is_the_json_that_was_asked_for() {
    let model = Embedded::new();
    let (_, json, _) = ask(&model, &prompt(Task::Extract, OFFER.0, OFFER.1)).await;
    assert_eq!(
        json,
        serde_json::json!({
            "company": null, "role": "Data Engineer", "location": null, "salary": "EUR 62000 per year",
            "contact": null, "dates": [], "links": []
        })
    );
}

#[tokio::test(start_paused = true)]
async fn tokens_are_those_of_instructions_and_mail_and_more_of_them_take_longer() {
    let model = Embedded::new();
    let short = prompt(Task::Classify, OFFER.0, OFFER.1);
    let long = prompt(Task::Classify, OFFER.0, &OFFER.1.repeat(200));
    let (small, _, short_took) = ask(&model, &short).await;
    let (big, _, long_took) = ask(&model, &long).await;
    for (completion, prompt) in [(&small, &short), (&big, &long)] {
        let counted = tokens::count(&prompt.system) + tokens::count(&prompt.user);
        assert_eq!(completion.input_tokens, counted as u64);
    }
    assert!(big.input_tokens > 5_000, "{}", big.input_tokens);
    assert!(long_took > short_took + Duration::from_millis(500), "{short_took:?}, {long_took:?}");
    assert!(long_took < Duration::from_secs(2), "{long_took:?}");
}

#[tokio::test(start_paused = true)]
async fn the_same_prompt_is_answered_the_same_and_takes_the_same() {
    let asked = prompt(Task::Classify, OFFER.0, OFFER.1);
    assert_eq!(ask(&Embedded::new(), &asked).await, ask(&Embedded::new(), &asked).await);
}

#[tokio::test(start_paused = true)]
async fn an_answer_has_no_more_tokens_than_the_prompt_allows() {
    let links: String = (0..30).map(|n| format!("https://hooli.example/a/long/path/to/some/page/{n} ")).collect();
    let model = Embedded::new();
    let mut asked = prompt(Task::Extract, "Links", &links);
    let (all, _, _) = ask(&model, &asked).await;
    assert!(all.output_tokens <= MOST_OUTPUT_TOKENS as u64);
    asked.max_output_tokens = 64;
    let (few, json, _) = ask(&model, &asked).await;
    assert!(few.output_tokens <= 64 && few.output_tokens < all.output_tokens, "{json}");
    assert!(!json["links"].as_array().unwrap().is_empty(), "{json}");
}

#[test]
fn a_mail_that_nobody_should_have_to_read_costs_little() {
    Embedded::new();
    for text in adversaries() {
        for task in [Task::Classify, Task::Extract] {
            let asked = Prompt { user: text.clone(), ..prompt(task, &text, &text) };
            let before = spent();
            work(&asked);
            let cost = spent() - before;
            assert!(cost < COST, "{task:?} of {:?}… took {cost:?}", text.chars().take(12).collect::<String>());
        }
    }
}

/// Without optimization, several times what it costs with it.
const COST: Duration = Duration::from_millis(50);

/// What this thread has had of a processor: unlike time on the wall, not what others had.
fn spent() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(spent.tv_sec).unwrap(), u32::try_from(spent.tv_nsec).unwrap())
}

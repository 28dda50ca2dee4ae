//! What a visitor does, as data: journeys of the world `shop`, each a list of requests to the frontend.

use scenario::{Scenario, World};

use crate::client::{Body, Head};
use crate::target::Target;

/// A named list of requests, sent one after another. It fails with the first that does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Journey {
    pub(crate) name: &'static str,
    pub(crate) steps: &'static [Step],
}

/// One request. Slots of `body` are those of [`Body::parse`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) body: &'static str,
    /// Carries an `Idempotency-Key`: sent twice it must not order twice.
    pub(crate) places_order: bool,
}

const BROWSE: Step = Step {
    method: "POST",
    path: "/api/browse",
    body: r#"{"user_id":"{user_id}","cart_id":"{cart_id}"}"#,
    places_order: false,
};

const CART: Step = Step {
    method: "POST",
    path: "/api/cart",
    body: r#"{"cart_id":"{cart_id}","user_id":"{user_id}","product_id":"{product_id}","quantity":{quantity}}"#,
    places_order: false,
};

const CHECKOUT: Step = Step {
    method: "POST",
    path: "/api/checkout",
    body: r#"{"user_id":"{user_id}","cart_id":"{cart_id}","product_id":"{product_id}","quantity":{quantity}}"#,
    places_order: true,
};

/// The shop's journeys. `full_checkout` is one request, so that its arrival rate is the checkout's request rate.
const SHOP: [Journey; 3] = [
    Journey { name: "browse_only", steps: &[BROWSE] },
    Journey { name: "browse_and_cart", steps: &[BROWSE, CART] },
    Journey { name: "full_checkout", steps: &[CHECKOUT] },
];

/// The journeys of `world`.
fn of_world(world: World) -> &'static [Journey] {
    match world {
        World::Shop => &SHOP,
    }
}

/// A journey that a scenario names and its world does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("stream {stream:?} has the journey {journey:?}, which does not exist: there are {known}")]
pub struct UnknownJourney {
    /// The stream's name.
    pub stream: String,
    /// The journey's.
    pub journey: String,
    /// What there is, separated by commas.
    pub known: String,
}

/// A journey made ready for one target.
#[derive(Debug)]
pub(crate) struct PreparedJourney {
    pub(crate) name: &'static str,
    /// `user_journey.NAME`
    pub(crate) span_name: String,
    pub(crate) steps: Vec<PreparedStep>,
}

/// A step made ready for one target.
#[derive(Debug)]
pub(crate) struct PreparedStep {
    pub(crate) step: Step,
    /// `POST /api/checkout`
    pub(crate) endpoint: String,
    pub(crate) url: String,
    pub(crate) head: Head,
    pub(crate) body: Body,
}

/// For each stream of `scenario` its journeys, in the order in which arrivals number them.
pub(crate) fn prepare(scenario: &Scenario, target: &Target) -> Result<Vec<Vec<PreparedJourney>>, UnknownJourney> {
    let known = of_world(scenario.world);
    let find = |stream: &str, name: &str| {
        known
            .iter()
            .find(|journey| journey.name == name)
            .map(|journey| PreparedJourney::new(journey, target))
            .ok_or_else(|| UnknownJourney {
                stream: stream.to_owned(),
                journey: name.to_owned(),
                known: known.iter().map(|j| j.name).collect::<Vec<_>>().join(", "),
            })
    };
    let streams = scenario.streams.iter();
    streams.map(|s| s.journeys.keys().map(|name| find(&s.name, name)).collect()).collect()
}

impl PreparedJourney {
    fn new(journey: &Journey, target: &Target) -> Self {
        Self {
            name: journey.name,
            span_name: format!("user_journey.{}", journey.name),
            steps: journey.steps.iter().map(|step| PreparedStep::new(*step, target)).collect(),
        }
    }
}

impl PreparedStep {
    fn new(step: Step, target: &Target) -> Self {
        let path = format!("{}{}", target.base_path, step.path);
        Self {
            step,
            endpoint: format!("{} {}", step.method, step.path),
            url: format!("http://{}{path}", target.authority),
            head: Head::new(step.method, &path, &target.authority),
            body: Body::parse(step.body),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_body_is_json_once_its_slots_are_filled() {
        let values = crate::client::Values {
            user_id: "user-0001".into(),
            cart_id: "cart-1".into(),
            product_id: "prod-1".into(),
            quantity: "1".into(),
        };
        let target = Target::parse("http://127.0.0.1:1").expect("a URL");
        for journey in &SHOP {
            for step in PreparedJourney::new(journey, &target).steps {
                let mut request = Vec::new();
                step.head.write(&mut request, &http::HeaderMap::new(), None, Some((&step.body, &values)));
                let text = String::from_utf8(request).expect("text");
                let body = text.split("\r\n\r\n").nth(1).expect("a body");
                let json: serde_json::Value = serde_json::from_str(body).expect("JSON");
                assert_eq!(json["user_id"], "user-0001", "{}", step.endpoint);
                assert!(!body.contains('{') || body.matches('{').count() == 1, "{body}");
            }
        }
    }
}

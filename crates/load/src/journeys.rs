//! What a visitor does, as data: journeys of the world `shop`, each a list of requests.

use std::sync::Arc;
use std::time::Duration;

use scenario::{Scenario, Stream, World};
use telemetry::Value;
use telemetry::http_client::{CallDurations, Peer};

use crate::client::{Head, Template};
use crate::services::{PerService, Service};
use crate::target::Target;

/// A named list of requests, sent one after another. It fails with the first that does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Journey {
    pub(crate) name: &'static str,
    pub(crate) steps: &'static [Step],
}

/// One request. `query` and `body` may have the slots of [`Template::parse`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) service: Service,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// With its `?`; empty where there is none.
    pub(crate) query: &'static str,
    /// JSON.
    pub(crate) body: Option<&'static str>,
    /// Carries an `Idempotency-Key`: sent twice it must not order twice.
    pub(crate) places_order: bool,
    /// Longest it may take, connecting included. Longer than the service itself takes to give up.
    pub(crate) timeout: Duration,
}

/// A request to the frontend with a body.
const fn post(path: &'static str, body: &'static str, timeout: Duration) -> Step {
    let body = Some(body);
    Step { service: Service::Frontend, method: "POST", path, query: "", body, places_order: false, timeout }
}

/// A request straight to the product catalogue, as impatient as the seeds' clients are.
const fn get(path: &'static str, query: &'static str, timeout: Duration) -> Step {
    Step { service: Service::ProductCatalog, method: "GET", path, query, body: None, places_order: false, timeout }
}

const BROWSE: Step = post("/api/browse", r#"{"user_id":"{user_id}","cart_id":"{cart_id}"}"#, Duration::from_secs(10));

const CART: Step = post(
    "/api/cart",
    r#"{"cart_id":"{cart_id}","user_id":"{user_id}","product_id":"{product_id}","quantity":{quantity}}"#,
    Duration::from_secs(10),
);

/// Its order alone may take the frontend 10 s, and all of it 15 s.
const CHECKOUT: Step = Step {
    places_order: true,
    ..post(
        "/api/checkout",
        r#"{"user_id":"{user_id}","cart_id":"{cart_id}","product_id":"{product_id}","quantity":{quantity}}"#,
        Duration::from_secs(20),
    )
};

const PRODUCTS: Step = get("/products", "?category=electronics", Duration::from_secs(2));

const RECOMMENDATIONS: Step =
    get("/products/recommendations", "?category=electronics&user_id={user_id}", Duration::from_secs(6));

/// The shop's journeys. `full_checkout` is one request, so that its arrival rate is the checkout's request rate.
const SHOP: [Journey; 5] = [
    Journey { name: "browse_only", steps: &[BROWSE] },
    Journey { name: "browse_and_cart", steps: &[BROWSE, CART] },
    Journey { name: "full_checkout", steps: &[CHECKOUT] },
    Journey { name: "list_products", steps: &[PRODUCTS] },
    Journey { name: "recommendations", steps: &[RECOMMENDATIONS] },
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

/// A journey made ready for the targets of a run.
#[derive(Debug)]
pub(crate) struct PreparedJourney {
    pub(crate) name: &'static str,
    /// `user_journey.NAME`
    pub(crate) span_name: String,
    pub(crate) steps: Vec<PreparedStep>,
}

/// A step made ready for its target.
#[derive(Debug)]
pub(crate) struct PreparedStep {
    pub(crate) step: Step,
    /// `POST /api/checkout`
    pub(crate) endpoint: String,
    pub(crate) url: Template,
    /// Shared by all spans.
    pub(crate) host: Value,
    pub(crate) port: u16,
    pub(crate) head: Head,
    pub(crate) body: Option<Template>,
    pub(crate) durations: CallDurations,
}

/// For each stream of `scenario` its journeys, in the order in which arrivals number them.
pub(crate) fn prepare(
    scenario: &Scenario,
    targets: &PerService<Target>,
) -> Result<Vec<Vec<PreparedJourney>>, UnknownJourney> {
    let prepare = |stream: &Stream| {
        let journeys = stream.journeys.keys().map(|name| find(scenario.world, &stream.name, name));
        journeys.map(|found| found.map(|journey| PreparedJourney::new(journey, &stream.name, targets))).collect()
    };
    scenario.streams.iter().map(prepare).collect()
}

/// Whom the visitors of `scenario` talk to; each once, in the order in which they are met.
pub(crate) fn services(scenario: &Scenario) -> Result<Vec<Service>, UnknownJourney> {
    let mut services = Vec::new();
    for stream in &scenario.streams {
        for name in stream.journeys.keys() {
            for step in find(scenario.world, &stream.name, name)?.steps {
                if !services.contains(&step.service) {
                    services.push(step.service);
                }
            }
        }
    }
    Ok(services)
}

fn find(world: World, stream: &str, name: &str) -> Result<&'static Journey, UnknownJourney> {
    let known = of_world(world);
    known.iter().find(|journey| journey.name == name).ok_or_else(|| UnknownJourney {
        stream: stream.to_owned(),
        journey: name.to_owned(),
        known: known.iter().map(|j| j.name).collect::<Vec<_>>().join(", "),
    })
}

impl PreparedJourney {
    fn new(journey: &Journey, stream: &str, targets: &PerService<Target>) -> Self {
        Self {
            name: journey.name,
            span_name: format!("user_journey.{}", journey.name),
            steps: journey.steps.iter().map(|step| PreparedStep::new(*step, stream, targets)).collect(),
        }
    }
}

impl PreparedStep {
    fn new(step: Step, stream: &str, targets: &PerService<Target>) -> Self {
        let target = targets.of(step.service);
        let path = format!("{}{}{}", target.base_path, step.path, step.query);
        let origin = format!("http://{}", target.authority);
        let peer = Peer::new(step.service.name(), &origin).expect("a target is a plain http URL");
        Self {
            step,
            endpoint: format!("{} {}", step.method, step.path),
            url: Template::parse(&format!("{origin}{path}")),
            host: Value::String(Arc::<str>::from(target.host.as_str()).into()),
            port: target.port,
            head: Head::new(step.method, &path, &target.authority),
            body: step.body.map(Template::parse),
            durations: CallDurations::new(&peer, step.method, step.path, stream),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::client::Values;

    /// What is sent for each step of the shop, by endpoint.
    fn requests() -> Vec<(String, String)> {
        let values = Values {
            user_id: "user-0001".into(),
            cart_id: "cart-1".into(),
            product_id: "prod-1".into(),
            quantity: "1".into(),
        };
        let target = |port| Target::parse(&format!("http://127.0.0.1:{port}")).expect("a URL");
        let targets = PerService { frontend: target(18), product_catalog: target(14) };
        let steps = SHOP.iter().flat_map(|journey| PreparedJourney::new(journey, "demo", &targets).steps);
        let written = steps.map(|step| {
            let mut request = Vec::new();
            step.head.write(&mut request, &http::HeaderMap::new(), None, step.body.as_ref(), &values);
            (step.endpoint, String::from_utf8(request).expect("text"))
        });
        written.collect()
    }

    #[test]
    fn every_body_is_json_once_its_slots_are_filled() {
        let mut bodies = 0;
        for (endpoint, request) in requests().iter().filter(|(endpoint, _)| endpoint.starts_with("POST")) {
            let body = request.split("\r\n\r\n").nth(1).expect("a body");
            let json: serde_json::Value = serde_json::from_str(body).expect("JSON");
            assert_eq!(json["user_id"], "user-0001", "{endpoint}");
            assert_eq!(body.matches('{').count(), 1, "{body}");
            bodies += 1;
        }
        assert_eq!(bodies, 4);
    }

    #[test]
    fn who_goes_straight_to_the_catalogue_asks_it_by_its_own_name() {
        let requests = requests();
        let line = |wanted: &str| {
            let found = requests.iter().find(|(endpoint, _)| endpoint == wanted);
            found.map(|(_, request)| request.lines().take(2).collect::<Vec<_>>().join(" ")).expect("there")
        };
        assert_eq!(line("GET /products"), "GET /products?category=electronics HTTP/1.1 host: 127.0.0.1:14");
        assert_eq!(
            line("GET /products/recommendations"),
            "GET /products/recommendations?category=electronics&user_id=user-0001 HTTP/1.1 host: 127.0.0.1:14"
        );
        assert!(line("POST /api/checkout").ends_with("host: 127.0.0.1:18"));
    }

    #[test]
    fn only_the_services_of_a_scenarios_journeys_are_needed() {
        let mut scenario = catalogue::read("black-friday").expect("shipped");
        assert_eq!(services(&scenario), Ok(vec![Service::Frontend]));
        scenario.streams.truncate(1);
        scenario.streams[0].journeys =
            [("recommendations".to_owned(), scenario::Curve::constant(1.0))].into_iter().collect();
        assert_eq!(services(&scenario), Ok(vec![Service::ProductCatalog]));
        scenario.streams[0].journeys = [("teleport".to_owned(), scenario::Curve::constant(1.0))].into_iter().collect();
        assert!(services(&scenario).expect_err("unknown").to_string().contains("teleport"));
    }
}

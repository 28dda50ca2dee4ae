//! The services that visitors talk to.

use scenario::Scenario;

use crate::request::PrepareError;

/// Who answers a visitor's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// What customers talk to.
    Frontend,
    /// For those who go past the frontend.
    ProductCatalog,
    /// Sorts e-mails: the other world.
    Inbox,
}

impl Service {
    /// All of them, by world.
    pub(crate) const ALL: [Self; 3] = [Self::Frontend, Self::ProductCatalog, Self::Inbox];

    /// Name in the service catalogue, and of the target in its world's journeys.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Frontend => "frontend",
            Self::ProductCatalog => "product-catalog",
            Self::Inbox => "inbox",
        }
    }
}

/// One thing for each service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PerService<T> {
    pub(crate) frontend: T,
    pub(crate) product_catalog: T,
    pub(crate) inbox: T,
}

impl<T> PerService<T> {
    pub(crate) fn of(&self, service: Service) -> &T {
        match service {
            Service::Frontend => &self.frontend,
            Service::ProductCatalog => &self.product_catalog,
            Service::Inbox => &self.inbox,
        }
    }
}

/// Whom the visitors of `scenario` talk to.
///
/// # Errors
/// A journey that its world does not have.
pub(crate) fn needed(scenario: &Scenario) -> Result<Vec<Service>, PrepareError> {
    let journeys = scenario.world.steps();
    let mut targets = Vec::new();
    for stream in &scenario.streams {
        for name in stream.journeys.keys() {
            let journey = journeys.get(name).ok_or_else(|| PrepareError::UnknownJourney {
                stream: stream.name.clone(),
                journey: name.clone(),
                known: journeys.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
            })?;
            targets.extend(journey.iter().filter_map(|step| step.target.as_deref()));
        }
    }
    Ok(Service::ALL.into_iter().filter(|service| targets.contains(&service.name())).collect())
}

#[cfg(test)]
mod tests {
    use scenario::Curve;

    use super::*;
    use crate::catalogue;

    #[test]
    fn only_the_services_of_a_scenarios_journeys_are_needed() {
        let mut scenario = catalogue::read("black-friday").expect("shipped");
        assert_eq!(needed(&scenario), Ok(vec![Service::Frontend]));
        scenario.streams.truncate(1);
        scenario.streams[0].journeys = [("recommendations".to_owned(), Curve::constant(1.0))].into_iter().collect();
        assert_eq!(needed(&scenario), Ok(vec![Service::ProductCatalog]));
        let inbox = catalogue::read("inbox").expect("shipped");
        assert_eq!(needed(&inbox), Ok(vec![Service::Inbox]));
        scenario.streams[0].journeys = [("teleport".to_owned(), Curve::constant(1.0))].into_iter().collect();
        assert!(needed(&scenario).expect_err("unknown").to_string().contains("teleport"));
    }
}

//! The services of the shop that visitors talk to.

use scenario::Scenario;

use crate::request::PrepareError;

/// Who answers a visitor's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// What customers talk to.
    Frontend,
    /// For those who go past the frontend.
    ProductCatalog,
}

impl Service {
    /// Name in the service catalogue, and of the target in the shop's journeys.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Frontend => "frontend",
            Self::ProductCatalog => "product-catalog",
        }
    }
}

/// One thing for each service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PerService<T> {
    pub(crate) frontend: T,
    pub(crate) product_catalog: T,
}

impl<T> PerService<T> {
    pub(crate) fn of(&self, service: Service) -> &T {
        match service {
            Service::Frontend => &self.frontend,
            Service::ProductCatalog => &self.product_catalog,
        }
    }
}

/// Whom the visitors of `scenario` talk to.
///
/// # Errors
/// A journey that the shop does not have.
pub(crate) fn needed(scenario: &Scenario) -> Result<Vec<Service>, PrepareError> {
    let journeys = scenario::shop_journeys();
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
    let all = [Service::Frontend, Service::ProductCatalog];
    Ok(all.into_iter().filter(|service| targets.contains(&service.name())).collect())
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
        scenario.streams[0].journeys = [("teleport".to_owned(), Curve::constant(1.0))].into_iter().collect();
        assert!(needed(&scenario).expect_err("unknown").to_string().contains("teleport"));
    }
}

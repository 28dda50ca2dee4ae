//! Who is speaking: the resource attributes of a process.

use crate::attr::resource as name;
use crate::service::Service;
use crate::settings::Settings;
use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;

/// Namespace of all services, and the Coralogix application.
const NAMESPACE: &str = "doorbuster";

/// The resource of `service`; what the user says in `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` wins.
pub(crate) fn build(service: &Service, settings: &Settings, instance: &str) -> Resource {
    let service_name = settings.service_name.as_deref().unwrap_or(&service.name).to_owned();
    let ours = [
        KeyValue::new(name::SERVICE_NAME, service_name.clone()),
        KeyValue::new(name::SERVICE_VERSION, service.version.clone()),
        KeyValue::new(name::SERVICE_NAMESPACE, NAMESPACE),
        KeyValue::new(name::SERVICE_INSTANCE_ID, instance.to_owned()),
        KeyValue::new(name::CX_APPLICATION_NAME, NAMESPACE),
        KeyValue::new(name::CX_SUBSYSTEM_NAME, service_name),
    ];
    let given = settings
        .resource_attributes
        .iter()
        // OTEL_SERVICE_NAME takes precedence over service.name in the list.
        .filter(|(key, _)| settings.service_name.is_none() || key != name::SERVICE_NAME)
        .map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    Resource::builder_empty()
        .with_detector(Box::new(opentelemetry_sdk::resource::TelemetryResourceDetector))
        .with_attributes(ours)
        .with_attributes(given)
        .build()
}

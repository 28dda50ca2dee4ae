//! `http.client.request.duration` of calls that somebody else's client makes.

use crate::attr;
use crate::context::is_metric_label;
use crate::conventions::shared;
use crate::instruments::instruments;
use opentelemetry::KeyValue;
use std::time::Duration;

/// Measures one kind of call: made once, used for all calls of that kind. What is known beforehand is shared: recording
/// costs one small allocation, and another one for a call that failed.
#[derive(Clone, Debug)]
pub struct CallDurations {
    labels: Vec<KeyValue>,
}

impl CallDurations {
    /// Of calls of `method` to the path template `template` of the server at `host` and `port`, made for traffic of type
    /// `traffic_type`.
    pub fn new(host: &str, port: u16, method: &str, template: &str, traffic_type: &str) -> Self {
        let mut labels = vec![
            KeyValue::new(attr::http::REQUEST_METHOD, shared(method.to_owned())),
            KeyValue::new(attr::common::SERVER_ADDRESS, shared(host.to_owned())),
            KeyValue::new(attr::common::SERVER_PORT, i64::from(port)),
            KeyValue::new(attr::http::URL_TEMPLATE, shared(template.to_owned())),
        ];
        if is_metric_label(traffic_type) {
            labels.push(KeyValue::new(attr::TRAFFIC_TYPE, shared(traffic_type.to_owned())));
        }
        Self { labels }
    }

    /// Records a call that lasted `duration` and ended with `status`.
    pub fn answered(&self, duration: Duration, status: u16) {
        let code = KeyValue::new(attr::http::RESPONSE_STATUS_CODE, i64::from(status));
        if status < 400 {
            self.record(duration, [code]);
        } else {
            self.record(duration, [code, KeyValue::new(attr::common::ERROR_TYPE, status.to_string())]);
        }
    }

    /// Records a call that lasted `duration` and has no answer, for the reason `error_type`.
    pub fn failed(&self, duration: Duration, error_type: &'static str) {
        self.record(duration, [KeyValue::new(attr::common::ERROR_TYPE, error_type)]);
    }

    fn record<const N: usize>(&self, duration: Duration, outcome: [KeyValue; N]) {
        let Some(instruments) = instruments() else {
            return;
        };
        let mut labels = Vec::with_capacity(self.labels.len() + N);
        labels.extend(self.labels.iter().cloned());
        labels.extend(outcome);
        instruments.http_client.record(duration.as_secs_f64(), &labels);
    }
}

//! What is looked at while the minutes pass: alerts, measurements, service times, memory and processors.

use console::api::{Alert, Incident, IncidentsNow};
use scenario::World;

use super::Performance;
use crate::cast::console_url;
use crate::load_client::{checkout_stats, get_json, measurements, measurements_since, merge};
use crate::run_folder::RunIncident;
use crate::{Event, play, services};

/// Real seconds after which an arrival has its last answer: buckets older than this are asked for once.
const SETTLED_AFTER_SECONDS: f64 = 30.0;

impl Performance<'_> {
    pub(super) async fn hear_alerts(&mut self) {
        let url = format!("{}/api/alerts?since={}", console_url(self.options), self.alert_seq);
        // A console that does not answer now is asked again in a moment; one that died is a breakage of its own.
        let Ok(heard) = get_json::<Vec<Alert>>(&self.client, &url).await else { return };
        for alert in heard {
            self.alert_seq = self.alert_seq.max(alert.seq);
            let event = play::alert_event(&alert, self.clock);
            self.observer.hear(&Event::Alert { event: event.clone(), summary: alert.summary.clone() });
            self.alerts.push(event);
            self.heard.push(alert);
        }
    }

    pub(super) async fn look_for_the_first_trace(&mut self) {
        let url = format!("{}/api/health", console_url(self.options));
        let Ok(health) = get_json::<console::api::Health>(&self.client, &url).await else { return };
        if health.spans_received > 0 {
            let took = self.begun.elapsed();
            self.first_trace = Some(took);
            self.observer.hear(&Event::FirstTrace(took));
        }
    }

    /// The newest measurements; older ones are known.
    pub(super) async fn measure(&mut self) {
        let since = self.minute() - self.clock.minutes_in(SETTLED_AFTER_SECONDS);
        if let Ok(news) = measurements_since(&self.client, &self.load_generator(), since).await {
            merge(&mut self.load, news);
        }
    }

    /// What the console has made of the alerts by now.
    async fn hear_incidents(&mut self) {
        let url = format!("{}/api/incidents", console_url(self.options));
        let Ok(now) = get_json::<IncidentsNow>(&self.client, &url).await else { return };
        let minute = |unix_ms: u64| self.clock.minute_at(unix_ms as f64 / 1000.0);
        let told = |incident: Incident| RunIncident {
            opened: minute(incident.opened_unix_ms),
            resolved: incident.resolved_unix_ms.map(minute),
            monitors: incident.monitors.into_iter().map(|monitor| monitor.key).collect(),
            title: incident.title,
        };
        self.incidents = now.incidents.into_iter().map(told).collect();
        self.incidents.sort_by(|a, b| a.opened.total_cmp(&b.opened));
    }

    /// All measurements, incidents, and what failed checkouts cost: the last look.
    pub(super) async fn measure_all(&mut self) {
        self.hear_incidents().await;
        if let Ok(report) = measurements(&self.client, &self.load_generator()).await {
            self.load = report;
        }
        if self.scenario.world == World::Shop {
            let frontend = services::url_of(services::FRONTEND, self.options.port_offset);
            self.checkouts = checkout_stats(&self.client, &frontend).await.ok();
        }
    }

    /// How long the statements take that wait for a target.
    pub(super) async fn calibrate(&mut self, minute: f64) {
        let applied: Vec<&str> = self.applied.iter().map(|f| self.scenario.faults[*f].id.as_str()).collect();
        if let Some(overshoot) = self.calibrator.look(minute, &applied).await {
            self.observer.hear(&Event::Note(overshoot));
        }
    }

    pub(super) fn weigh(&mut self, minute: f64) {
        let Some(now) = self.meter.read() else { return };
        let Some(phase) = self.scenario.phase_at(minute) else { return };
        self.footprints.entry(phase.name.clone()).or_default().take_greater(now);
    }

    fn load_generator(&self) -> String {
        services::url_of(services::LOAD_GENERATOR, self.options.port_offset)
    }
}

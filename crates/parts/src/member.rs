//! A child that can be killed, paused and started again as it was.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::child::lock;
use crate::{Child, ChildError, Exit, Spec, Stop};

/// A process that is killed is gone within this; the kernel needs milliseconds.
const KILLED_WITHIN: Duration = Duration::from_secs(5);

/// A child and how to start it again. Dropping it kills the process.
#[derive(Debug)]
pub struct Member {
    spec: Spec,
    child: Mutex<Arc<Child>>,
    /// A fault ended it: its death is no breakage.
    down_on_purpose: AtomicBool,
}

impl Member {
    /// Starts it; says nothing about its being ready.
    pub fn start(spec: Spec) -> Result<Self, ChildError> {
        let child = Mutex::new(Arc::new(spec.clone().start()?));
        Ok(Self { spec, child, down_on_purpose: AtomicBool::new(false) })
    }

    /// Its process at the moment; the last one where it has ended.
    pub fn child(&self) -> Arc<Child> {
        Arc::clone(&lock(&self.child))
    }

    /// Kills it, and does not call that a breakage. Returns when it is gone.
    pub async fn kill(&self) -> Exit {
        self.down_on_purpose.store(true, Ordering::SeqCst);
        self.child().stop(Stop::Kill, KILLED_WITHIN).await
    }

    /// Starts it as it was. One that runs is left alone.
    pub fn start_again(&self) -> Result<Arc<Child>, ChildError> {
        let mut child = lock(&self.child);
        if child.exit().is_some() {
            *child = Arc::new(self.spec.clone().start()?);
        }
        self.down_on_purpose.store(false, Ordering::SeqCst);
        Ok(Arc::clone(&child))
    }

    /// How it ended, though nobody asked it to.
    pub fn broke(&self) -> Option<Exit> {
        if self.down_on_purpose.load(Ordering::SeqCst) {
            return None;
        }
        self.child().exit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper(folder: &std::path::Path) -> Spec {
        Spec::new("sleeper", "/bin/sleep", folder.join("sleeper.log")).arg("600")
    }

    #[tokio::test]
    async fn a_death_on_purpose_is_no_breakage_and_it_can_be_started_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let member = Member::start(sleeper(folder.path())).expect("started");
        let first = member.child().pid();
        member.kill().await;
        assert_eq!(member.broke(), None);
        let again = member.start_again().expect("started");
        assert_ne!(again.pid(), first);
        assert!(again.exit().is_none());
        assert_eq!(member.start_again().expect("left alone").pid(), again.pid());
    }

    #[tokio::test]
    async fn a_death_that_nobody_asked_for_is_a_breakage() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let member = Member::start(sleeper(folder.path())).expect("started");
        member.child().stop(Stop::Kill, KILLED_WITHIN).await;
        assert_eq!(member.broke().map(|exit| exit.name), Some("sleeper".to_owned()));
    }
}

//! One attempt at an act or an undo: what it reaches of the target.

use sqlx::PgConnection;

use crate::admin::Admin;
use crate::database::{Purpose, connect, fence};
use crate::{FaultError, Processes, Target};

/// One attempt. Everything that is opened through it carries the bounds of this attempt; nothing is opened before it is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    target: &'a Target,
    /// From 0.
    number: u32,
    is_undo: bool,
}

impl<'a> Attempt<'a> {
    pub(crate) fn act(target: &'a Target, number: u32) -> Self {
        Self { target, number, is_undo: false }
    }

    pub(crate) fn undo(target: &'a Target, number: u32) -> Self {
        Self { target, number, is_undo: true }
    }

    pub(crate) fn target(&self) -> &'a Target {
        self.target
    }

    /// A session in the target's schema. What an earlier attempt, or a process that died, left behind is ended first: its
    /// commit must not arrive after this.
    pub(crate) async fn database(&self) -> Result<PgConnection, FaultError> {
        let mut connection = connect(self.target, Purpose::Act(self.number)).await?;
        if self.is_undo || self.number > 0 {
            fence(&mut connection).await?;
        }
        Ok(connection)
    }

    /// The admin of a service.
    pub(crate) fn admin(&self, service: &'a str) -> Result<Admin<'a>, FaultError> {
        Admin::of(self.target, service)
    }

    /// Whoever runs the processes, if anybody does.
    pub(crate) fn processes(&self) -> Option<&'a dyn Processes> {
        self.target.whoever_runs()
    }
}

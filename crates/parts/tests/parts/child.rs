use std::time::Duration;

use parts::{ChildError, Spec, Stop};

use crate::{runs, until};

fn shell(folder: &tempfile::TempDir, script: &str) -> Spec {
    Spec::new("sh", "/bin/sh", folder.path().join("logs/sh.log")).args(["-c", script])
}

#[tokio::test]
async fn a_child_that_dies_is_noticed_with_its_last_lines() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "for i in $(seq 1 30); do echo line $i; done; echo oh no >&2; exit 3";
    let child = shell(&folder, script).start().expect("started");
    let exit = child.exited().await;
    assert_eq!(exit.status.code(), Some(3));
    assert_eq!(exit.log_tail.len(), 20);
    assert_eq!(exit.log_tail.last().map(String::as_str), Some("oh no"));
    assert!(exit.to_string().starts_with("sh ended with exit status: 3:\n  line 12\n"), "{exit}");
    assert_eq!(child.exit(), Some(exit.clone()), "asking again is the same");
    assert_eq!(child.exited().await, exit);
}

#[tokio::test]
async fn a_child_that_obeys_is_stopped_by_the_signal() {
    let folder = tempfile::tempdir().expect("a folder");
    let child =
        shell(&folder, "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.01; done").start().expect("started");
    until(Duration::from_secs(5), "it is up", || child.exit().is_none() && log(&child).contains("up")).await;
    let exit = child.stop(Stop::Terminate, Duration::from_secs(5)).await;
    assert_eq!((exit.status.code(), exit.log_tail.last().map(String::as_str)), (Some(7), Some("bye")));
}

#[tokio::test]
async fn a_child_that_does_not_obey_is_killed_with_everything_it_started() {
    let folder = tempfile::tempdir().expect("a folder");
    let child = shell(&folder, "trap '' TERM; sleep 1000 & echo $!; wait; wait").start().expect("started");
    until(Duration::from_secs(5), "it is up", || log(&child).ends_with('\n')).await;
    let grandchild = log(&child).trim().to_owned();
    assert!(runs(&grandchild));
    let exit = child.stop(Stop::Terminate, Duration::from_millis(200)).await;
    assert_eq!(exit.status.code(), None, "a signal ended it");
    until(Duration::from_secs(5), "the grandchild is gone", || !runs(&grandchild)).await;
}

#[tokio::test]
async fn dropping_a_child_kills_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let child = shell(&folder, "sleep 1000").start().expect("started");
    let pid = child.pid().to_string();
    assert!(runs(&pid));
    drop(child);
    until(Duration::from_secs(5), "it is gone", || !runs(&pid)).await;
}

#[tokio::test]
async fn a_child_outlives_the_thread_that_started_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let spec = shell(&folder, "sleep 1000");
    let child = std::thread::spawn(move || spec.start().expect("started")).join().expect("no panic");
    // The parent-death signal would have come at the thread's end, before this child is started and has ended.
    shell(&folder, "exit 0").start().expect("started").exited().await;
    assert_eq!(child.exit(), None);
}

#[tokio::test]
async fn what_can_not_be_started_names_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = Spec::new("x", "/no/such/program", folder.path().join("x.log")).start();
    assert!(matches!(&missing, Err(ChildError::Spawn { program, .. }) if program.ends_with("program")), "{missing:?}");
    let no_log = Spec::new("x", "/bin/true", "/dev/null/x.log").start();
    assert!(matches!(no_log, Err(ChildError::Log { .. })));
}

fn log(child: &parts::Child) -> String {
    std::fs::read_to_string(child.log()).unwrap_or_default()
}

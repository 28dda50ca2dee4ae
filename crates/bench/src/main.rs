//! `loadbench`: see the library.

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    bench::run_command_line()
}

#[cfg(not(target_os = "linux"))]
fn main() -> Result<(), &'static str> {
    Err("the benchmark needs Linux: epoll, CPU affinity and the CPU clocks of other processes")
}

//! `consolebench`: see the library's `console`.

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    bench::run_console_command_line()
}

#[cfg(not(target_os = "linux"))]
fn main() -> Result<(), &'static str> {
    Err("the benchmark needs Linux: the CPU clocks of other processes")
}

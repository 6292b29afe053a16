//! The `tensh` binary: everything is in the library.

fn main() -> std::process::ExitCode {
    tensh::command::main()
}

//! Ctrl-C: alone in its process, because the request is process-wide.

use std::time::{Duration, Instant};
use tensh::base::{ErrorKind, interrupt};
use tensh::command::new_session;
use tensh::eval::{Failure, Interp};

/// Each would run for minutes where the kernels are not optimised: loops of the language, and one long call each.
const SOURCES: [&str; 9] = [
    "while True: pass",
    "sorted(list(range(6000000))[::-1] + list(range(6000000)))",
    "sum(i for i in iter(int, 1))",
    "torch.randn(60000000)",
    "torch.rand(8000000).sort()",
    "torch.cdist(torch.rand(20000, 64), torch.rand(20000, 64), p=1.5)",
    "torch.ones(100000000, dtype=torch.int8).cumsum(0)",
    "torch.zeros(1000)[torch.zeros(60000000, dtype=torch.int64)]",
    "torch.linalg.svd(torch.rand(1500, 1500))",
];

#[test]
fn an_interrupt_ends_what_runs_and_keeps_the_session() {
    let mut session = new_session(Box::new(std::io::sink()), Box::new(std::io::sink()));
    let mut kinds = Vec::new();
    for source in SOURCES.into_iter().chain(["x = 1"]) {
        let start = Instant::now();
        let raiser = std::thread::spawn(|| {
            std::thread::sleep(Duration::from_millis(50));
            interrupt::raise();
        });
        session.run("<test>", source, &mut |_: &mut Interp, failure| {
            if let Failure::Raised(uncaught) = failure {
                kinds.push(uncaught.error.kind());
            }
        });
        raiser.join().expect("the thread ends");
        // A hundred milliseconds are meant, in a release build on a quiet machine.
        assert!(start.elapsed() < Duration::from_secs(20), "{source}: {:?}", start.elapsed());
    }
    assert_eq!(kinds, [ErrorKind::KeyboardInterrupt; SOURCES.len()]);
    assert!(session.interp.globals.get("x").is_some());
}

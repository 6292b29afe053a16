//! Ctrl-C: alone in its process, because the request is process-wide.

use tensh::base::{ErrorKind, interrupt};
use tensh::eval::{Failure, Interp, Session};

#[test]
fn an_interrupt_ends_a_loop_and_keeps_the_session() {
    let mut session = Session::new(Box::new(std::io::sink()), Box::new(std::io::sink()));
    let mut kinds = Vec::new();
    for source in ["while True: pass", "sum(i for i in iter(int, 1))", "x = 1"] {
        let raiser = std::thread::spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            interrupt::raise();
        });
        session.run("<test>", source, &mut |_: &mut Interp, failure| {
            if let Failure::Raised(uncaught) = failure {
                kinds.push(uncaught.error.kind());
            }
        });
        raiser.join().expect("the thread ends");
    }
    assert_eq!(kinds, [ErrorKind::KeyboardInterrupt; 2]);
    assert!(session.interp.globals.get("x").is_some());
}

//! A session from outside: echo, failures and their places, names that stay.

use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;
use tensh::eval::session::{Outcome, plain_echo};
use tensh::eval::{Failure, Interp, Session};

#[derive(Clone, Default)]
struct Memory(Rc<RefCell<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Fixture {
    session: Session,
    out: Memory,
}

impl Fixture {
    fn new() -> Fixture {
        let out = Memory::default();
        let mut session = Session::new(Box::new(out.clone()), Box::new(Memory::default()));
        session.set_echo(Some(plain_echo()));
        Fixture { session, out }
    }

    /// Runs a source; gives what it printed, each failure as its message, the marked text and the labels, and the outcome.
    fn run(&mut self, source: &str) -> (String, Vec<String>, Outcome) {
        let mut failures = Vec::new();
        let outcome = self.session.run("<test>", source, &mut |_: &mut Interp, failure| {
            failures.push(match failure {
                Failure::Syntax { errors, .. } => errors.iter().map(|e| e.message.clone()).collect(),
                Failure::Internal(message) => message.clone(),
                Failure::Raised(uncaught) => {
                    let origin = uncaught.origin.as_ref().expect("a place");
                    let mut text = format!("{} @{}", uncaught.error, &origin.source.text[origin.span.range()]);
                    for (span, label) in &origin.labels {
                        text += &format!(" [{} -> {label}]", &origin.source.text[span.range()]);
                    }
                    for call in &origin.trace {
                        text += &format!(" <- {}", &call.source.text[call.span.range()]);
                    }
                    if let Some(help) = uncaught.error.help_text() {
                        text += &format!(" ({help})");
                    }
                    text
                }
            });
        });
        let _ = self.session.interp.out.flush();
        let text = String::from_utf8(std::mem::take(&mut *self.out.0.borrow_mut())).expect("UTF-8");
        (text, failures, outcome)
    }

    fn printed(&mut self, source: &str) -> String {
        let (text, failures, _) = self.run(source);
        assert!(failures.is_empty(), "{failures:?}");
        text
    }

    fn failure(&mut self, source: &str) -> String {
        self.run(source).1.into_iter().next().expect("a failure")
    }
}

#[test]
fn expression_statements_are_echoed_at_the_top_level_only() {
    let mut f = Fixture::new();
    assert_eq!(f.printed("1 + 1\n'a'\nNone\nx = 3"), "2\n'a'\n");
    assert_eq!(f.printed("for i in range(2):\n    i\nif x:\n    x\nwhile x:\n    x = 0\n    [x]"), "0\n1\n3\n[0]\n");
    assert_eq!(f.printed("def f():\n    5\n    return 6\nf()"), "6\n");
    assert_eq!(f.printed("7;\n8; 9"), "8\n9\n");
    assert_eq!(f.printed("try:\n    1\nfinally:\n    2"), "1\n2\n");
    assert_eq!(f.printed("4 * 5\n_ + 1"), "20\n21\n");
}

#[test]
fn names_stay_and_redefinitions_are_seen() {
    let mut f = Fixture::new();
    f.printed("def g(): return 1\ndef f(): return g()");
    assert_eq!(f.printed("f()"), "1\n");
    f.printed("def g(): return 2");
    assert_eq!(f.printed("f()"), "2\n");
    assert_eq!(f.printed("len = 5\nlen\ndel len\nlen('ab')"), "5\n2\n");
}

#[test]
fn failures_carry_their_place_and_operands() {
    let mut f = Fixture::new();
    f.printed("x = 3\nname = 'abc'\nl = [1, 2]\ndef f(a):\n    return a + 'b'");
    assert_eq!(
        f.failure("x + name"),
        "TypeError: unsupported operand type(s) for +: 'int' and 'str' @+ [x -> x: int = 3] [name -> name: str = 'abc']"
    );
    assert_eq!(f.failure("1 / 0"), "ZeroDivisionError: division by zero @/ [1 -> int = 1] [0 -> int = 0]");
    assert_eq!(f.failure("nam"), "NameError: name 'nam' is not defined @nam (did you mean 'name'?)");
    assert_eq!(
        f.failure("l.apend(1)"),
        "AttributeError: 'list' object has no attribute 'apend' @apend [l -> l: list of 2] (did you mean 'append'?)"
    );
    assert_eq!(
        f.failure("f(1)"),
        "TypeError: unsupported operand type(s) for +: 'int' and 'str' @+ [a -> a: int = 1] ['b' -> str = 'b'] <- f(1)"
    );
    assert_eq!(f.failure("math.pi"), "NameError: name 'math' is not defined @math (did you forget to import 'math'?)");
    let missing = f.failure("import qqq");
    assert!(
        missing.starts_with("ModuleNotFoundError: No module named 'qqq' @qqq (there are: __future__, "),
        "{missing}"
    );
    assert_eq!(
        f.failure("l[5]"),
        "IndexError: list index out of range @l[5] [l -> l: list of 2] (index 5 is outside of -2..1)"
    );
    assert!(f.failure("return 5").starts_with("'return' outside function"));
}

#[test]
fn a_run_ends_at_the_first_failure_unless_told_to_go_on() {
    let mut f = Fixture::new();
    let (text, failures, outcome) = f.run("1\n1/0\n2");
    assert_eq!((text.as_str(), failures.len(), outcome), ("1\n", 1, Outcome { failures: 1, exit: None }));
    f.session.keep_going = true;
    let (text, failures, outcome) = f.run("1\n1/0\n2\nxx\n3");
    assert_eq!((text.as_str(), failures.len(), outcome.failures), ("1\n2\n3\n", 2, 2));
    let (text, _, outcome) = f.run("1\nexit(7)\n2");
    assert_eq!((text.as_str(), outcome.exit), ("1\n", Some(7)));
}

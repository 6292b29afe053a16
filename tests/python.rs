//! Every snippet in `tests/python/` prints what CPython 3.11 prints: `expect.py` there writes the expectations.
//!
//! `TENSH_SNIPPET=file cargo test --test python -- --nocapture` runs one file and shows what it prints.

use std::cell::RefCell;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use tensh::eval::session::{self, Failure};
use tensh::eval::{Interp, Session};

/// A stream into memory.
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

impl Memory {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.borrow()).into_owned()
    }
}

/// What a source prints, and the last line of the traceback behind `!! `.
fn run(name: &str, source: &str, stack_end: usize) -> String {
    let out = Memory::default();
    let mut session = Session::new(Box::new(out.clone()), Box::new(Memory::default()));
    session.interp.stack_end = stack_end;
    let mut last = String::new();
    session.run(name, source, &mut |_: &mut Interp, failure| {
        last = match failure {
            Failure::Syntax { errors, .. } => {
                errors.first().map_or(String::new(), |e| format!("!! {}: {}\n", e.kind.qualified(), e.message))
            }
            Failure::Internal(message) => panic!("{message}"),
            Failure::Raised(uncaught) => format!("!! {}\n", uncaught.error),
        };
    });
    let _ = session.interp.out.flush();
    out.text() + &last
}

fn snippets(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            snippets(&path, found);
        } else if path.extension().is_some_and(|e| e == "py") && path.with_extension("txt").exists() {
            found.push(path);
        }
    }
}

#[test]
fn snippets_print_what_cpython_prints() {
    let wrong = session::on_large_stack(|stack_end| {
        if let Ok(file) = std::env::var("TENSH_SNIPPET") {
            let start = std::time::Instant::now();
            println!("{}", run(&file, &fs::read_to_string(&file).expect("the snippet is there"), stack_end));
            println!("({:?})", start.elapsed());
            return Vec::new();
        }
        let mut files = Vec::new();
        snippets(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python"), &mut files);
        files.sort();
        assert!(files.len() > 5, "the snippets are there");
        let mut wrong = Vec::new();
        for file in files {
            let source = fs::read_to_string(&file).expect("the snippet is there");
            let expected = fs::read_to_string(file.with_extension("txt")).expect("the expectation is there");
            let printed = run(&file.to_string_lossy(), &source, stack_end);
            if printed != expected {
                let diff = similar::TextDiff::from_lines(&expected, &printed);
                wrong.push(format!("{}\n{}", file.display(), diff.unified_diff().context_radius(2)));
            }
        }
        wrong
    })
    .expect("a thread");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

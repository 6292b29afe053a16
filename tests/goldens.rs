//! The goldens, run natively: what `tensh test tests/golden examples README.md` does.

use std::path::Path;
use tensh::base::Device;
use tensh::command::new_session;
use tensh::golden::{Evaluator, Settings, test};

/// `TENSH_GOLDENS=tests/golden/views cargo test --test goldens` runs a part of them.
#[test]
fn goldens_pass() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let paths = match std::env::var("TENSH_GOLDENS") {
        Ok(part) => vec![root.join(part)],
        Err(_) => ["tests/golden", "examples", "README.md"].iter().map(|part| root.join(part)).collect(),
    };
    let settings = Settings { paths, ..Default::default() };
    let mut out = Vec::new();
    let status =
        test(&settings, &|stack_end| Box::new(Evaluator::new(new_session, stack_end, Device::Cpu)), &mut out).unwrap();
    assert!(status == 0, "{}", String::from_utf8_lossy(&out));
}

//! `tensh test`: golden files, each in a session of its own.

use super::new_session;
use crate::golden::{self, Evaluator, Settings};

/// Runs the golden files; gives the exit status.
pub fn run(settings: &Settings) -> u8 {
    let new: &golden::NewSession = &|stack_end| Box::new(Evaluator::new(new_session, stack_end));
    golden::test(settings, new, &mut std::io::stdout()).unwrap_or(1)
}

//! `tensh test`: golden files, each in a session of its own.

use super::new_session;
use crate::golden::{self, Evaluator, Settings};
use crate::tensor::devices::resolve;
use std::io::Write;

/// Runs the golden files; gives the exit status.
pub fn run(settings: &Settings) -> u8 {
    let device = settings.device.map(resolve).transpose();
    let device = match device {
        Ok(device) => device.unwrap_or_default(),
        Err(e) => {
            let _ = writeln!(std::io::stderr(), "tensh test: {}", e.message());
            return 2;
        }
    };
    let new: &golden::NewSession = &|stack_end| Box::new(Evaluator::new(new_session, stack_end, device));
    golden::test(settings, new, &mut std::io::stdout()).unwrap_or(1)
}

//! Puts the outputs that a session gave in the place of the expected ones.

use super::check;
use super::doctest::parse;
use super::run::Failure;

/// The text with the failures' outputs rewritten, and the failures whose output cannot stand in a golden (a line of it
/// looks like a prompt). Counts those rewritten in `updated`.
pub fn outputs(text: &str, failures: Vec<Failure>, updated: &mut usize) -> (String, Vec<Failure>) {
    let mut lines: Vec<String> = text.split('\n').map(str::to_string).collect();
    let mut left = Vec::new();
    // From the last to the first, so that line numbers stay true.
    for failure in failures.into_iter().rev() {
        let example = &failure.example;
        let start = example.line + example.source_lines;
        let want = start..start + example.want_lines;
        let fence = lines[want.clone()].iter().position(|line| is_fence(line));
        let replaced = want.start..fence.map_or(want.end, |at| want.start + at);

        let mut output = written(&failure);
        let source = &lines[example.line..start];
        if !reads_back(source, &output, &failure) {
            left.push(failure);
            continue;
        }
        // A closing fence right after an output would belong to it: a blank line parts them.
        if fence.is_some() {
            output.push(String::new());
        }
        lines.splice(replaced, output);
        *updated += 1;
    }
    left.reverse();
    (lines.join("\n"), left)
}

/// Whether a line opens or closes a Markdown code block.
pub fn is_fence(line: &str) -> bool {
    let line = line.trim_start_matches(' ');
    line.starts_with("```") || line.starts_with("~~~")
}

/// The lines of the output as a golden has them.
fn written(failure: &Failure) -> Vec<String> {
    let margin = " ".repeat(failure.example.indent);
    check::shown(&failure.outcome).lines().map(|line| format!("{margin}{line}")).collect()
}

/// Whether the example with this output is read as one that passes.
fn reads_back(source: &[String], output: &[String], failure: &Failure) -> bool {
    let text = [source, output].concat().join("\n");
    parse(&text).is_ok_and(|examples| examples.len() == 1 && check::passes(&examples[0], &failure.outcome))
}

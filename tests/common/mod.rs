//! What the tests of the language share: trees without spans, and sentences of the grammar.
#![allow(dead_code)]

pub mod ebnf;
pub mod recognize;

use tensh::lang;

/// A source's tree as text, without spans; the errors if it does not parse.
pub fn tree(source: &str) -> Result<String, String> {
    match lang::parse(source) {
        Ok(block) => Ok(without_spans(&format!("{block:?}"))),
        Err(errors) => Err(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

/// A tree's text with every span taken out.
pub fn without_spans(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("Span { start: ") {
        out.push_str(&rest[..at]);
        let end = rest[at..].find('}').map_or(rest.len(), |end| at + end + 1);
        rest = &rest[end..];
    }
    out + rest
}

/// A seed far from its neighbours'.
pub fn spread(seed: u64) -> u64 {
    seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Whether an error is one that the grammar's comments tell of: it depends on more than the grammar can say.
pub fn is_beyond_grammar(message: &str) -> bool {
    [
        "duplicate argument",
        "non-default argument follows default argument",
        "named arguments must follow bare *",
        "* argument may appear only once",
        "arguments cannot follow var-keyword argument",
        "/ must be ahead of *",
        "/ may appear only once",
        "at least one argument must precede /",
        "positional argument follows keyword argument",
        "iterable argument unpacking follows keyword argument unpacking",
        "keyword argument repeated",
        "default 'except:' must be last",
        "outside function",
        "outside loop",
        "not properly in loop",
        "nonlocal declaration not allowed at module level",
        "no binding for nonlocal",
        "global declaration",
        "nonlocal declaration",
        "is parameter and",
        "is nonlocal and global",
        "import * only allowed at module level",
        "multiple starred expressions in assignment",
        "cannot delete starred",
        "assignment expression",
    ]
    .iter()
    .any(|known| message.contains(known))
}

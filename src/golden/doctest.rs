//! Finds the examples in a text, by the rules of Python's `doctest.DocTestParser`.

/// A set of doctest's option flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u16);

macro_rules! flags {
    ($($name:ident = $bit:literal),* $(,)?) => {
        #[allow(missing_docs)]
        impl Flags {
            $(pub const $name: Flags = Flags(1 << $bit);)*
            const NAMES: &'static [(&'static str, Flags)] = &[$((stringify!($name), Flags::$name)),*];
        }
    };
}

flags! {
    DONT_ACCEPT_TRUE_FOR_1 = 0,
    DONT_ACCEPT_BLANKLINE = 1,
    NORMALIZE_WHITESPACE = 2,
    ELLIPSIS = 3,
    SKIP = 4,
    IGNORE_EXCEPTION_DETAIL = 5,
    REPORT_UDIFF = 6,
    REPORT_CDIFF = 7,
    REPORT_NDIFF = 8,
    REPORT_ONLY_FIRST_FAILURE = 9,
    FAIL_FAST = 10,
}

impl Flags {
    /// Whether `flag` is set.
    pub fn has(self, flag: Flags) -> bool {
        self.0 & flag.0 != 0
    }

    fn set(&mut self, flag: Flags, on: bool) {
        if on {
            self.0 |= flag.0;
        } else {
            self.0 &= !flag.0;
        }
    }
}

/// A statement with the output that is expected of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The statement without prompts; ends with a newline.
    pub source: String,
    /// The expected output without its indentation; empty, or ends with a newline.
    pub want: String,
    /// Where a traceback is expected: the text from the exception's name on.
    pub error: Option<String>,
    /// Number of the first prompt's line, from 0.
    pub line: usize,
    /// Lines of the source.
    pub source_lines: usize,
    /// Lines of the expected output.
    pub want_lines: usize,
    /// Columns before the prompt.
    pub indent: usize,
    /// Flags set by `# doctest: +NAME` in the source.
    pub flags: Flags,
}

/// The examples of a text in order.
///
/// # Errors
/// The line, from 0, and what doctest objects to: a prompt without a blank, bad indentation, an unknown option.
pub fn parse(text: &str) -> Result<Vec<Example>, (usize, String)> {
    let text = expand_tabs(text);
    let lines: Vec<&str> = text.split('\n').collect();
    let margin = lines.iter().filter(|l| starts_dark(l)).map(|l| leading_spaces(l)).min().unwrap_or(0);
    // Where all lines share a margin it goes; lines of fewer spaces are blank.
    let lines: Vec<&str> = lines.iter().map(|l| l.get(margin..).unwrap_or("")).collect();

    let mut examples = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if !is_prompt(lines[at], ">>>") {
            at += 1;
            continue;
        }
        let source_end = first(&lines, at + 1, |l| !is_prompt(l, "..."));
        let want_end = first(&lines, source_end, |l| leading_spaces(l) == l.len() || is_prompt(l, ">>>"));
        let indent = leading_spaces(lines[at]);
        let (source, want) = (&lines[at..source_end], &lines[source_end..want_end]);
        check_source(source, at, indent)?;
        check_margin(want, source_end, indent)?;

        let mut source_text = source.iter().map(|l| l.get(indent + 4..).unwrap_or("")).collect::<Vec<_>>().join("\n");
        let blank = is_blank_or_comment(&source_text);
        let flags = find_flags(&source_text, at, blank)?;
        if !blank {
            if !source_text.ends_with('\n') {
                source_text.push('\n');
            }
            let want_text = want.iter().flat_map(|l| [&l[indent..], "\n"]).collect::<String>();
            examples.push(Example {
                source: source_text,
                error: expected_error(&want_text),
                want: want_text,
                line: at,
                source_lines: source.len(),
                want_lines: want.len(),
                indent: margin + indent,
                flags,
            });
        }
        at = want_end;
    }
    Ok(examples)
}

/// Tabs as spaces up to the next multiple of 8 columns.
fn expand_tabs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                let count = 8 - column % 8;
                out.extend(std::iter::repeat_n(' ', count));
                column += count;
            }
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            _ => {
                out.push(c);
                column += 1;
            }
        }
    }
    out
}

fn leading_spaces(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Whether the first character after the indentation is visible.
fn starts_dark(line: &str) -> bool {
    line.trim_start_matches(' ').starts_with(|c: char| !c.is_whitespace())
}

fn is_prompt(line: &str, prompt: &str) -> bool {
    line.trim_start_matches(' ').starts_with(prompt)
}

/// The first line from `start` on that `stops`, or the end. The empty string after the last newline is a blank line.
fn first(lines: &[&str], start: usize, stops: impl Fn(&str) -> bool) -> usize {
    (start..lines.len()).find(|i| stops(lines[*i])).unwrap_or(lines.len())
}

/// One line of source, or one and an empty one, with nothing but a comment.
fn is_blank_or_comment(source: &str) -> bool {
    let code = source.strip_suffix('\n').unwrap_or(source).trim_start_matches(' ');
    code.is_empty() || code.starts_with('#') && !code.contains('\n')
}

fn check_source(lines: &[&str], number: usize, indent: usize) -> Result<(), (usize, String)> {
    for (i, line) in lines.iter().enumerate() {
        let after = line.get(indent + 3..).and_then(|rest| rest.chars().next());
        if after.is_some_and(|c| c != ' ') {
            let prompt = line.get(indent..indent + 3).unwrap_or(">>>");
            return Err((number + i, format!("lacks blank after {prompt}")));
        }
    }
    for (i, line) in lines.iter().enumerate().skip(1) {
        if leading_spaces(line) != indent {
            return Err((number + i, "has inconsistent leading whitespace".into()));
        }
    }
    Ok(())
}

fn check_margin(lines: &[&str], number: usize, indent: usize) -> Result<(), (usize, String)> {
    match lines.iter().position(|line| leading_spaces(line) < indent) {
        Some(i) => Err((number + i, "has inconsistent leading whitespace".into())),
        None => Ok(()),
    }
}

/// The text from the exception's name on, if `want` is a traceback.
fn expected_error(want: &str) -> Option<String> {
    let (header, rest) = want.split_once('\n')?;
    if !matches!(header.trim_end(), "Traceback (most recent call last):" | "Traceback (innermost last):") {
        return None;
    }
    let mut start = 0;
    for line in rest.split_inclusive('\n') {
        if line.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return Some(rest[start..].to_string());
        }
        start += line.len();
    }
    None
}

/// The flags in `# doctest: +NAME, -NAME` comments; a quote after the colon means that it is no comment.
fn find_flags(source: &str, number: usize, blank: bool) -> Result<Flags, (usize, String)> {
    let mut flags = Flags::default();
    let mut found = false;
    for line in source.lines() {
        let Some(options) = directive(line) else { continue };
        for option in options.replace(',', " ").split_whitespace() {
            let on = option.starts_with('+');
            let name = option.strip_prefix(['+', '-']).unwrap_or("");
            let Some((_, flag)) = Flags::NAMES.iter().find(|(known, _)| *known == name) else {
                return Err((number, format!("has an invalid option: '{option}'")));
            };
            flags.set(*flag, on);
            found = true;
        }
    }
    if found && blank {
        return Err((number, "has an option directive on a line with no example".into()));
    }
    Ok(flags)
}

/// What follows the first `# doctest:` from which no quote stands up to the end of the line.
fn directive(line: &str) -> Option<&str> {
    line.match_indices('#').find_map(|(at, _)| {
        let rest = line[at + 1..].trim_start().strip_prefix("doctest:")?;
        (!rest.contains(['\'', '"'])).then_some(rest)
    })
}

//! An error as the user sees it on stderr: Python's last traceback line, the source with carets under what is at
//! fault, and what PyTorch does not tell. The one file that knows the renderer, `codespan-reporting`.

use super::excerpt::Excerpt;
use super::markup::{Mark, Marked};
use crate::base::Span;
use codespan_reporting::diagnostic::{Diagnostic as Report, Label, LabelStyle, Severity};
use codespan_reporting::files::{Error as FilesError, Files, Location};
use codespan_reporting::term::{self, Config, GeneralWriteResult, WriteStyle};
use std::io;
use std::ops::Range;

/// Columns of source that are shown of a long line.
const SOURCE_WIDTH: usize = 100;

/// An error with its place.
#[derive(Clone, Debug, Default)]
pub struct Diagnostic<'s> {
    /// Python's last traceback line: `RuntimeError: message`. May have several lines.
    pub headline: String,
    /// What the source is called: a path, `<stdin>`, `<string>`.
    pub source_name: String,
    /// The whole source that the spans are of.
    pub source: &'s str,
    /// The expression or statement that failed; underlined where no label lies within it.
    pub primary: Span,
    /// What is underlined, and what is said about it; an empty text is a caret alone.
    pub labels: Vec<(Span, String)>,
    /// What mends it, a line each.
    pub help: Vec<String>,
    /// Further facts, a line each.
    pub notes: Vec<String>,
}

impl Diagnostic<'_> {
    /// The whole text, a newline at its end; with ANSI colours if `color` is set.
    pub fn render(&self, color: bool) -> String {
        self.marked().text(color)
    }

    /// The text in parts that say what they are.
    fn marked(&self) -> Marked {
        let mut out = Marked::default();
        let (kind, message) = match self.headline.split_once(": ") {
            Some((kind, message)) if !kind.contains(char::is_whitespace) => (kind, format!(": {message}")),
            _ => (self.headline.as_str(), String::new()),
        };
        out.push(Mark::Error, kind);
        out.push(Mark::Headline, &message);
        out.push(Mark::Plain, "\n");
        let notes = self.help.iter().map(|h| format!("help: {h}"));
        let notes: Vec<String> = notes.chain(self.notes.iter().map(|n| format!("note: {n}"))).collect();
        if self.source.trim().is_empty() {
            self.place_only(&mut out, &notes);
        } else if let Some(frame) = self.frame(notes) {
            out.append(frame);
        }
        out
    }

    /// For a source without text: its name, and the notes.
    fn place_only(&self, out: &mut Marked, notes: &[String]) {
        if !self.source_name.is_empty() {
            out.push(Mark::Gutter, "  ┌─ ");
            out.push(Mark::Plain, &format!("{}:1:1\n", self.source_name));
        }
        for note in notes {
            out.push(Mark::Gutter, "  = ");
            out.push(Mark::Plain, &format!("{}\n", note.replace('\n', "\n    ")));
        }
    }

    /// The source frame with its labels and the notes below. `None` if the renderer refuses, which it has no reason to.
    fn frame(&self, notes: Vec<String>) -> Option<Marked> {
        let mut spans: Vec<(Span, &str)> = self.labels.iter().map(|(span, text)| (*span, text.as_str())).collect();
        let overlaps =
            |span: &Span| span.start < self.primary.end.max(self.primary.start + 1) && span.end > self.primary.start;
        if !spans.iter().any(|(span, _)| overlaps(span)) {
            spans.push((self.primary, ""));
        }
        let ranges: Vec<Span> = spans.iter().map(|(span, _)| *span).collect();
        let excerpt = Excerpt::new(self.source, self.primary, &ranges, SOURCE_WIDTH);
        let labels = excerpt.spans().iter().zip(&spans);
        let labels = labels.map(|(range, (_, text))| Label::primary((), range.clone()).with_message(*text)).collect();
        let report = Report::error().with_labels(labels).with_notes(notes);
        let config = Config { start_context_lines: 1, end_context_lines: 1, ..Config::default() };
        let mut pen = Pen::default();
        let source = Named { name: &self.source_name, excerpt: &excerpt };
        term::emit_to_write_style(&mut pen, &config, &source, &report).ok()?;
        // Its first line is a header of its own form, and it airs the frame with empty lines: neither is ours.
        Some(pen.marked.lines().into_iter().skip(1).filter(|line| !is_air(line)).map(Marked::trimmed).collect())
    }
}

/// A line of nothing but the border, or of nothing.
fn is_air(line: &Marked) -> bool {
    let text = line.text(false);
    matches!(text.trim(), "" | "│")
}

/// The renderer's view of an excerpt: its lines, under the numbers they have in the source.
struct Named<'a> {
    name: &'a str,
    excerpt: &'a Excerpt,
}

impl<'a> Files<'a> for Named<'a> {
    type FileId = ();
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, (): ()) -> Result<&'a str, FilesError> {
        Ok(self.name)
    }

    fn source(&'a self, (): ()) -> Result<&'a str, FilesError> {
        Ok(self.excerpt.text())
    }

    fn line_index(&'a self, (): (), byte: usize) -> Result<usize, FilesError> {
        Ok(self.excerpt.line_at(byte))
    }

    fn line_number(&'a self, (): (), line: usize) -> Result<usize, FilesError> {
        self.excerpt.line_number(line).ok_or(FilesError::LineTooLarge { given: line, max: 0 })
    }

    fn line_range(&'a self, (): (), line: usize) -> Result<Range<usize>, FilesError> {
        self.excerpt.line_range(line).ok_or(FilesError::LineTooLarge { given: line, max: 0 })
    }

    fn location(&'a self, (): (), _: usize) -> Result<Location, FilesError> {
        let (line_number, column_number) = self.excerpt.place();
        Ok(Location { line_number, column_number })
    }
}

/// Takes the renderer's text down, with what each part is.
#[derive(Default)]
struct Pen {
    marked: Marked,
    mark: Mark,
}

impl io::Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The renderer writes whole strs.
        self.marked.push(self.mark, &String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Pen {
    fn set(&mut self, mark: Mark) -> GeneralWriteResult {
        self.mark = mark;
        Ok(())
    }
}

impl WriteStyle for Pen {
    fn set_header(&mut self, _: Severity) -> GeneralWriteResult {
        self.set(Mark::Plain)
    }
    fn set_header_message(&mut self) -> GeneralWriteResult {
        self.set(Mark::Plain)
    }
    fn set_line_number(&mut self) -> GeneralWriteResult {
        self.set(Mark::Gutter)
    }
    fn set_note_bullet(&mut self) -> GeneralWriteResult {
        self.set(Mark::Gutter)
    }
    fn set_source_border(&mut self) -> GeneralWriteResult {
        self.set(Mark::Gutter)
    }
    fn set_label(&mut self, _: Severity, _: LabelStyle) -> GeneralWriteResult {
        self.set(Mark::Label)
    }
    fn reset(&mut self) -> GeneralWriteResult {
        self.set(Mark::Plain)
    }
}

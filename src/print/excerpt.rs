//! The lines of a source that a diagnostic shows: long spans without their middle, long lines cut to a window around
//! what is underlined, nothing in them that would disturb a terminal. Costs one pass over the source, whatever its size.

use crate::base::Span;
use std::ops::Range;
use unicode_width::UnicodeWidthChar;

/// What stands for the part of a line that is cut off.
const ELLIPSIS: char = '…';

/// A small source made of the lines that matter, with the spans moved into it.
#[derive(Debug)]
pub struct Excerpt {
    text: String,
    /// Where each line begins in `text`, and its number in the source.
    lines: Vec<(usize, usize)>,
    spans: Vec<Range<usize>>,
    place: (usize, usize),
}

impl Excerpt {
    /// The lines of `source` that `spans` touch, cut to `width` columns. The place named in the frame's head is the
    /// first that is underlined in the line where `primary` begins.
    pub fn new(source: &str, primary: Span, spans: &[Span], width: usize) -> Excerpt {
        let spans: Vec<Range<usize>> = spans.iter().map(|span| tidy(source, *span)).collect();
        let primary = tidy(source, primary);
        let index = LineIndex::new(source, spans.iter().chain([&primary]));
        let mut kept: Vec<usize> = Vec::new();
        for span in &spans {
            let (first, last) = (index.line(span.start), index.line(span.end));
            kept.extend([first, last.min(first + 1), last.saturating_sub(1).max(first), last]);
        }
        kept.sort_unstable();
        kept.dedup();
        // Two lines of each gap go with the rest: the renderer does not show them but marks that something is left out.
        let gaps = kept.windows(2).flat_map(|pair| (pair[0] + 1..pair[1]).take(2)).collect::<Vec<_>>();
        kept.extend(gaps);
        kept.sort_unstable();

        let mut out = Excerpt { text: String::new(), lines: Vec::new(), spans: spans.clone(), place: (1, 1) };
        for &line in &kept {
            let range = index.range(line);
            let offsets = spans.iter().flat_map(|s| [s.start, s.end]).filter(|o| range.contains(o) || *o == range.end);
            let offsets: Vec<usize> = offsets.map(|o| o - range.start).collect();
            let cut = CutLine::new(&source[range.clone()], offsets.iter().min().copied().unwrap_or(0), width);
            let start = out.text.len();
            out.lines.push((start, line + 1));
            for (span, moved) in spans.iter().zip(&mut out.spans) {
                if index.line(span.start) == line {
                    moved.start = start + cut.position(span.start - range.start);
                }
                if index.line(span.end) == line {
                    moved.end = start + cut.position(span.end - range.start);
                }
            }
            out.text.push_str(&cut.text);
            out.text.push('\n');
        }
        let line = index.line(primary.start);
        let starts = spans.iter().map(|span| span.start).filter(|start| index.line(*start) == line);
        let first = starts.min().unwrap_or(primary.start);
        out.place = (line + 1, source[index.range(line).start..first].chars().count() + 1);
        out
    }

    /// The lines, each with a newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The spans, in the order they were given, as ranges of bytes of the excerpt.
    pub fn spans(&self) -> &[Range<usize>] {
        &self.spans
    }

    /// Line and column in the source of what is to be named first; both count from 1.
    pub fn place(&self) -> (usize, usize) {
        self.place
    }

    /// Which of the excerpt's lines holds a byte.
    pub fn line_at(&self, byte: usize) -> usize {
        self.lines.partition_point(|(start, _)| *start <= byte).saturating_sub(1)
    }

    /// The number in the source, from 1, of one of the excerpt's lines.
    pub fn line_number(&self, line: usize) -> Option<usize> {
        self.lines.get(line).map(|(_, number)| *number)
    }

    /// The bytes of one of the excerpt's lines.
    pub fn line_range(&self, line: usize) -> Option<Range<usize>> {
        let (start, _) = self.lines.get(line)?;
        Some(*start..self.lines.get(line + 1).map_or(self.text.len(), |(next, _)| *next))
    }
}

/// A span as a range of whole characters inside the source, without the white space at its end. One that begins behind
/// all text is moved to where the text ends.
fn tidy(source: &str, span: Span) -> Range<usize> {
    let inside = |at: u32| {
        let at = (at as usize).min(source.len());
        (0..=at).rev().find(|&at| source.is_char_boundary(at)).unwrap_or(0)
    };
    let mut start = inside(span.start).min(source.trim_end().len());
    // A caret stands under a character that has a width.
    while source[start..].chars().next().is_some_and(|c| c.width() == Some(0)) {
        let Some(before) = source[..start].chars().next_back() else { break };
        start -= before.len_utf8();
    }
    let end = inside(span.end).max(start);
    start..start + source[start..end].trim_end().len()
}

/// The lines at which offsets of interest stand, and where these and their neighbours begin.
struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    fn new<'a>(source: &str, spans: impl Iterator<Item = &'a Range<usize>>) -> LineIndex {
        // Lines behind the last offset are never asked for.
        let last = spans.map(|span| span.end).max().unwrap_or(0);
        let end = source[last..].find('\n').map_or(source.len(), |at| last + at + 1);
        let breaks = source[..end].match_indices('\n').map(|(at, _)| at + 1);
        let mut starts: Vec<usize> = std::iter::once(0).chain(breaks).collect();
        starts.push(source.len() + 1);
        LineIndex { starts }
    }

    fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The bytes of a line without its newline.
    fn range(&self, line: usize) -> Range<usize> {
        let start = self.starts[line];
        start..self.starts.get(line + 1).map_or(start, |next| next - 1)
    }
}

/// A line as it is shown.
struct CutLine {
    text: String,
    /// Offset in the line and in `text` of each character shown; the last entry is the end.
    offsets: Vec<(usize, usize)>,
}

impl CutLine {
    /// Cuts `line` to `width` columns around byte `focus`.
    fn new(line: &str, focus: usize, width: usize) -> CutLine {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let columns = |text: &str| text.chars().map(|c| c.width().unwrap_or(1)).sum::<usize>();
        let mut first = 0;
        // A byte is a column at least, or a part of one: short lines need no count.
        if line.len() > width && columns(line) > width {
            let before = line[..focus.min(line.len())].char_indices().rev();
            let room = if columns(&line[focus.min(line.len())..]) < width / 2 { width * 3 / 4 } else { width / 4 };
            let mut used = 0;
            first = focus;
            for (at, c) in before {
                used += c.width().unwrap_or(1);
                if used > room {
                    break;
                }
                first = at;
            }
        }
        let mut out = CutLine { text: String::new(), offsets: Vec::new() };
        if first > 0 {
            out.offsets.push((0, 0));
            out.text.push(ELLIPSIS);
        }
        let mut used = 0;
        for (at, c) in line[first..].char_indices().map(|(at, c)| (first + at, c)) {
            out.offsets.push((at, out.text.len()));
            used += c.width().unwrap_or(1);
            if used > width {
                out.text.push(ELLIPSIS);
                break;
            }
            out.text.push(harmless(c));
        }
        out.offsets.push((line.len(), out.text.len()));
        out
    }

    /// Where a byte of the line stands in the text; what is cut off stands at the ellipsis.
    fn position(&self, offset: usize) -> usize {
        let at = self.offsets.partition_point(|(from, _)| *from <= offset).saturating_sub(1);
        self.offsets.get(at).map_or(0, |(_, to)| *to)
    }
}

/// A character that can be shown: control characters become their pictures.
fn harmless(c: char) -> char {
    match c {
        '\t' => c,
        '\0'..='\x1f' => char::from_u32(0x2400 + c as u32).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\x7f' => '\u{2421}',
        _ if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
            char::REPLACEMENT_CHARACTER
        }
        _ => c,
    }
}

//! Text whose parts say what they are, so that colour is decided in one place.

use owo_colors::{OwoColorize, Style};

/// What a part of a text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// Text as it is; source code.
    #[default]
    Plain,
    /// The name of an error's type.
    Error,
    /// An error's message.
    Headline,
    /// Line numbers and the lines of a frame.
    Gutter,
    /// Carets and what is said beside them.
    Label,
}

impl Mark {
    fn paint(self) -> Option<Style> {
        match self {
            Mark::Plain => None,
            Mark::Error => Some(Style::new().red().bold()),
            Mark::Headline => Some(Style::new().bold()),
            Mark::Gutter => Some(Style::new().blue()),
            Mark::Label => Some(Style::new().red()),
        }
    }
}

/// A text in marked parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marked {
    parts: Vec<(Mark, String)>,
}

impl Marked {
    /// Adds a part; neighbours of one mark become one.
    pub fn push(&mut self, mark: Mark, text: &str) {
        match self.parts.last_mut() {
            Some((last, part)) if *last == mark => part.push_str(text),
            _ if text.is_empty() => {}
            _ => self.parts.push((mark, text.into())),
        }
    }

    /// Adds all parts of another text.
    pub fn append(&mut self, other: Marked) {
        for (mark, text) in other.parts {
            self.push(mark, &text);
        }
    }

    /// The lines, each with its newline.
    pub fn lines(&self) -> Vec<Marked> {
        let mut lines = vec![Marked::default()];
        for (mark, text) in &self.parts {
            for piece in text.split_inclusive('\n') {
                if let Some(line) = lines.last_mut() {
                    line.push(*mark, piece);
                }
                if piece.ends_with('\n') {
                    lines.push(Marked::default());
                }
            }
        }
        lines.retain(|line| !line.parts.is_empty());
        lines
    }

    /// A line without the white space before its newline.
    pub fn trimmed(mut self) -> Marked {
        while let Some((_, text)) = self.parts.last_mut() {
            text.truncate(text.trim_end().len());
            if !text.is_empty() {
                break;
            }
            self.parts.pop();
        }
        self.push(Mark::Plain, "\n");
        self
    }

    /// The text alone, or with ANSI colours.
    pub fn text(&self, color: bool) -> String {
        let mut out = String::new();
        for (mark, text) in &self.parts {
            match mark.paint().filter(|_| color && !text.trim().is_empty()) {
                Some(style) => out.push_str(&text.style(style).to_string()),
                None => out.push_str(text),
            }
        }
        out
    }
}

impl FromIterator<Marked> for Marked {
    fn from_iter<I: IntoIterator<Item = Marked>>(texts: I) -> Self {
        let mut out = Marked::default();
        for text in texts {
            out.append(text);
        }
        out
    }
}

//! Brackets, commas, line breaks and ellipses around the elements' texts.

use super::PrintOptions;
use super::elements::{Column, columns};
use crate::base::interrupt::polled;
use crate::store::View;

/// Writes the elements of a view that has some, beginning at column `indent`.
pub fn write(out: &mut String, view: &View, options: &PrintOptions, indent: usize) {
    let summarize = view.numel() as f64 > options.threshold.to_f64();
    let (first, second) = columns(view, options, summarize);
    Layout { out, options, summarize, first, second, next: 0 }.block(view.sizes(), indent);
}

/// Where a dimension of size `n` is cut when it is summarized: it shows `0..head` and `tail..n`.
pub fn ends(n: usize, options: &PrintOptions, summarize: bool) -> Option<(usize, usize)> {
    let cut = summarize && n > options.edgeitems.saturating_mul(2);
    cut.then(|| (options.edgeitems, n - options.edgeitems))
}

/// Appends `count` spaces.
pub fn spaces(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}

struct Layout<'a> {
    out: &'a mut String,
    options: &'a PrintOptions,
    summarize: bool,
    /// Texts of the elements, or of their real parts.
    first: Column,
    /// Texts of the imaginary parts.
    second: Option<Column>,
    /// Number of the next shown element.
    next: usize,
}

impl Layout<'_> {
    /// A tensor of these sizes: an element, a row, or blocks with a line break for each dimension inside them.
    fn block(&mut self, sizes: &[i64], indent: usize) {
        let (n, rest) = match sizes {
            [] => return self.element(),
            [n] => return self.row(*n as usize, indent),
            [n, rest @ ..] => (*n as usize, rest),
        };
        let between = |this: &mut Self| {
            this.out.push(',');
            this.out.extend(std::iter::repeat_n('\n', rest.len()));
            spaces(this.out, indent + 1);
        };
        let (head, tail) = ends(n, self.options, self.summarize).unwrap_or((n, n));
        self.out.push('[');
        for i in (0..head).chain(tail..n) {
            if i > 0 {
                between(self);
            }
            if i == tail {
                self.out.push_str("...");
                between(self);
            }
            self.block(rest, indent + 1);
        }
        if head == 0 {
            self.out.push_str("...");
        }
        self.out.push(']');
    }

    /// A row of elements, broken where it would pass the line's width.
    fn row(&mut self, n: usize, indent: usize) {
        // Each element brings a comma and a space, an imaginary part its `j` too.
        let length = self.first.width() + 2 + self.second.as_ref().map_or(0, |im| im.width() + 1);
        let room = self.options.linewidth.saturating_sub(indent as i64).max(0) as usize;
        let per_line = (room / length).max(1);

        let mut count = 0;
        let mut separate = |this: &mut Self| {
            if count > 0 && count % per_line == 0 {
                this.out.push_str(",\n");
                spaces(this.out, indent + 1);
            } else if count > 0 {
                this.out.push_str(", ");
            }
            count += 1;
        };
        let (head, tail) = ends(n, self.options, self.summarize).unwrap_or((n, n));
        self.out.push('[');
        for i in polled((0..head).chain(tail..n)) {
            if i == tail {
                separate(self);
                self.out.push_str(" ...");
            }
            separate(self);
            self.element();
        }
        if head == 0 {
            self.out.push_str("...");
        }
        self.out.push(']');
    }

    /// The next element, padded on the left; an imaginary part is not.
    fn element(&mut self) {
        let text = self.first.get(self.next);
        spaces(self.out, self.first.width().saturating_sub(text.len()));
        self.out.push_str(text);
        if let Some(imaginary) = &self.second {
            let text = imaginary.get(self.next);
            if !text.starts_with('-') {
                self.out.push('+');
            }
            self.out.push_str(text);
            self.out.push('j');
        }
        self.next += 1;
    }
}

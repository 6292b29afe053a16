//! The graph behind a tensor as text, a node a line, and as a picture.

use crate::base::shape::show;
use crate::tensor::Tensor;
use crate::tensor::grad::{Body, Node};
use rustc_hash::FxHashMap;
use std::fmt::Write;
use std::rc::Rc;

/// A node's line.
#[derive(Debug)]
pub struct Line {
    /// `3`, or a leaf's name.
    pub label: String,
    /// `MulBackward0`, or `leaf`.
    pub name: String,
    /// `float32[2, 3]` of its first output.
    pub shape: String,
    /// Bytes that it keeps for the way back; a leaf's version.
    pub kept: usize,
    /// The expression that made it.
    pub source: String,
    /// The lines that its inputs come from.
    pub inputs: Vec<usize>,
    /// Whether it is a leaf.
    pub leaf: bool,
    /// How many steps lie between it and the tensor, at most.
    pub depth: usize,
}

/// The lines of the graph behind a tensor, the tensor's own first; `name_of` gives leaves their names.
///
/// # Errors
/// What computing a view's history meets.
pub fn lines(
    tensor: &Tensor,
    name_of: &mut dyn FnMut(&Tensor) -> Option<String>,
) -> crate::base::error::Result<Vec<Line>> {
    let Some(edge) = tensor.edge()? else { return Ok(Vec::new()) };
    let mut order: Vec<Rc<Node>> = Vec::new();
    let mut at: FxHashMap<usize, usize> = FxHashMap::default();
    let mut stack = vec![edge.node];
    while let Some(node) = stack.pop() {
        if at.insert(node.id(), 0).is_none() {
            stack.extend(node.inputs.iter().flatten().rev().map(|e| e.node.clone()));
            order.push(node);
        }
    }
    // What came later stands higher; leaves, which all others may come from, stand below in order of meeting.
    order.sort_by_key(|n| (matches!(n.body, Body::Leaf), std::cmp::Reverse(n.sequence)));
    at.extend(order.iter().enumerate().map(|(i, n)| (n.id(), i)));
    let mut unnamed = 0;
    let mut lines: Vec<Line> = order
        .iter()
        .enumerate()
        .map(|(i, node)| {
            let leaf = node.leaf();
            let label = match &leaf {
                Some(t) => name_of(t).unwrap_or_else(|| {
                    unnamed += 1;
                    format!("leaf{unnamed}")
                }),
                None => i.to_string(),
            };
            let shape = node.outputs.first().map_or(String::new(), |o| format!("{}{}", o.dtype.name(), show(&o.sizes)));
            Line {
                label,
                name: if leaf.is_some() {
                    "leaf".into()
                } else {
                    node.name.rsplit("::").next().unwrap_or_default().to_owned()
                },
                shape,
                kept: match (&node.body, &leaf) {
                    (Body::Inner(body), _) => body.kept(),
                    (_, Some(t)) => t.version() as usize,
                    _ => 0,
                },
                source: node.place.as_ref().map_or(String::new(), |p| p.source()),
                inputs: node.inputs.iter().flatten().filter_map(|e| at.get(&e.node.id()).copied()).collect(),
                leaf: leaf.is_some(),
                depth: 0,
            }
        })
        .collect();
    for i in 0..lines.len() {
        for input in lines[i].inputs.clone() {
            lines[input].depth = lines[input].depth.max(lines[i].depth + 1);
        }
    }
    Ok(lines)
}

/// The lines as text, in columns.
pub fn text(lines: &[Line]) -> String {
    let width = |of: fn(&Line) -> &str| lines.iter().map(|l| of(l).chars().count()).max().unwrap_or(0);
    let (label, name, shape) = (width(|l| &l.label), width(|l| &l.name), width(|l| &l.shape));
    let mut out = String::new();
    let mut total = 0;
    for line in lines {
        let inputs: Vec<&str> = line.inputs.iter().map(|&i| lines[i].label.as_str()).collect();
        let kept = match line.leaf {
            true => format!("version {}", line.kept),
            false => format!("keeps {} bytes", line.kept),
        };
        total += if line.leaf { 0 } else { line.kept };
        let from = if inputs.is_empty() { String::new() } else { format!("  <- {}", inputs.join(", ")) };
        let source = if line.source.is_empty() { String::new() } else { format!("  {}", line.source) };
        let row =
            format!("{:>label$}  {:name$}  {:shape$}  {kept:18}{from}{source}", line.label, line.name, line.shape);
        let _ = writeln!(out, "{}", row.trim_end());
    }
    let _ = writeln!(out, "{total} bytes are kept for the way back");
    out
}

/// The lines as an SVG picture: a row of boxes for each step away from the tensor.
pub fn svg(lines: &[Line]) -> String {
    const BOX: (usize, usize) = (220, 46);
    const GAP: (usize, usize) = (24, 34);
    let mut columns: Vec<usize> = Vec::new();
    let places: Vec<(usize, usize)> = lines
        .iter()
        .map(|line| {
            columns.resize(columns.len().max(line.depth + 1), 0);
            columns[line.depth] += 1;
            let x = GAP.0 + (columns[line.depth] - 1) * (BOX.0 + GAP.0);
            (x, GAP.1 + line.depth * (BOX.1 + GAP.1))
        })
        .collect();
    let width = GAP.0 + columns.iter().max().copied().unwrap_or(1) * (BOX.0 + GAP.0);
    let height = GAP.1 + columns.len() * (BOX.1 + GAP.1);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"monospace\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (line, (x, y)) in lines.iter().zip(&places) {
        for &input in &line.inputs {
            let (to_x, to_y) = places[input];
            let (x1, y1, x2) = (x + BOX.0 / 2, y + BOX.1, to_x + BOX.0 / 2);
            let _ = writeln!(out, "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{to_y}\" stroke=\"gray\"/>");
        }
    }
    for (line, (x, y)) in lines.iter().zip(&places) {
        let fill = if line.leaf { "#dff0d8" } else { "#e8eef7" };
        let (w, h) = BOX;
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"5\" fill=\"{fill}\" stroke=\"gray\"/>"
        );
        let title =
            if line.leaf { format!("{} {}", line.label, line.shape) } else { format!("{} {}", line.name, line.shape) };
        for (text, below) in [(title, 18), (line.source.clone(), 36)] {
            let text: String = text.chars().take(30).collect();
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let _ = writeln!(out, "<text x=\"{}\" y=\"{}\">{text}</text>", x + 8, y + below);
        }
    }
    out.push_str("</svg>\n");
    out
}

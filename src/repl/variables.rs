//! `%who` and `%whos`: the session's variables.

use crate::eval::{Interp, Value};
use crate::store::View;

/// A variable, as `%whos` shows it.
struct Shown {
    cells: [String; 7],
}

/// The variables' names in order, without the last value's `_` and what begins with two underscores.
pub fn variables(it: &Interp) -> Vec<(String, Value)> {
    let own = it.globals.defined().filter(|(name, _)| &***name != "_" && !name.starts_with("__"));
    let mut all: Vec<(String, Value)> = own.map(|(name, value)| (name.to_string(), value.clone())).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// `%who`.
pub fn who(it: &Interp) -> String {
    let names: Vec<String> = variables(it).into_iter().map(|(name, _)| name).collect();
    if names.is_empty() { "Interactive namespace is empty.\n".to_owned() } else { format!("{}\n", names.join("\t")) }
}

/// `%whos`: a line a variable; tensors with what they hold and whom they share it with.
pub fn whos(it: &mut Interp) -> String {
    let all = variables(it);
    if all.is_empty() {
        return "Interactive namespace is empty.\n".to_owned();
    }
    let views: Vec<Option<View>> = all.iter().map(|(_, value)| view_of(value)).collect();
    let mut rows = vec![Shown {
        cells: ["Variable", "Type", "dtype", "Shape", "Device", "Bytes", "Data/Info"].map(str::to_owned),
    }];
    for (i, (name, value)) in all.iter().enumerate() {
        let mut cells = [
            name.clone(),
            value.type_name(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ];
        match &views[i] {
            Some(view) => {
                let shares = |(j, other): (usize, &Option<View>)| {
                    (j != i && other.as_ref().is_some_and(|o| o.shares(view))).then(|| all[j].0.clone())
                };
                let with: Vec<String> = views.iter().enumerate().filter_map(shares).collect();
                cells[2] = view.dtype().name().to_owned();
                cells[3] = crate::base::shape::show(view.sizes());
                cells[4] = match value {
                    Value::Tensor(t) => t.device().to_string(),
                    _ => "cpu".to_owned(),
                };
                cells[5] = (view.numel() * view.dtype().size()).to_string();
                if !with.is_empty() {
                    cells[6] = format!("shares memory with {}", with.join(", "));
                }
            }
            None => cells[6] = info(it, value),
        }
        rows.push(Shown { cells });
    }
    table(&rows)
}

/// The elements behind a tensor or an array.
pub fn view_of(value: &Value) -> Option<View> {
    match value {
        Value::Tensor(t) => t.view().ok(),
        other => crate::numpy::view_of(other),
    }
}

/// The start of a value's repr, on one line.
fn info(it: &mut Interp, value: &Value) -> String {
    let text = match value {
        Value::List(l) => return format!("n={}", l.items.borrow().len()),
        Value::Dict(d) => return format!("n={}", d.len()),
        Value::Set(s) => return format!("n={}", s.len()),
        Value::Tuple(t) if t.items.len() > 8 => return format!("n={}", t.items.len()),
        Value::Func(f) => return crate::eval::help::signature(f),
        value => it.repr(value).unwrap_or_default(),
    };
    let line: String = text.lines().next().unwrap_or("").chars().take(60).collect();
    if line.len() < text.len() { format!("{line}...") } else { line }
}

/// The rows in columns, with a line under the head; columns that hold nothing are left out.
fn table(rows: &[Shown]) -> String {
    let used: Vec<usize> = (0..7).filter(|c| *c < 2 || rows[1..].iter().any(|r| !r.cells[*c].is_empty())).collect();
    let width =
        |c: usize| rows.iter().map(|r| unicode_width::UnicodeWidthStr::width(r.cells[c].as_str())).max().unwrap_or(0);
    let mut out = String::new();
    for (i, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for c in &used {
            let cell = &row.cells[*c];
            let fill = width(*c) - unicode_width::UnicodeWidthStr::width(cell.as_str());
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', fill + 3));
        }
        let line = line.trim_end();
        out.push_str(line);
        out.push('\n');
        if i == 0 {
            let total: usize = used.iter().map(|c| width(*c)).sum::<usize>() + 3 * (used.len() - 1);
            out.extend(std::iter::repeat_n('-', total));
            out.push('\n');
        }
    }
    out
}

//! The reprs of Python's containers, put together from the reprs of what they hold. Whoever walks the values minds
//! cycles and puts `[...]`, `(...)` or `{...}` where one closes.

use std::fmt::{Display, Write};

/// A tuple: `()`, `(1,)`, `(1, 2)`.
pub fn tuple<T: Display>(items: &[T]) -> String {
    match items {
        [one] => format!("({one},)"),
        _ => format!("({})", join(items, ", ")),
    }
}

/// A list: `[1, 2]`.
pub fn list<T: Display>(items: &[T]) -> String {
    format!("[{}]", join(items, ", "))
}

/// A set: `{1, 2}`, and `set()` where braces would be a dict's.
pub fn set<T: Display>(items: &[T]) -> String {
    if items.is_empty() { "set()".into() } else { format!("{{{}}}", join(items, ", ")) }
}

/// A dict: `{'a': 1}`.
pub fn dict<K: Display, V: Display>(items: &[(K, V)]) -> String {
    let items: Vec<String> = items.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    format!("{{{}}}", join(&items, ", "))
}

/// What is written as a call: `slice(1, None, None)`, `range(0, 3)`.
pub fn call<T: Display>(name: &str, arguments: &[T]) -> String {
    format!("{name}({})", join(arguments, ", "))
}

/// The items with `separator` between them.
pub fn join<T: Display>(items: &[T], separator: &str) -> String {
    let mut out = String::new();
    for (i, item) in items.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(out, "{}{item}", if i > 0 { separator } else { "" });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers() {
        assert_eq!(tuple::<i64>(&[]), "()");
        assert_eq!(tuple(&[5]), "(5,)");
        assert_eq!(tuple(&[5, 6]), "(5, 6)");
        assert_eq!(list(&["'a'", "[...]"]), "['a', [...]]");
        assert_eq!(set::<i64>(&[]), "set()");
        assert_eq!(set(&[1, 2]), "{1, 2}");
        assert_eq!(dict::<&str, i64>(&[]), "{}");
        assert_eq!(dict(&[("'a'", 1), ("2", 3)]), "{'a': 1, 2: 3}");
        assert_eq!(call("slice", &["1", "None", "None"]), "slice(1, None, None)");
    }
}

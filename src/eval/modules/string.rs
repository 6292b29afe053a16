//! The module `string`: alphabets.

use crate::base::error::type_error;
use crate::eval::module::Module;
use crate::eval::value::Value;

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const BLANKS: &str = " \t\n\r\x0b\x0c";

builtin_table! {
    /// Functions of string.
    TABLE of "string" {
        "capwords" ("s, sep=None") "Return the text with each of its words capitalized." => |_, a| {
            let Value::Str(text) = &a[0] else {
                return Err(type_error(format!("'{}' object has no attribute 'split'", a[0].type_name())).into());
            };
            let capital = |word: &str| {
                let mut chars = word.chars();
                let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
                first + &chars.as_str().to_lowercase()
            };
            Ok(Value::from(match a[1].as_str() {
                None => text.text.split_whitespace().map(capital).collect::<Vec<_>>().join(" "),
                Some(sep) => text.text.split(sep).map(capital).collect::<Vec<_>>().join(sep),
            }))
        };
    }
}

/// The module.
pub fn module() -> Module {
    Module::new("string", &[TABLE])
        .with("ascii_lowercase", Value::from(LOWER))
        .with("ascii_uppercase", Value::from(UPPER))
        .with("ascii_letters", Value::from(format!("{LOWER}{UPPER}")))
        .with("digits", Value::from(DIGITS))
        .with("hexdigits", Value::from(format!("{DIGITS}abcdefABCDEF")))
        .with("octdigits", Value::from("01234567"))
        .with("punctuation", Value::from(PUNCTUATION))
        .with("whitespace", Value::from(BLANKS))
        .with("printable", Value::from(format!("{DIGITS}{LOWER}{UPPER}{PUNCTUATION}{BLANKS}")))
}

//! Text as CPython 3.11 writes it: every row of `tests/data/text_cases.tsv`, made by `tests/data/text_cases.py`.
//! `TENSH_TEXT_CASES=FILE` takes another table, for a longer search.

use num_bigint::BigInt;
use num_complex::Complex;
use std::collections::BTreeMap;
use tensh::base::error::{Error, ErrorKind, Result, index_error, key_error, type_error};
use tensh::eval::text::percent::{Arguments, Number, Wanted, percent_format};
use tensh::eval::text::str_format::{Fields, Key, index_message, str_format};
use tensh::eval::text::*;
use tensh::print::number;

fn unescape(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut out = parts.next().unwrap().to_string();
    for part in parts {
        let (code, rest) = part.split_once('}').unwrap();
        out.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        out.push_str(rest);
    }
    out
}

fn float(bits: &str) -> f64 {
    f64::from_bits(u64::from_str_radix(bits, 16).unwrap())
}

fn bits(x: f64) -> String {
    // Python's nan of float('nan') is the positive quiet one, as Rust's.
    format!("{:016x}", x.to_bits())
}

fn bound(text: &str) -> Option<i64> {
    (text != "-").then(|| text.parse().unwrap())
}

fn truth(b: bool) -> Result<String> {
    Ok(if b { "True" } else { "False" }.into())
}

fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> Result<String> {
    Ok(items.into_iter().flat_map(|item| [item, "\x1f"]).collect())
}

fn triple((a, b, c): (&str, &str, &str)) -> Result<String> {
    list([a, b, c])
}

fn place(at: Option<usize>) -> Result<String> {
    Ok(at.map_or("-1".into(), |at| at.to_string()))
}

/// The arguments of a `%` row: a tuple, or a dict.
enum Percent {
    Tuple(std::vec::IntoIter<Number>),
    Dict(BTreeMap<&'static str, Number>, bool),
}

impl Arguments for Percent {
    type Value = Number;
    fn next(&mut self) -> Option<Number> {
        match self {
            Percent::Tuple(items) => items.next(),
            Percent::Dict(_, taken) if *taken => None,
            Percent::Dict(_, taken) => {
                *taken = true;
                Some(Number::Other("dict".into()))
            }
        }
    }
    fn lookup(&mut self, key: &str) -> Result<Number> {
        match self {
            Percent::Tuple(_) => Err(type_error("format requires a mapping")),
            Percent::Dict(items, _) => items.get(key).cloned().ok_or_else(|| key_error(key)),
        }
    }
    fn is_mapping(&self) -> bool {
        matches!(self, Percent::Dict(..))
    }
    fn str(&mut self, value: &Number) -> Result<String> {
        Ok(match value {
            Number::Int(n) => n.to_string(),
            Number::Float(f) => number::float_repr(*f),
            Number::Str(s) => s.clone(),
            Number::Other(_) => "{'a': 1.5, 'b': 42, 'a(b)': 7}".into(),
        })
    }
    fn repr(&mut self, value: &Number) -> Result<String> {
        match value {
            Number::Str(s) => Ok(str_repr::str_repr(s)),
            other => self.str(other),
        }
    }
    fn number(&mut self, value: &Number, _: Wanted) -> Result<Number> {
        Ok(value.clone())
    }
}

fn decoded(argument: &str) -> Number {
    let (kind, text) = argument.split_at(1);
    match kind {
        "f" => Number::Float(float(text)),
        "i" => Number::Int(text.parse().unwrap()),
        _ => Number::Str(text.into()),
    }
}

/// The values of a `.format()` row say what was done with them.
struct Probes;

impl Fields for Probes {
    type Value = String;
    fn positional(&mut self, index: usize) -> Result<String> {
        if index < 2 { Ok(format!("p{index}")) } else { Err(index_error(index_message(index))) }
    }
    fn keyword(&mut self, name: &str) -> Result<String> {
        if ["a", "b", "w", "p"].contains(&name) { Ok(name.into()) } else { Err(key_error(name)) }
    }
    fn attribute(&mut self, value: String, name: &str) -> Result<String> {
        Ok(format!("{value}.{name}"))
    }
    fn item(&mut self, value: String, key: Key) -> Result<String> {
        Ok(match key {
            Key::Index(i) => format!("{value}[{i}]"),
            Key::Name(name) => format!("{value}[{}]", str_repr::str_repr(name)),
        })
    }
    fn convert(&mut self, value: String, conversion: char) -> Result<String> {
        Ok(format!("\0{}{value}", if conversion == 's' { 'S' } else { 'R' }))
    }
    fn format(&mut self, value: String, spec: &str) -> Result<String> {
        match value.strip_prefix('\0') {
            Some(text) => format_spec::format_str(text, spec),
            None => Ok(format!("<{value}:{spec}>")),
        }
    }
}

fn classes(s: &str) -> String {
    use str_class::*;
    let tests: [fn(&str) -> bool; 11] = [
        isalnum,
        isalpha,
        isdecimal,
        isdigit,
        isidentifier,
        islower,
        isnumeric,
        isprintable,
        isspace,
        istitle,
        isupper,
    ];
    tests.map(|test| if test(s) { '1' } else { '0' }).iter().collect()
}

fn answer(name: &str, a: &[String]) -> Result<String> {
    let s = a[0].as_str();
    let arg = |i: usize| a[i].as_str();
    let int = |i: usize| a[i].parse::<i64>().unwrap();
    let complex = || Complex::new(float(s), float(arg(1)));
    let found = |at| Ok(str_search::found(at)?.to_string());
    let word = |s: &str| Ok(s.to_string());
    match name {
        "float_repr" => Ok(number::float_repr(float(s))),
        "complex_repr" => Ok(number::complex_repr(complex())),
        "round" => number::round_decimal(float(s), int(1))
            .map(bits)
            .ok_or_else(|| Error::new(ErrorKind::OverflowError, "rounded value too large to represent")),
        "format_float" => format_spec::format_float(float(s), arg(1), "float"),
        "format_int" => format_spec::format_int(&s.parse::<BigInt>().unwrap(), arg(1), "int"),
        "format_complex" => format_spec::format_complex(complex(), arg(2), "complex"),
        "format_str" => format_spec::format_str(s, arg(1)),
        "format_bool" => format_spec::format_bool(s == "True", arg(1)),
        "percent" => {
            let items: Vec<Number> = a[1..].iter().map(|a| decoded(a)).collect();
            percent_format(s, &mut Percent::Tuple(items.into_iter()))
        }
        "percent_dict" => {
            let items = [("a", Number::Float(1.5)), ("b", Number::Int(42.into())), ("a(b)", Number::Int(7.into()))];
            percent_format(s, &mut Percent::Dict(items.into(), false))
        }
        "str_format" => str_format(s, &mut Probes),
        "capitalize" => Ok(str_case::capitalize(s)),
        "casefold" => Ok(str_case::casefold(s)),
        "lower" => Ok(str_case::lower(s)),
        "upper" => Ok(str_case::upper(s)),
        "swapcase" => Ok(str_case::swapcase(s)),
        "title" => Ok(str_case::title(s)),
        "isalnum" => truth(str_class::isalnum(s)),
        "isalpha" => truth(str_class::isalpha(s)),
        "isascii" => truth(str_class::isascii(s)),
        "isdecimal" => truth(str_class::isdecimal(s)),
        "isdigit" => truth(str_class::isdigit(s)),
        "isidentifier" => truth(str_class::isidentifier(s)),
        "islower" => truth(str_class::islower(s)),
        "isnumeric" => truth(str_class::isnumeric(s)),
        "isprintable" => truth(str_class::isprintable(s)),
        "isspace" => truth(str_class::isspace(s)),
        "istitle" => truth(str_class::istitle(s)),
        "isupper" => truth(str_class::isupper(s)),
        "classes" => Ok(classes(s)),
        "split" => list(str_split::split(s, None, -1)?),
        "rsplit" => list(str_split::rsplit(s, None, -1)?),
        "split_by" => list(str_split::split(s, Some(arg(1)), int(2))?),
        "rsplit_by" => list(str_split::rsplit(s, Some(arg(1)), int(2))?),
        "split_space" => list(str_split::split(s, None, int(1))?),
        "rsplit_space" => list(str_split::rsplit(s, None, int(1))?),
        "splitlines" => list(str_split::splitlines(s, false)),
        "keepends" => list(str_split::splitlines(s, true)),
        "strip" => word(str_split::strip(s, None)),
        "lstrip" => word(str_split::lstrip(s, None)),
        "rstrip" => word(str_split::rstrip(s, None)),
        "strip_of" => word(str_split::strip(s, Some(arg(1)))),
        "expandtabs" => str_pad::expandtabs(s, 8),
        "expand" => str_pad::expandtabs(s, int(1)),
        "str_repr" => Ok(str_repr::str_repr(s)),
        "str_ascii" => Ok(str_repr::str_ascii(s)),
        "find" => place(str_search::find(s, arg(1), bound(arg(2)), bound(arg(3)))),
        "rfind" => place(str_search::rfind(s, arg(1), bound(arg(2)), bound(arg(3)))),
        "index" => found(str_search::find(s, arg(1), bound(arg(2)), bound(arg(3)))),
        "rindex" => found(str_search::rfind(s, arg(1), bound(arg(2)), bound(arg(3)))),
        "count" => Ok(str_search::count(s, arg(1), bound(arg(2)), bound(arg(3))).to_string()),
        "startswith" => truth(str_search::startswith(s, arg(1), bound(arg(2)), bound(arg(3)))),
        "endswith" => truth(str_search::endswith(s, arg(1), bound(arg(2)), bound(arg(3)))),
        "replace" => Ok(str_search::replace(s, arg(1), arg(2), int(3))),
        "partition" => triple(str_search::partition(s, arg(1))?),
        "rpartition" => triple(str_search::rpartition(s, arg(1))?),
        "removeprefix" => word(str_search::removeprefix(s, arg(1))),
        "removesuffix" => word(str_search::removesuffix(s, arg(1))),
        "slice" => str_index::slice(s, bound(arg(1)), bound(arg(2)), bound(arg(3))),
        "at" => word(str_index::index(s, int(1))?),
        "center" => str_pad::center(s, int(1), str_pad::fill_char(arg(2))?),
        "ljust" => str_pad::ljust(s, int(1), str_pad::fill_char(arg(2))?),
        "rjust" => str_pad::rjust(s, int(1), str_pad::fill_char(arg(2))?),
        "zfill" => str_pad::zfill(s, int(1)),
        "parse_int" => Ok(parse_number::parse_int(s, int(1))?.to_string()),
        "parse_float" => Ok(bits(parse_number::parse_float(s)?)),
        "parse_complex" => {
            let z = parse_number::parse_complex(s)?;
            Ok(bits(z.re) + &bits(z.im))
        }
        _ => panic!("the table asks for {name}"),
    }
}

#[test]
fn text_is_cpythons() {
    let path = std::env::var("TENSH_TEXT_CASES").unwrap_or_else(|_| "tests/data/text_cases.tsv".into());
    let table = std::fs::read_to_string(path).unwrap();
    let mut wrong = Vec::new();
    for line in table.lines() {
        let mut cells: Vec<String> = line.split('\t').map(unescape).collect();
        let expected = cells.pop().unwrap();
        let name = cells.remove(0);
        let got = answer(&name, &cells).unwrap_or_else(|e| format!("!{}: {}", e.kind().qualified(), e.message()));
        if got != expected {
            wrong.push(format!("{name} {cells:?}\n   got  {got:?}\n   want {expected:?}"));
        }
    }
    assert!(table.lines().count() > 3000, "the table is not whole");
    assert!(wrong.is_empty(), "{} rows differ\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

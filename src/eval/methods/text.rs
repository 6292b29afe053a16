//! Methods of str, over the functions of `eval::text`.

use crate::base::error::{type_error, value_error};
use crate::eval::dict::Map;
use crate::eval::hash::Key;
use crate::eval::interp::Interp;
use crate::eval::number::convert;
use crate::eval::operators::room;
use crate::eval::raise::Res;
use crate::eval::text::{str_case, str_class, str_pad, str_search, str_split};
use crate::eval::value::Value;
use std::cell::RefCell;

builtin_table! {
    /// Methods of str.
    TABLE of "str" {
        "lower" ("self, /") "Return the text in lower case." => |_, a| text(a, str_case::lower);
        "upper" ("self, /") "Return the text in upper case." => |_, a| text(a, str_case::upper);
        "casefold" ("self, /") "Return the text for comparison without case." => |_, a| text(a, str_case::casefold);
        "capitalize" ("self, /") "Return the text with a capital first and the rest lower." => |_, a| text(a, str_case::capitalize);
        "title" ("self, /") "Return the text with a capital at each word." => |_, a| text(a, str_case::title);
        "swapcase" ("self, /") "Return the text with upper and lower case swapped." => |_, a| text(a, str_case::swapcase);
        "isalpha" ("self, /") "Return whether all are letters." => |_, a| test(a, str_class::isalpha);
        "isdecimal" ("self, /") "Return whether all are decimal digits." => |_, a| test(a, str_class::isdecimal);
        "isdigit" ("self, /") "Return whether all are digits." => |_, a| test(a, str_class::isdigit);
        "isnumeric" ("self, /") "Return whether all are numeric." => |_, a| test(a, str_class::isnumeric);
        "isalnum" ("self, /") "Return whether all are letters or digits." => |_, a| test(a, str_class::isalnum);
        "isspace" ("self, /") "Return whether all are blanks." => |_, a| test(a, str_class::isspace);
        "isascii" ("self, /") "Return whether all are ASCII." => |_, a| test(a, str_class::isascii);
        "isprintable" ("self, /") "Return whether all can be printed." => |_, a| test(a, str_class::isprintable);
        "isidentifier" ("self, /") "Return whether it is an identifier." => |_, a| test(a, str_class::isidentifier);
        "islower" ("self, /") "Return whether all cased characters are lower." => |_, a| test(a, str_class::islower);
        "isupper" ("self, /") "Return whether all cased characters are upper." => |_, a| test(a, str_class::isupper);
        "istitle" ("self, /") "Return whether each word begins with a capital." => |_, a| test(a, str_class::istitle);
        "strip" ("self, chars=None, /") "Return the text without blanks, or some characters, at both ends." =>
            |_, a| Ok(Value::from(str_split::strip(this(a)?, some_text("strip", &a[1])?)));
        "lstrip" ("self, chars=None, /") "Return the text without blanks, or some characters, at its start." =>
            |_, a| Ok(Value::from(str_split::lstrip(this(a)?, some_text("lstrip", &a[1])?)));
        "rstrip" ("self, chars=None, /") "Return the text without blanks, or some characters, at its end." =>
            |_, a| Ok(Value::from(str_split::rstrip(this(a)?, some_text("rstrip", &a[1])?)));
        "split" ("self, /, sep=None, maxsplit=-1") "Return the parts between separators, or between blanks." =>
            |_, a| Ok(texts(str_split::split(this(a)?, separator(&a[1])?, int(&a[2], -1)?)?));
        "rsplit" ("self, /, sep=None, maxsplit=-1") "Return the parts between separators, split from the end." =>
            |_, a| Ok(texts(str_split::rsplit(this(a)?, separator(&a[1])?, int(&a[2], -1)?)?));
        "splitlines" ("self, /, keepends=False") "Return the lines." => |it, a| {
            let keep = match a[1].given() {
                Some(flag) => it.truth(&flag.clone())?,
                None => false,
            };
            Ok(texts(str_split::splitlines(this(a)?, keep)))
        };
        "join" ("self, iterable, /") "Return the texts of an iterable with this one between them." => |it, a| join(it, a);
        "find" ("self, sub, start=None, end=None, /") "Return the first index of a text, or -1." =>
            |_, a| Ok(place(str_search::find(this(a)?, wanted(&a[1])?, bound(&a[2])?, bound(&a[3])?)));
        "rfind" ("self, sub, start=None, end=None, /") "Return the last index of a text, or -1." =>
            |_, a| Ok(place(str_search::rfind(this(a)?, wanted(&a[1])?, bound(&a[2])?, bound(&a[3])?)));
        "index" ("self, sub, start=None, end=None, /") "Return the first index of a text." => |_, a| {
            let at = str_search::find(this(a)?, wanted(&a[1])?, bound(&a[2])?, bound(&a[3])?);
            Ok(Value::count(str_search::found(at)?))
        };
        "rindex" ("self, sub, start=None, end=None, /") "Return the last index of a text." => |_, a| {
            let at = str_search::rfind(this(a)?, wanted(&a[1])?, bound(&a[2])?, bound(&a[3])?);
            Ok(Value::count(str_search::found(at)?))
        };
        "count" ("self, sub, start=None, end=None, /") "Return how often a text occurs." =>
            |_, a| Ok(Value::count(str_search::count(this(a)?, wanted(&a[1])?, bound(&a[2])?, bound(&a[3])?)));
        "replace" ("self, old, new, count=-1, /") "Return the text with one part replaced by another." => |_, a| {
            let (old, new) = (argument("replace", 1, &a[1])?, argument("replace", 2, &a[2])?);
            let (text, count) = (this(a)?, int(&a[3], -1)?);
            if new.len() > old.len() {
                let most = usize::try_from(count).unwrap_or(usize::MAX);
                room::<u8>(text.matches(old).take(most).count(), new.len())?;
            }
            Ok(Value::from(str_search::replace(text, old, new, count)))
        };
        "startswith" ("self, prefix, start=None, end=None, /") "Return whether the text begins with a prefix, or one of a tuple." =>
            |_, a| affix(a, "startswith", str_search::startswith);
        "endswith" ("self, suffix, start=None, end=None, /") "Return whether the text ends with a suffix, or one of a tuple." =>
            |_, a| affix(a, "endswith", str_search::endswith);
        "removeprefix" ("self, prefix, /") "Return the text without a prefix." =>
            |_, a| Ok(Value::from(str_search::removeprefix(this(a)?, argument("removeprefix", 0, &a[1])?)));
        "removesuffix" ("self, suffix, /") "Return the text without a suffix." =>
            |_, a| Ok(Value::from(str_search::removesuffix(this(a)?, argument("removesuffix", 0, &a[1])?)));
        "partition" ("self, sep, /") "Return what is before a separator, the separator and what is behind." => |_, a| {
            let (x, y, z) = str_search::partition(this(a)?, wanted(&a[1])?)?;
            Ok(Value::tuple([x.into(), y.into(), z.into()]))
        };
        "rpartition" ("self, sep, /") "Return what is before the last separator, the separator and what is behind." => |_, a| {
            let (x, y, z) = str_search::rpartition(this(a)?, wanted(&a[1])?)?;
            Ok(Value::tuple([x.into(), y.into(), z.into()]))
        };
        "center" ("self, width, fillchar=' ', /") "Return the text centred in a width." =>
            |_, a| Ok(Value::from(str_pad::center(this(a)?, convert::size(&a[1])?, fill(&a[2])?)?));
        "ljust" ("self, width, fillchar=' ', /") "Return the text at the left of a width." =>
            |_, a| Ok(Value::from(str_pad::ljust(this(a)?, convert::size(&a[1])?, fill(&a[2])?)?));
        "rjust" ("self, width, fillchar=' ', /") "Return the text at the right of a width." =>
            |_, a| Ok(Value::from(str_pad::rjust(this(a)?, convert::size(&a[1])?, fill(&a[2])?)?));
        "zfill" ("self, width, /") "Return the text with zeros before it." =>
            |_, a| Ok(Value::from(str_pad::zfill(this(a)?, convert::size(&a[1])?)?));
        "expandtabs" ("self, /, tabsize=8") "Return the text with blanks for tabs." =>
            |_, a| Ok(Value::from(str_pad::expandtabs(this(a)?, int(&a[1], 8)?)?));
        "format" ("self, /, *args, **kwargs") "Return the text with its fields replaced by arguments." => |it, a| {
            let Value::Tuple(args) = &a[1] else { return Ok(Value::None) };
            let template = this(a)?.to_owned();
            Ok(Value::from(it.str_format(&template, &args.items, &a[2])?))
        };
        "format_map" ("self, mapping, /") "Return the text with its fields replaced by a mapping's values." => |it, a| {
            let template = this(a)?.to_owned();
            Ok(Value::from(it.str_format_map(&template, &a[1])?))
        };
        "encode" ("self, /, encoding='utf-8', errors='strict'") "Return the bytes of the text in an encoding." =>
            |_, a| crate::eval::bytes::encode(this(a)?, a[1].as_str().unwrap_or("utf-8"));
        "translate" ("self, table, /") "Return the text with characters replaced by a table's." => |it, a| {
            let table = a[1].clone();
            let it = RefCell::new(it);
            let translated = str_search::translate(this(a)?, |c| {
                let mut it = it.borrow_mut();
                let code = Value::Int(i64::from(u32::from(c)));
                Ok(match it.get_item(&table, &code) {
                    Ok(Value::None) => str_search::Translation::Delete,
                    Ok(Value::Str(s)) => str_search::Translation::Replace(s.text.to_string()),
                    Ok(Value::Int(i)) => match u32::try_from(i).ok().and_then(char::from_u32) {
                        Some(c) => str_search::Translation::Replace(c.to_string()),
                        None => return Err(value_error("character mapping must be in range(0x110000)")),
                    },
                    Ok(_) => return Err(type_error("character mapping must return integer, None or str")),
                    Err(e) if e.kind().is_a(crate::base::ErrorKind::LookupError) => str_search::Translation::Keep,
                    Err(e) => return Err(e.into()),
                })
            })?;
            Ok(Value::from(translated))
        };
    }
}

builtin_table! {
    /// Functions of the type str.
    STATIC of "str" {
        "maketrans" ("x, y=None, z=None, /") "Make a table for translate." => |_, a| {
            let mut map = Map::default();
            let code = |c: char| Value::Int(i64::from(u32::from(c)));
            match (&a[0], a[1].given()) {
                (Value::Dict(dict), None) => {
                    for (key, value) in dict.pairs() {
                        let key = match &key {
                            Value::Str(s) if s.chars == 1 => code(s.text.chars().next().unwrap_or(' ')),
                            Value::Str(_) => {
                                return Err(value_error("string keys in translate table must be of length 1").into());
                            }
                            _ => key,
                        };
                        map.insert(Key::new(key)?, value);
                    }
                }
                (_, None) => return Err(type_error("if you give only one argument to maketrans it must be a dict").into()),
                (from, Some(to)) => {
                    for (from, to) in str_search::maketrans(wanted(from)?, wanted(to)?)? {
                        map.insert(Key::new(code(from))?, code(to));
                    }
                    if let Some(gone) = a[2].given() {
                        for c in wanted(gone)?.chars() {
                            map.insert(Key::new(code(c))?, Value::None);
                        }
                    }
                }
            }
            Ok(Value::dict(map))
        };
    }
}

fn this(a: &[Value]) -> Res<&str> {
    match &a[0] {
        Value::Str(s) => Ok(&s.text),
        other => Err(super::wrong_self("str", other)),
    }
}

fn text(a: &[Value], func: fn(&str) -> String) -> Res {
    Ok(Value::from(func(this(a)?)))
}

fn test(a: &[Value], func: fn(&str) -> bool) -> Res {
    Ok(Value::Bool(func(this(a)?)))
}

fn texts(parts: Vec<&str>) -> Value {
    Value::list(parts.into_iter().map(Value::from).collect())
}

fn place(at: Option<usize>) -> Value {
    at.map_or(Value::Int(-1), Value::count)
}

fn int(value: &Value, default: i64) -> Res<i64> {
    value.given().map_or(Ok(default), convert::size)
}

/// A bound of a search.
fn bound(value: &Value) -> Res<Option<i64>> {
    match value.some() {
        None => Ok(None),
        Some(value) => match convert::index(value) {
            Ok(i) => Ok(Some(i.unwrap_or(i64::MAX))),
            Err(_) => Err(type_error("slice indices must be integers or None or have an __index__ method").into()),
        },
    }
}

fn wanted(value: &Value) -> Res<&str> {
    match value {
        Value::Str(s) => Ok(&s.text),
        other => Err(type_error(format!("must be str, not {}", other.type_name())).into()),
    }
}

fn argument<'a>(func: &str, number: usize, value: &'a Value) -> Res<&'a str> {
    match value {
        Value::Str(s) => Ok(&s.text),
        other => {
            let which = if number == 0 { String::new() } else { format!(" {number}") };
            Err(type_error(format!("{func}() argument{which} must be str, not {}", other.type_name())).into())
        }
    }
}

fn separator(value: &Value) -> Res<Option<&str>> {
    match value {
        Value::Unset | Value::None => Ok(None),
        Value::Str(s) => Ok(Some(&s.text)),
        other => Err(type_error(format!("must be str or None, not {}", other.type_name())).into()),
    }
}

fn some_text<'a>(func: &str, value: &'a Value) -> Res<Option<&'a str>> {
    match value {
        Value::Unset | Value::None => Ok(None),
        Value::Str(s) => Ok(Some(&s.text)),
        _ => Err(type_error(format!("{func} arg must be None or str")).into()),
    }
}

fn fill(value: &Value) -> Res<char> {
    match value.given() {
        None => Ok(' '),
        Some(Value::Str(s)) => Ok(str_pad::fill_char(&s.text)?),
        Some(other) => {
            let message = format!("The fill character must be a unicode character, not {}", other.type_name());
            Err(type_error(message).into())
        }
    }
}

fn affix(a: &[Value], name: &str, func: fn(&str, &str, Option<i64>, Option<i64>) -> bool) -> Res {
    let (s, start, end) = (this(a)?, bound(&a[2])?, bound(&a[3])?);
    match &a[1] {
        Value::Str(affix) => Ok(Value::Bool(func(s, &affix.text, start, end))),
        Value::Tuple(options) => {
            for option in &options.items {
                let Value::Str(affix) = option else {
                    let message = format!("tuple for {name} must only contain str, not {}", option.type_name());
                    return Err(type_error(message).into());
                };
                if func(s, &affix.text, start, end) {
                    return Ok(Value::Bool(true));
                }
            }
            Ok(Value::Bool(false))
        }
        other => {
            let message = format!("{name} first arg must be str or a tuple of str, not {}", other.type_name());
            Err(type_error(message).into())
        }
    }
}

fn join(it: &mut Interp, a: &[Value]) -> Res {
    if it.try_walk(&a[1])?.is_none() {
        return Err(type_error("can only join an iterable").into());
    }
    let items = it.collect(&a[1])?;
    let mut parts = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        match item {
            Value::Str(s) => parts.push(&*s.text),
            other => {
                let message = format!("sequence item {i}: expected str instance, {} found", other.type_name());
                return Err(type_error(message).into());
            }
        }
    }
    let separator = this(a)?;
    room::<u8>(separator.len(), parts.len())?;
    room::<u8>(parts.iter().map(|part| part.len()).sum(), 1)?;
    Ok(Value::from(str_split::join(separator, parts)))
}

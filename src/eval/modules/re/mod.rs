//! The module `re`.

mod matcher;
mod pattern;

use crate::base::ErrorKind;
use crate::base::error::{Error, index_error, type_error};
use crate::eval::args::Args;
use crate::eval::hash::Key;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::module::Module;
use crate::eval::number::convert;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::text::str_repr::str_repr;
use crate::eval::value::{Method, Value};
use pattern::{DOTALL, Groups, IGNORE_CASE, MULTILINE, Pattern, VERBOSE};
use std::any::Any;
use std::rc::Rc;

builtin_table! {
    /// Functions of re.
    TABLE of "re" {
        "compile" ("pattern, flags=0") "Read a pattern once for many uses." => |_, a| Ok(Value::object(Compiled(compile(&a[0], &a[1])?)));
        "match" ("pattern, string, flags=0") "Match at the start of a text." => |_, a| first(&compile(&a[0], &a[2])?, &a[1], Where::Start);
        "fullmatch" ("pattern, string, flags=0") "Match a whole text." => |_, a| first(&compile(&a[0], &a[2])?, &a[1], Where::Whole);
        "search" ("pattern, string, flags=0") "Find the first match in a text." => |_, a| first(&compile(&a[0], &a[2])?, &a[1], Where::Anywhere);
        "findall" ("pattern, string, flags=0") "Return the texts of all matches, or of their groups." => |_, a| findall(&compile(&a[0], &a[2])?, &a[1]);
        "finditer" ("pattern, string, flags=0") "Walk all matches." => |_, a| finditer(&compile(&a[0], &a[2])?, &a[1]);
        "split" ("pattern, string, maxsplit=0, flags=0") "Return the texts between matches." => |_, a| split(&compile(&a[0], &a[3])?, &a[1], &a[2]);
        "sub" ("pattern, repl, string, count=0, flags=0") "Return the text with its matches replaced." => |it, a| Ok(sub(it, &compile(&a[0], &a[4])?, &a[1], &a[2], &a[3])?.0);
        "subn" ("pattern, repl, string, count=0, flags=0") "Return the text with its matches replaced, and their number." => |it, a| {
            let (text, count) = sub(it, &compile(&a[0], &a[4])?, &a[1], &a[2], &a[3])?;
            Ok(Value::tuple([text, Value::count(count)]))
        };
        "escape" ("pattern") "Return the text with a backslash before what is special in patterns." => |_, a| {
            let special = |c: char| "()[]{}?*+-|^$\\.&~# \t\n\r\x0b\x0c".contains(c);
            let text = text(&a[0])?;
            Ok(Value::from(text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect::<String>()))
        };
        "purge" ("") "Forget nothing: patterns are not kept." => |_, _| Ok(Value::None);
    }
}

builtin_table! {
    /// Methods of patterns.
    PATTERN of "re.Pattern" {
        "match" ("self, string") "Match at the start of a text." => |_, a| first(this(&a[0])?, &a[1], Where::Start);
        "fullmatch" ("self, string") "Match a whole text." => |_, a| first(this(&a[0])?, &a[1], Where::Whole);
        "search" ("self, string") "Find the first match in a text." => |_, a| first(this(&a[0])?, &a[1], Where::Anywhere);
        "findall" ("self, string") "Return the texts of all matches, or of their groups." => |_, a| findall(this(&a[0])?, &a[1]);
        "finditer" ("self, string") "Walk all matches." => |_, a| finditer(this(&a[0])?, &a[1]);
        "split" ("self, string, maxsplit=0") "Return the texts between matches." => |_, a| split(this(&a[0])?, &a[1], &a[2]);
        "sub" ("self, repl, string, count=0") "Return the text with its matches replaced." => |it, a| {
            let pattern = this(&a[0])?.clone();
            Ok(sub(it, &pattern, &a[1], &a[2], &a[3])?.0)
        };
        "subn" ("self, repl, string, count=0") "Return the text with its matches replaced, and their number." => |it, a| {
            let pattern = this(&a[0])?.clone();
            let (text, count) = sub(it, &pattern, &a[1], &a[2], &a[3])?;
            Ok(Value::tuple([text, Value::count(count)]))
        };
    }
}

builtin_table! {
    /// Methods of matches.
    MATCH of "re.Match" {
        "group" ("self, *args") "Return the text of one group or more." => |it, a| {
            let found = matched(&a[0])?;
            let names = it.collect(&a[1])?;
            let texts = names.iter().map(|name| found.named(name)).collect::<Res<Vec<_>>>()?;
            Ok(match texts.len() {
                0 => found.text(0),
                1 => texts.into_iter().next().unwrap_or(Value::None),
                _ => Value::tuple(texts),
            })
        };
        "groups" ("self, default=None") "Return the texts of all groups." => |_, a| {
            let found = matched(&a[0])?;
            let or = |text: Value| if text.is_none() { a[1].given().cloned().unwrap_or(Value::None) } else { text };
            Ok(Value::tuple((1..found.groups.len()).map(|i| or(found.text(i))).collect::<Vec<_>>()))
        };
        "groupdict" ("self, default=None") "Return the texts of the named groups by name." => |_, a| {
            let found = matched(&a[0])?;
            let or = |text: Value| if text.is_none() { a[1].given().cloned().unwrap_or(Value::None) } else { text };
            Ok(Value::dict(found.pattern.names.iter().map(|(name, i)| (Key::str(name), or(found.text(*i)))).collect()))
        };
        "start" ("self, group=0, /") "Return where a group begins." => |_, a| Ok(Value::Int(matched(&a[0])?.place(&a[1])?.0));
        "end" ("self, group=0, /") "Return where a group ends." => |_, a| Ok(Value::Int(matched(&a[0])?.place(&a[1])?.1));
        "span" ("self, group=0, /") "Return where a group begins and ends." => |_, a| {
            let (start, end) = matched(&a[0])?.place(&a[1])?;
            Ok(Value::tuple([Value::Int(start), Value::Int(end)]))
        };
    }
}

/// A pattern as a value.
struct Compiled(Rc<Pattern>);

/// A match as a value.
struct Match {
    pattern: Rc<Pattern>,
    string: Value,
    text: Rc<[char]>,
    groups: Groups,
}

fn text(value: &Value) -> Res<&str> {
    value.as_str().ok_or_else(|| {
        type_error(format!("expected string or bytes-like object, got '{}'", value.type_name())).at(&[1]).into()
    })
}

fn compile(pattern: &Value, flags: &Value) -> Res<Rc<Pattern>> {
    if let Some(compiled) = pattern.downcast::<Compiled>() {
        return Ok(compiled.0.clone());
    }
    let Some(text) = pattern.as_str() else {
        return Err(type_error("first argument must be string or compiled pattern").into());
    };
    let flags = flags.given().map_or(Ok(0), convert::size)?;
    Ok(Rc::new(Pattern::new(text, flags)?))
}

fn this(value: &Value) -> Res<&Rc<Pattern>> {
    match value.downcast::<Compiled>() {
        Some(compiled) => Ok(&compiled.0),
        None => Err(type_error("a pattern is wanted").into()),
    }
}

fn matched(value: &Value) -> Res<&Match> {
    value.downcast::<Match>().ok_or_else(|| type_error("a match is wanted").into())
}

/// Where a match may stand.
#[derive(Clone, Copy, PartialEq)]
enum Where {
    Start,
    Whole,
    Anywhere,
}

fn first(pattern: &Rc<Pattern>, string: &Value, place: Where) -> Res {
    let chars: Rc<[char]> = text(string)?.chars().collect();
    let found = match place {
        Where::Anywhere => pattern.search(&chars, 0, false)?,
        _ => pattern.match_at(&chars, 0, place == Where::Whole, false)?,
    };
    let value = |groups| Value::object(Match { pattern: pattern.clone(), string: string.clone(), text: chars, groups });
    Ok(found.map_or(Value::None, value))
}

fn matches(pattern: &Rc<Pattern>, string: &Value, most: usize) -> Res<Vec<Match>> {
    let chars: Rc<[char]> = text(string)?.chars().collect();
    let all = pattern.all(&chars, most)?.into_iter();
    Ok(all
        .map(|groups| Match { pattern: pattern.clone(), string: string.clone(), text: chars.clone(), groups })
        .collect())
}

fn findall(pattern: &Rc<Pattern>, string: &Value) -> Res {
    let shown = |found: Match| {
        let text = |i| match found.text(i) {
            Value::None => Value::from(""),
            text => text,
        };
        match found.groups.len() {
            1 => text(0),
            2 => text(1),
            n => Value::tuple((1..n).map(text).collect::<Vec<_>>()),
        }
    };
    Ok(Value::list(matches(pattern, string, usize::MAX)?.into_iter().map(shown).collect()))
}

fn finditer(pattern: &Rc<Pattern>, string: &Value) -> Res {
    let mut all = matches(pattern, string, usize::MAX)?.into_iter();
    Ok(Value::iter_of(Type::Iterator, "callable_iterator", move |_| Ok(all.next().map(Value::object))))
}

/// At most so many; 0 for all.
fn most(value: &Value) -> Res<usize> {
    Ok(match value.given().map_or(Ok(0), convert::size)? {
        0 => usize::MAX,
        n => usize::try_from(n).unwrap_or(0),
    })
}

fn split(pattern: &Rc<Pattern>, string: &Value, limit: &Value) -> Res {
    let mut out = Vec::new();
    let chars: Vec<char> = text(string)?.chars().collect();
    let mut last = 0;
    for found in matches(pattern, string, most(limit)?)? {
        let (start, end) = found.groups[0].unwrap_or((last, last));
        out.push(Value::from(chars[last..start].iter().collect::<String>()));
        out.extend((1..found.groups.len()).map(|i| found.text(i)));
        last = end;
    }
    out.push(Value::from(chars[last..].iter().collect::<String>()));
    Ok(Value::list(out))
}

fn sub(it: &mut Interp, pattern: &Rc<Pattern>, by: &Value, string: &Value, limit: &Value) -> Res<(Value, usize)> {
    let chars: Vec<char> = text(string)?.chars().collect();
    let (mut out, mut last, mut count) = (String::with_capacity(chars.len()), 0, 0);
    for found in matches(pattern, string, most(limit)?)? {
        let (start, end) = found.groups[0].unwrap_or((last, last));
        out.extend(&chars[last..start]);
        match by {
            Value::Str(template) => expand(&template.text, &found, &mut out)?,
            func => {
                let made = it.call(func, Args::of([Value::object(found)]))?;
                match &made {
                    Value::Str(text) => out.push_str(&text.text),
                    other => {
                        let message = format!("expected str instance, {} found", other.type_name());
                        return Err(type_error(message).into());
                    }
                }
            }
        }
        (last, count) = (end, count + 1);
    }
    out.extend(&chars[last..]);
    Ok((Value::from(out), count))
}

/// What a replacement says of a match: `\1`, `\g<name>` and the escapes of characters.
fn expand(template: &str, found: &Match, out: &mut String) -> Res<()> {
    let wrong =
        |what: String, at: usize| Err(Error::new(ErrorKind::RegexError, format!("{what} at position {at}")).into());
    let mut rest = template;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let place = template.len() - rest.len() + at;
        let behind = &rest[at + 1..];
        let Some(c) = behind.chars().next() else { return wrong("bad escape (end of pattern)".to_owned(), place) };
        rest = &behind[c.len_utf8()..];
        let name = match c {
            '1'..='9' => {
                let more = rest.chars().next().filter(char::is_ascii_digit);
                rest = &rest[usize::from(more.is_some())..];
                Some([c].into_iter().chain(more).collect::<String>())
            }
            'g' => match rest.strip_prefix('<').and_then(|name| name.split_once('>')) {
                Some((name, behind)) => {
                    rest = behind;
                    Some(name.to_owned())
                }
                None => return wrong("missing <".to_owned(), place + 2),
            },
            _ => None,
        };
        if let Some(name) = name {
            let group = match name.parse::<i64>() {
                Ok(number) if number as usize >= found.groups.len() => {
                    return wrong(format!("invalid group reference {number}"), place + if c == 'g' { 3 } else { 1 });
                }
                Ok(number) => Value::Int(number),
                Err(_) => Value::from(name),
            };
            if let Value::Str(text) = found.named(&group)? {
                out.push_str(&text.text);
            }
            continue;
        }
        match c {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            '0' => out.push('\0'),
            c if c.is_ascii_alphabetic() => return wrong(format!("bad escape \\{c}"), place),
            '\\' => out.push('\\'),
            c => out.extend(['\\', c]),
        }
    }
    out.push_str(rest);
    Ok(())
}

impl Match {
    fn text(&self, group: usize) -> Value {
        match self.groups.get(group).copied().flatten() {
            Some((start, end)) => Value::from(self.text[start..end].iter().collect::<String>()),
            None => Value::None,
        }
    }

    /// The number of a group that a number or a name says.
    fn number(&self, name: &Value) -> Res<usize> {
        let number = match name {
            Value::Unset => Some(0),
            Value::Str(name) => self.pattern.names.iter().find(|(n, _)| **n == *name.text).map(|(_, i)| *i),
            other => convert::size(other).ok().and_then(|i| usize::try_from(i).ok()),
        };
        number.filter(|i| *i < self.groups.len()).ok_or_else(|| index_error("no such group").into())
    }

    fn named(&self, name: &Value) -> Res {
        Ok(self.text(self.number(name)?))
    }

    fn place(&self, name: &Value) -> Res<(i64, i64)> {
        Ok(self.groups[self.number(name)?].map_or((-1, -1), |(start, end)| (start as i64, end as i64)))
    }
}

impl Object for Compiled {
    fn type_name(&self) -> &str {
        "re.Pattern"
    }

    fn get_attr(&self, _: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        Ok(match name {
            "pattern" => Some(Value::from(&*self.0.text)),
            // Patterns of text are patterns of Unicode, as their flags say.
            "flags" => Some(Value::Int(self.0.flags | 32)),
            "groups" => Some(Value::count(self.0.groups)),
            "groupindex" => {
                Some(Value::dict(self.0.names.iter().map(|(n, i)| (Key::str(n), Value::count(*i))).collect()))
            }
            _ => {
                let func = PATTERN.iter().find(|row| row.name == name);
                func.map(|func| Value::Method(Rc::new(Method { this: this.clone(), func })))
            }
        })
    }

    fn attrs(&self) -> Vec<String> {
        PATTERN.iter().map(|row| row.name).chain(["pattern", "flags", "groups"]).map(str::to_owned).collect()
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        let names = [
            (IGNORE_CASE, "re.IGNORECASE"),
            (MULTILINE, "re.MULTILINE"),
            (DOTALL, "re.DOTALL"),
            (VERBOSE, "re.VERBOSE"),
        ];
        let flags: Vec<&str> =
            names.iter().filter(|(flag, _)| self.0.flags & flag != 0).map(|(_, name)| *name).collect();
        let text = str_repr(&self.0.text);
        Ok(if flags.is_empty() {
            format!("re.compile({text})")
        } else {
            format!("re.compile({text}, {})", flags.join("|"))
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Object for Match {
    fn type_name(&self) -> &str {
        "re.Match"
    }

    fn get_attr(&self, _: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        Ok(match name {
            "string" => Some(self.string.clone()),
            "re" => Some(Value::object(Compiled(self.pattern.clone()))),
            "lastindex" => {
                let last = self.groups.iter().enumerate().skip(1).filter_map(|(i, g)| g.map(|(_, end)| (end, i))).max();
                Some(last.map_or(Value::None, |(_, i)| Value::count(i)))
            }
            _ => {
                let func = MATCH.iter().find(|row| row.name == name);
                func.map(|func| Value::Method(Rc::new(Method { this: this.clone(), func })))
            }
        })
    }

    fn attrs(&self) -> Vec<String> {
        MATCH.iter().map(|row| row.name).chain(["string", "re"]).map(str::to_owned).collect()
    }

    fn get_item(&self, _: &mut Interp, index: &Value) -> Res<Option<Value>> {
        self.named(index).map(Some)
    }

    fn repr(&self, it: &mut Interp) -> Res<String> {
        let (start, end) = self.place(&Value::Unset)?;
        Ok(format!("<re.Match object; span=({start}, {end}), match={}>", it.repr(&self.text(0))?))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The module.
pub fn module() -> Module {
    let flags = [
        ("IGNORECASE", IGNORE_CASE),
        ("I", IGNORE_CASE),
        ("MULTILINE", MULTILINE),
        ("M", MULTILINE),
        ("DOTALL", DOTALL),
        ("S", DOTALL),
        ("VERBOSE", VERBOSE),
        ("X", VERBOSE),
        ("ASCII", 256),
        ("A", 256),
        ("UNICODE", 32),
        ("U", 32),
    ];
    let module = Module::new("re", &[TABLE]).with("error", Value::Type(Type::Exc(ErrorKind::RegexError)));
    flags.into_iter().fold(module, |module, (name, flag)| module.with(name, Value::Int(flag)))
}

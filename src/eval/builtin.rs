//! A builtin function is one row: owner, name, signature text, doc and body. Binding, CPython's messages for wrong
//! arguments, `help` and completion follow from the signature text.

use super::args::Args;
use super::interp::Interp;
use super::raise::Res;
use super::value::Value;
use crate::base::Error;
use crate::base::error::type_error;
use smallvec::SmallVec;

/// A body: the arguments in the order of the signature, [`Value::Unset`] for those not given; `*args` is a tuple,
/// `**kwargs` a dict.
pub type Native = fn(&mut Interp, &mut [Value]) -> Res;

/// A builtin function or method.
pub struct Builtin {
    /// The type or module that it belongs to; empty for the builtins proper.
    pub owner: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The parameters as Python writes them: `self, index=-1, /`.
    pub params: &'static str,
    /// What it does, one line.
    pub doc: &'static str,
    /// What it runs.
    pub call: Native,
    signature: Signature,
}

/// A table of rows.
#[macro_export]
macro_rules! builtin_table {
    ($(#[$meta:meta])* $name:ident of $owner:literal { $($row:literal ($params:literal) $doc:literal => $body:expr;)* }) => {
        $(#[$meta])*
        pub const $name: &[$crate::eval::builtin::Builtin] =
            &[$($crate::eval::builtin::Builtin::new($owner, $row, $params, $doc, $body)),*];
    };
}

/// How a builtin takes a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Positional,
    Normal,
    Keyword,
    Star,
    DoubleStar,
}

/// A parameter: where its name stands in the text.
#[derive(Clone, Copy, Debug)]
struct Param {
    start: u16,
    end: u16,
    kind: Kind,
    required: bool,
}

/// The most parameters that a builtin has.
const MOST: usize = 20;

/// A signature text, read when the program is compiled.
#[derive(Debug)]
struct Signature {
    params: [Param; MOST],
    count: usize,
    /// How many may be given by position, where no `*args` takes more.
    positional: usize,
    star: bool,
    /// Whether any can be given by name.
    keywords: bool,
    /// How many must be given by position where that alone makes a call fit; [`MOST`] + 1 where it never does.
    least: usize,
}

impl Signature {
    const fn parse(text: &str) -> Signature {
        let none = Param { start: 0, end: 0, kind: Kind::Normal, required: false };
        let mut out =
            Signature { params: [none; MOST], count: 0, positional: 0, star: false, keywords: false, least: 0 };
        let bytes = text.as_bytes();
        let mut kind = Kind::Normal;
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] == b' ' || bytes[at] == b',' {
                at += 1;
                continue;
            }
            let mut stars = 0;
            while at < bytes.len() && bytes[at] == b'*' {
                stars += 1;
                at += 1;
            }
            let start = at;
            while at < bytes.len() && bytes[at] != b',' && bytes[at] != b'=' {
                at += 1;
            }
            let end = at;
            let required = at >= bytes.len() || bytes[at] != b'=';
            // A default may be a text with a comma or `=` in it only inside quotes or brackets.
            let mut quoted = false;
            let mut depth = 0;
            while at < bytes.len() && (bytes[at] != b',' || quoted || depth > 0) {
                match bytes[at] {
                    b'\'' => quoted = !quoted,
                    b'(' => depth += 1,
                    b')' => depth -= 1,
                    _ => {}
                }
                at += 1;
            }
            if end - start == 1 && bytes[start] == b'/' {
                let mut i = 0;
                while i < out.count {
                    out.params[i].kind = Kind::Positional;
                    i += 1;
                }
                continue;
            }
            if start == end {
                kind = Kind::Keyword;
                continue;
            }
            let (this, required) = match stars {
                0 => (kind, required),
                1 => (Kind::Star, false),
                _ => (Kind::DoubleStar, false),
            };
            if stars == 1 {
                kind = Kind::Keyword;
                out.star = true;
            }
            out.params[out.count] = Param { start: start as u16, end: end as u16, kind: this, required };
            out.count += 1;
        }
        let mut i = 0;
        while i < out.count {
            match out.params[i].kind {
                Kind::Positional => out.positional += 1,
                Kind::Normal => {
                    out.positional += 1;
                    out.keywords = true;
                }
                Kind::Keyword | Kind::DoubleStar => out.keywords = true,
                Kind::Star => {}
            }
            match out.params[i].kind {
                Kind::Star | Kind::DoubleStar => out.least = MOST + 1,
                _ if out.params[i].required && out.least <= i => out.least = i + 1,
                _ => {}
            }
            i += 1;
        }
        out
    }

    fn params(&self) -> &[Param] {
        &self.params[..self.count]
    }
}

impl Builtin {
    /// A row.
    pub const fn new(
        owner: &'static str,
        name: &'static str,
        params: &'static str,
        doc: &'static str,
        call: Native,
    ) -> Builtin {
        Builtin { owner, name, params, doc, call, signature: Signature::parse(params) }
    }

    /// The name with its owner: `list.append`, `math.sqrt`, `len`.
    pub fn qualified(&self) -> String {
        if self.owner.is_empty() { self.name.to_owned() } else { format!("{}.{}", self.owner, self.name) }
    }

    fn param_name(&self, param: &Param) -> &'static str {
        &self.params[param.start as usize..param.end as usize]
    }

    /// Whether its first parameter is the object that it is a method of.
    pub fn is_method(&self) -> bool {
        self.params.starts_with("self")
    }

    /// The names that can be given by keyword.
    pub fn keywords(&self) -> impl Iterator<Item = &'static str> + '_ {
        let named = self.signature.params().iter().filter(|p| matches!(p.kind, Kind::Normal | Kind::Keyword));
        named.map(|p| self.param_name(p))
    }

    /// How many arguments its body takes of a call that gives so many, all plain; `None` where there is more to bind.
    #[inline(always)]
    pub fn takes(&self, given: usize) -> Option<usize> {
        let Signature { least, positional, count, .. } = self.signature;
        (given >= least && given <= positional).then_some(count)
    }

    /// Calls it. The arguments stay in `args`, as far as the body leaves them, for the labels of an error.
    ///
    /// # Errors
    /// `TypeError` for arguments that do not fit, and its own.
    #[inline]
    pub fn invoke(&self, it: &mut Interp, args: &mut Args) -> Res {
        let signature = &self.signature;
        let given = args.pos.len();
        if let (Some(count), []) = (self.takes(given), &args.kw[..]) {
            if given < count {
                args.pos.resize_with(count, || Value::Unset);
            }
            return (self.call)(it, &mut args.pos);
        }
        let mut bound = self.bind(signature, args)?;
        (self.call)(it, &mut bound)
    }

    fn bind(&self, signature: &Signature, args: &Args) -> Res<SmallVec<[Value; 6]>> {
        let given = args.pos.len();
        if let ([], [Param { kind: Kind::Star, .. }, rest @ ..]) = (&args.kw[..], signature.params())
            && rest.iter().all(|p| p.kind == Kind::Keyword && !p.required)
        {
            let mut bound = SmallVec::new();
            bound.push(Value::tuple(&args.pos[..]));
            bound.resize_with(signature.count, || Value::Unset);
            return Ok(bound);
        }
        if !args.kw.is_empty() && !signature.keywords {
            return Err(type_error(format!("{}() takes no keyword arguments", self.qualified())).into());
        }
        if given > signature.positional && !signature.star {
            return Err(self.wrong_count(signature, given, args.kw.len()).into());
        }
        let mut bound: SmallVec<[Value; 6]> = SmallVec::from_elem(Value::Unset, signature.count);
        let mut rest = args.pos.iter().cloned();
        for (slot, param) in bound.iter_mut().zip(signature.params()) {
            match param.kind {
                Kind::Positional | Kind::Normal => {
                    if let Some(value) = rest.next() {
                        *slot = value;
                    }
                }
                Kind::Star => *slot = Value::tuple(rest.by_ref().collect::<Vec<_>>()),
                _ => {}
            }
        }
        let mut extra = super::dict::Map::default();
        for (name, value) in &args.kw {
            let at = signature
                .params()
                .iter()
                .position(|p| self.param_name(p) == &**name && matches!(p.kind, Kind::Normal | Kind::Keyword));
            match at {
                Some(i) if bound[i].is_set() => {
                    let message =
                        format!("argument for {}() given by name ('{name}') and position ({})", self.name, i + 1);
                    return Err(type_error(message).into());
                }
                Some(i) => bound[i] = value.clone(),
                None if signature.params().iter().any(|p| p.kind == Kind::DoubleStar) => {
                    extra.insert(super::hash::Key::str(name), value.clone());
                }
                None => {
                    let of = if self.owner.is_empty() && self.name == "sorted" { "sort" } else { self.name };
                    let message = format!("'{name}' is an invalid keyword argument for {of}()");
                    let error = type_error(message);
                    return Err(match crate::print::suggest::did_you_mean(name, self.keywords()) {
                        Some(help) => error.help(help).into(),
                        None => error.into(),
                    });
                }
            }
        }
        for (i, param) in signature.params().iter().enumerate() {
            if param.kind == Kind::DoubleStar {
                bound[i] = Value::dict(std::mem::take(&mut extra));
            } else if param.required && !bound[i].is_set() {
                return Err(self.missing(signature, i, given).into());
            }
        }
        Ok(bound)
    }

    /// The words of the functions that CPython reads the arguments of in a way of their own.
    fn own_words(&self, given: usize) -> Option<Error> {
        Some(type_error(match (self.owner, self.name) {
            ("", "type") => "type() takes 1 or 3 arguments".to_owned(),
            ("", "enumerate") if given == 0 => "enumerate() missing required argument 'iterable'".to_owned(),
            ("", name @ ("sorted" | "reversed")) => format!("{name} expected 1 argument, got {given}"),
            ("", "dict") => format!("dict expected at most 1 argument, got {given}"),
            ("math", "log") => "math.log requires 1 to 2 arguments".to_owned(),
            ("torch", "tensor") if given == 0 => {
                "tensor() missing 1 required positional arguments: \"data\"".to_owned()
            }
            ("torch", "manual_seed") if given == 0 => {
                "manual_seed() missing 1 required positional argument: 'seed'".to_owned()
            }
            _ => return None,
        }))
    }

    /// Too many arguments.
    #[cold]
    fn wrong_count(&self, signature: &Signature, given: usize, by_name: usize) -> Error {
        if let Some(error) = self.own_words(given) {
            return error;
        }
        let method = usize::from(self.is_method());
        let (given, most) = (given - method, signature.positional - method);
        let least = signature.params().iter().filter(|p| p.required).count() - method;
        let s = |n: usize| if n == 1 { "" } else { "s" };
        type_error(if signature.keywords {
            let only = signature.params().iter().any(|p| p.kind == Kind::Keyword);
            let word = if least == most { "exactly" } else { "at most" };
            if only && most == least {
                format!("{}() takes exactly {most} positional argument{} ({given} given)", self.name, s(most))
            } else {
                let positional = if only { "positional " } else { "" };
                let all = given + by_name;
                format!("{}() takes {word} {most} {positional}argument{} ({all} given)", self.name, s(most))
            }
        } else if most == 0 {
            // A tensor's methods are those of the class below it.
            let name = if self.owner == "Tensor" { format!("TensorBase.{}", self.name) } else { self.qualified() };
            format!("{name}() takes no arguments ({given} given)")
        } else if most == 1 && least == 1 {
            format!("{}() takes exactly one argument ({given} given)", self.qualified())
        } else {
            let word = if least == most { "" } else { "at most " };
            format!("{} expected {word}{most} argument{}, got {given}", self.name, s(most))
        })
    }

    /// Too few arguments.
    #[cold]
    fn missing(&self, signature: &Signature, at: usize, given: usize) -> Error {
        if let Some(error) = self.own_words(given) {
            return error;
        }
        let method = usize::from(self.is_method());
        let (given, most) = (given - method, signature.positional - method);
        let least = signature.params().iter().filter(|p| p.required).count() - method;
        let s = |n: usize| if n == 1 { "" } else { "s" };
        type_error(if signature.star {
            let count = if least == 1 { "two".to_owned() } else { (least + 1).to_string() };
            format!("{}() must have at least {count} arguments.", self.name)
        } else if signature.keywords && most == least && signature.params[at].kind == Kind::Positional {
            format!("{}() takes exactly {most} positional argument{} ({given} given)", self.name, s(most))
        } else if signature.keywords && most > least && signature.params[at].kind == Kind::Positional {
            format!("{}() takes at least {least} positional argument{} ({given} given)", self.name, s(least))
        } else if signature.params().iter().any(|p| p.kind == Kind::Normal) {
            format!(
                "{}() missing required argument '{}' (pos {})",
                self.name,
                self.param_name(&signature.params[at]),
                at + 1 - method
            )
        } else if most == 1 && least == 1 && !signature.keywords {
            format!("{}() takes exactly one argument ({given} given)", self.qualified())
        } else {
            let word = if least == most { "" } else { "at least " };
            format!("{} expected {word}{least} argument{}, got {given}", self.name, s(least))
        })
    }
}

//! Signatures: the parameters of an overload, read from its text.

use super::args::Arg;
use crate::base::scalar::Scalar;
use std::convert::Infallible;

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ty {
    /// A tensor.
    Tensor,
    /// A tensor or a number, where torch lets a number stand for a tensor (`Operand` in the text).
    Operand,
    /// A list of tensors.
    Tensors,
    /// Tensors one by one, or a list of them (`Tensor...` in the text).
    TensorArgs,
    /// A number.
    Number,
    /// An integer.
    Int,
    /// A float (integers convert).
    Float,
    /// A bool.
    Bool,
    /// A string.
    Str,
    /// Integers; with a count `n`, one integer stands for `n` of them.
    Ints(Option<u8>),
    /// Floats.
    Floats,
    /// A dtype.
    DType,
    /// A device.
    Device,
    /// A memory layout.
    Layout,
    /// A memory format.
    MemoryFormat,
    /// A random number generator.
    Generator,
    /// A dimension's name; no tensor has any.
    Name,
    /// Names of dimensions.
    Names,
    /// Numbers.
    Numbers,
    /// Nothing but None.
    Nothing,
    /// Anything; the kernel looks at it.
    Any,
    /// All arguments from here on, whatever they are (`Any...` in the text).
    Rest,
}

impl Ty {
    /// As torch's messages name it.
    pub fn shown(self) -> &'static str {
        match self {
            Ty::Tensor | Ty::Operand => "Tensor",
            Ty::Tensors | Ty::TensorArgs => "tuple of Tensors",
            Ty::Number => "Number",
            Ty::Int => "int",
            Ty::Float => "float",
            Ty::Bool => "bool",
            Ty::Str => "str",
            Ty::Ints(_) => "tuple of ints",
            Ty::Floats => "tuple of floats",
            Ty::DType => "torch.dtype",
            Ty::Device => "torch.device",
            Ty::Layout => "torch.layout",
            Ty::MemoryFormat => "torch.memory_format",
            Ty::Generator => "torch.Generator",
            Ty::Name => "name",
            Ty::Names => "tuple of names",
            Ty::Numbers => "tuple of Scalars",
            Ty::Nothing => "NoneType",
            Ty::Any | Ty::Rest => "object",
        }
    }
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name; `self` is called `input` by keyword.
    pub name: &'static str,
    /// What it takes.
    pub ty: Ty,
    /// Whether None is taken too.
    pub nullable: bool,
    /// Behind a `*`.
    pub keyword: bool,
    /// Its default.
    pub default: Option<Arg<Infallible>>,
    /// The default as written.
    pub default_text: &'static str,
}

/// The parameters of an overload and the names of its results.
#[derive(Clone, Debug)]
pub struct Signature {
    /// The parameters in order.
    pub params: Vec<Param>,
    /// Names of a named tuple's fields; empty for other results.
    pub fields: Vec<&'static str>,
    /// How many parameters may be given by position.
    pub positional: usize,
    /// Which parameter asks for the result in the input's place, if one does.
    pub inplace: Option<usize>,
    /// Which parameter asks that the result requires a gradient, if one does.
    pub requires_grad: Option<usize>,
}

impl Signature {
    /// Reads `(Tensor self, int dim, *, bool flag=False) -> (Tensor values, Tensor indices)`.
    ///
    /// The text is a constant of the table; what does not follow the form shows in the table's tests.
    pub fn parse(text: &'static str) -> Signature {
        let (params, result) = text.split_once("->").unwrap_or((text, ""));
        let inner = params.trim().trim_start_matches('(').trim_end_matches(')');
        let mut out =
            Signature { params: Vec::new(), fields: Vec::new(), positional: 0, inplace: None, requires_grad: None };
        let mut keyword = false;
        for piece in split_commas(inner) {
            if piece == "*" {
                keyword = true;
                continue;
            }
            let (declared, default_text) = match piece.split_once('=') {
                Some((left, right)) => (left.trim(), right.trim()),
                None => (piece, ""),
            };
            let (ty, name) = declared.rsplit_once(' ').unwrap_or(("", declared));
            let (ty, nullable) = match ty.trim().strip_suffix('?') {
                Some(ty) => (ty, true),
                None => (ty.trim(), false),
            };
            let ty = parse_type(ty);
            let default = (!default_text.is_empty()).then(|| parse_default(default_text, ty));
            out.params.push(Param { name, ty, nullable, keyword, default, default_text });
        }
        out.positional = out.params.iter().filter(|p| !p.keyword).count();
        out.inplace = out.position("inplace");
        out.requires_grad = out.position("requires_grad");
        let result = result.trim();
        if let Some(inner) = result.strip_prefix('(') {
            out.fields =
                split_commas(inner.trim_end_matches(')')).filter_map(|f| Some(f.rsplit_once(' ')?.1)).collect();
        }
        out
    }

    /// The parameter's place by keyword; NumPy's spellings (`axis`, `keepdims`, ...) count.
    pub fn position(&self, keyword: &str) -> Option<usize> {
        let at = |name: &str| self.params.iter().position(|p| p.name == name);
        at(keyword).or_else(|| match keyword {
            "input" => at("self"),
            "axis" => at("dim"),
            "keepdims" => at("keepdim"),
            "x" | "a" | "x1" => at("self").or_else(|| at("input")),
            "x2" => at("other"),
            _ => None,
        })
    }
}

fn split_commas(text: &'static str) -> impl Iterator<Item = &'static str> {
    let mut depth = 0;
    text.split(move |c| {
        match c {
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    })
    .map(str::trim)
    .filter(|p| !p.is_empty())
}

fn parse_type(text: &str) -> Ty {
    if let Some((base, count)) = text.strip_suffix(']').and_then(|t| t.split_once('[')) {
        return match base {
            "int" | "SymInt" => Ty::Ints(count.parse().ok()),
            "float" => Ty::Floats,
            "Dimname" => Ty::Names,
            "Scalar" => Ty::Numbers,
            "Tensor" | "Tensor?" => Ty::Tensors,
            _ => Ty::Any,
        };
    }
    match text {
        "Tensor" | "Tensor(a)" | "Tensor(a!)" => Ty::Tensor,
        "Tensor..." => Ty::TensorArgs,
        "Any..." => Ty::Rest,
        "Operand" => Ty::Operand,
        "Scalar" => Ty::Number,
        "int" | "SymInt" => Ty::Int,
        "float" => Ty::Float,
        "bool" => Ty::Bool,
        "str" => Ty::Str,
        "ScalarType" => Ty::DType,
        "Device" => Ty::Device,
        "Layout" => Ty::Layout,
        "MemoryFormat" => Ty::MemoryFormat,
        "Generator" => Ty::Generator,
        "Dimname" => Ty::Name,
        "None" => Ty::Nothing,
        _ => Ty::Any,
    }
}

fn parse_default(text: &'static str, ty: Ty) -> Arg<Infallible> {
    let ints = |text: &str| text.split(',').filter_map(|v| v.trim().parse().ok()).collect();
    match (text, ty) {
        ("None", _) => Arg::None,
        ("True", _) => Arg::Bool(true),
        ("False", _) => Arg::Bool(false),
        (text, Ty::MemoryFormat) => Arg::MemoryFormat(text),
        ("torch.strided", _) => Arg::MemoryFormat("strided"),
        (list, Ty::Ints(_)) if list.starts_with(['[', '{']) => Arg::Ints(ints(list.trim_matches(['[', ']', '{', '}']))),
        (one, Ty::Ints(Some(n))) => Arg::Ints(std::iter::repeat_n(one.parse().unwrap_or(0), n.into()).collect()),
        ("inf", _) => Arg::Scalar(Scalar::Float(f64::INFINITY)),
        ("-inf", _) => Arg::Scalar(Scalar::Float(f64::NEG_INFINITY)),
        (text, Ty::Float | Ty::Number) if text.parse::<i64>().is_err() || ty == Ty::Float => {
            match text.parse::<f64>() {
                Ok(f) => Arg::Scalar(Scalar::Float(f)),
                Err(_) => Arg::None,
            }
        }
        (text, Ty::Str) => Arg::Str(text.trim_matches(['\'', '"']).into()),
        (text, Ty::Int) => text.parse().map_or(Arg::None, Arg::Int),
        (text, _) => text.parse().map_or(Arg::None, |i| Arg::Scalar(Scalar::Int(i))),
    }
}

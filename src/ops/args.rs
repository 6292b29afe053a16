//! Arguments and results, on their way between the evaluator and the ops.

use crate::base::dtype::C64;
use crate::base::error::{Result, type_error};
use crate::base::shape::{Format, Shape, wrap_dim};
use crate::base::{DType, Device, Scalar};
use crate::store::View;
use std::any::Any;
use std::convert::Infallible;
use std::rc::Rc;

/// A value as a script passes it, before it meets a signature. `T` is the tensor type.
#[derive(Clone, Debug)]
pub enum In<T> {
    /// None.
    None,
    /// A bool.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer that does not fit 64 bits, as a float.
    BigInt(f64),
    /// A float.
    Float(f64),
    /// A complex number.
    Complex(C64),
    /// A string.
    Str(Rc<str>),
    /// A tensor.
    Tensor(T),
    /// A list or tuple.
    Seq {
        /// Its items.
        items: Vec<In<T>>,
        /// Whether it is a tuple.
        tuple: bool,
    },
    /// A dtype, or the Python type that stands for one.
    DType(DType),
    /// A device.
    Device(Device),
    /// A random generator, behind the type that the kernels know.
    Generator(Rc<dyn Any>),
    /// `...`.
    Ellipsis,
    /// `torch.strided`.
    Layout,
    /// `torch.contiguous_format` and its like, by name.
    MemoryFormat(&'static str),
    /// Something no signature takes: its type's name.
    Other(Rc<str>),
}

impl<T> In<T> {
    /// The type's name, as torch's messages show it.
    pub fn type_name(&self) -> &str {
        match self {
            In::None => "NoneType",
            In::Bool(_) => "bool",
            In::Int(_) | In::BigInt(_) => "int",
            In::Float(_) => "float",
            In::Complex(_) => "complex",
            In::Str(_) => "str",
            In::Tensor(_) => "Tensor",
            In::Seq { tuple: true, .. } => "tuple",
            In::Seq { .. } => "list",
            In::DType(_) => "torch.dtype",
            In::Device(_) => "torch.device",
            In::Generator(_) => "torch.Generator",
            In::Ellipsis => "ellipsis",
            In::Layout => "torch.layout",
            In::MemoryFormat(_) => "torch.memory_format",
            In::Other(name) => name,
        }
    }

    /// As a number, where it is one.
    pub fn number(&self) -> Option<Scalar> {
        Some(match self {
            In::Bool(b) => Scalar::Bool(*b),
            In::Int(i) => Scalar::Int(*i),
            In::BigInt(f) | In::Float(f) => Scalar::Float(*f),
            In::Complex(c) => Scalar::Complex(*c),
            _ => return None,
        })
    }
}

/// An argument bound to a parameter. `T` is the tensor type: lazy above the kernels, a [`View`] for them.
#[derive(Clone, Debug)]
pub enum Arg<T> {
    /// None, or not given.
    None,
    /// A bool.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number.
    Scalar(Scalar),
    /// A string.
    Str(Rc<str>),
    /// Integers.
    Ints(Shape),
    /// Floats.
    Floats(Vec<f64>),
    /// A tensor.
    Tensor(T),
    /// Tensors.
    Tensors(Vec<T>),
    /// Anything else in a row, for a parameter that takes anything.
    List(Vec<Arg<T>>),
    /// `...`.
    Ellipsis,
    /// A dtype.
    DType(DType),
    /// A device.
    Device(Device),
    /// A random generator.
    Generator(Rc<dyn Any>),
    /// A memory format's name.
    MemoryFormat(&'static str),
}

impl Arg<Infallible> {
    /// A default, as an argument of any tensor type.
    pub fn lift<T>(&self) -> Arg<T> {
        match self {
            Arg::None | Arg::Tensors(_) | Arg::List(_) | Arg::Ellipsis | Arg::Generator(_) => Arg::None,
            Arg::Bool(b) => Arg::Bool(*b),
            Arg::Int(i) => Arg::Int(*i),
            Arg::Scalar(s) => Arg::Scalar(*s),
            Arg::Str(s) => Arg::Str(s.clone()),
            Arg::Ints(v) => Arg::Ints(v.clone()),
            Arg::Floats(v) => Arg::Floats(v.clone()),
            Arg::DType(d) => Arg::DType(*d),
            Arg::Device(d) => Arg::Device(*d),
            Arg::MemoryFormat(m) => Arg::MemoryFormat(m),
            Arg::Tensor(never) => match *never {},
        }
    }
}

impl<T> Arg<T> {
    /// The same argument over another tensor type.
    ///
    /// # Errors
    /// The first one of `f`.
    pub fn try_map<U>(&self, f: &mut impl FnMut(&T) -> Result<U>) -> Result<Arg<U>> {
        Ok(match self {
            Arg::None => Arg::None,
            Arg::Bool(b) => Arg::Bool(*b),
            Arg::Int(i) => Arg::Int(*i),
            Arg::Scalar(s) => Arg::Scalar(*s),
            Arg::Str(s) => Arg::Str(s.clone()),
            Arg::Ints(v) => Arg::Ints(v.clone()),
            Arg::Floats(v) => Arg::Floats(v.clone()),
            Arg::Tensor(t) => Arg::Tensor(f(t)?),
            Arg::Tensors(v) => Arg::Tensors(v.iter().map(f).collect::<Result<_>>()?),
            Arg::List(v) => Arg::List(v.iter().map(|a| a.try_map(f)).collect::<Result<_>>()?),
            Arg::Ellipsis => Arg::Ellipsis,
            Arg::DType(d) => Arg::DType(*d),
            Arg::Device(d) => Arg::Device(*d),
            Arg::Generator(g) => Arg::Generator(g.clone()),
            Arg::MemoryFormat(m) => Arg::MemoryFormat(m),
        })
    }
}

/// The bound arguments of a kernel, by the signature's order. The accessors answer for the types that the signature
/// promises; a kernel that asks for another type gets an internal error, never a panic.
#[derive(Clone, Copy, Debug)]
pub struct Args<'a>(pub &'a [Arg<View>]);

impl<'a> Args<'a> {
    fn wrong(&self, i: usize, what: &str) -> crate::base::Error {
        type_error(format!("internal: argument {i} is not {what}: {:?}", self.0.get(i)))
    }

    /// The argument as it is.
    pub fn get(&self, i: usize) -> &'a Arg<View> {
        self.0.get(i).unwrap_or(&Arg::None)
    }

    /// A tensor.
    ///
    /// # Errors
    /// When the argument is no tensor.
    pub fn view(&self, i: usize) -> Result<&'a View> {
        self.opt_view(i).ok_or_else(|| self.wrong(i, "a tensor"))
    }

    /// A tensor, or `None`.
    pub fn opt_view(&self, i: usize) -> Option<&'a View> {
        match self.get(i) {
            Arg::Tensor(v) => Some(v),
            _ => None,
        }
    }

    /// Tensors.
    pub fn views(&self, i: usize) -> &'a [View] {
        match self.get(i) {
            Arg::Tensors(v) => v,
            Arg::Tensor(v) => std::slice::from_ref(v),
            _ => &[],
        }
    }

    /// An integer.
    ///
    /// # Errors
    /// When the argument is no integer.
    pub fn int(&self, i: usize) -> Result<i64> {
        self.opt_int(i).ok_or_else(|| self.wrong(i, "an int"))
    }

    /// An integer, or `None`.
    pub fn opt_int(&self, i: usize) -> Option<i64> {
        match self.get(i) {
            Arg::Int(v) => Some(*v),
            Arg::Scalar(s) => Some(s.to_i64()),
            Arg::Bool(b) => Some(i64::from(*b)),
            _ => None,
        }
    }

    /// A dimension of argument `tensor`, wrapped.
    ///
    /// # Errors
    /// torch's `IndexError` when it is out of range.
    pub fn dim(&self, i: usize, tensor: usize) -> Result<usize> {
        wrap_dim(self.int(i)?, self.view(tensor)?.ndim())
    }

    /// A flag; false when not given.
    pub fn bool(&self, i: usize) -> bool {
        matches!(self.get(i), Arg::Bool(true))
    }

    /// A flag, or `None`.
    pub fn opt_bool(&self, i: usize) -> Option<bool> {
        match self.get(i) {
            Arg::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// A number, or `None`.
    pub fn opt_scalar(&self, i: usize) -> Option<Scalar> {
        match self.get(i) {
            Arg::Scalar(s) => Some(*s),
            Arg::Int(v) => Some(Scalar::Int(*v)),
            Arg::Bool(b) => Some(Scalar::Bool(*b)),
            _ => None,
        }
    }

    /// A number.
    ///
    /// # Errors
    /// When the argument is no number.
    pub fn scalar(&self, i: usize) -> Result<Scalar> {
        self.opt_scalar(i).ok_or_else(|| self.wrong(i, "a number"))
    }

    /// A float.
    ///
    /// # Errors
    /// When the argument is no number.
    pub fn float(&self, i: usize) -> Result<f64> {
        self.scalar(i).map(Scalar::to_f64)
    }

    /// A float, or `None`.
    pub fn opt_float(&self, i: usize) -> Option<f64> {
        self.opt_scalar(i).map(Scalar::to_f64)
    }

    /// Integers; empty when not given.
    pub fn ints(&self, i: usize) -> &'a [i64] {
        self.opt_ints(i).unwrap_or(&[])
    }

    /// Integers, or `None`.
    pub fn opt_ints(&self, i: usize) -> Option<&'a [i64]> {
        match self.get(i) {
            Arg::Ints(v) => Some(v),
            _ => None,
        }
    }

    /// Floats, or `None`.
    pub fn floats(&self, i: usize) -> Option<&'a [f64]> {
        match self.get(i) {
            Arg::Floats(v) => Some(v),
            _ => None,
        }
    }

    /// A string, or `None`.
    pub fn str(&self, i: usize) -> Option<&'a str> {
        match self.get(i) {
            Arg::Str(s) => Some(s),
            _ => None,
        }
    }

    /// A dtype, or `None`.
    pub fn dtype(&self, i: usize) -> Option<DType> {
        match self.get(i) {
            Arg::DType(d) => Some(*d),
            _ => None,
        }
    }

    /// The memory format given, or that which keeps another's strides.
    pub fn format(&self, i: usize) -> Format {
        match self.get(i) {
            Arg::MemoryFormat(name) => Format::named(name),
            _ => Format::Preserve,
        }
    }

    /// A generator, or `None` for the default one.
    pub fn generator<G: 'static>(&self, i: usize) -> Option<&'a G> {
        match self.get(i) {
            Arg::Generator(g) => g.downcast_ref(),
            _ => None,
        }
    }
}

/// What an op gives back. Results of several tensors take their field names from the signature.
#[derive(Clone, Debug)]
pub enum Out<T> {
    /// None.
    None,
    /// A tensor.
    Tensor(T),
    /// A tuple of tensors, a named one where the signature names its fields.
    Tuple(Vec<T>),
    /// A list of tensors.
    List(Vec<T>),
    /// A Python number or bool.
    Scalar(Scalar),
    /// Sizes.
    Size(Shape),
    /// Integers, as a tuple.
    Ints(Shape),
    /// A dtype.
    DType(DType),
    /// A string.
    Str(String),
}

/// A GPU's result, if it has one.
///
/// # Errors
/// None; the form is that of a row's cell.
pub fn one(view: Option<View>) -> Result<Option<Out<View>>> {
    Ok(view.map(Into::into))
}

/// A GPU's results: one, or a tuple.
///
/// # Errors
/// As [`one`].
pub fn some(views: Option<Vec<View>>) -> Result<Option<Out<View>>> {
    Ok(views.map(|mut views| if views.len() == 1 { Out::Tensor(views.remove(0)) } else { Out::Tuple(views) }))
}

impl<T> Out<T> {
    /// The same result over another tensor type.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Out<U> {
        match self {
            Out::None => Out::None,
            Out::Tensor(t) => Out::Tensor(f(t)),
            Out::Tuple(v) => Out::Tuple(v.into_iter().map(f).collect()),
            Out::List(v) => Out::List(v.into_iter().map(f).collect()),
            Out::Scalar(s) => Out::Scalar(s),
            Out::Size(s) => Out::Size(s),
            Out::Ints(s) => Out::Ints(s),
            Out::DType(d) => Out::DType(d),
            Out::Str(s) => Out::Str(s),
        }
    }

    /// The same result over other tensors.
    ///
    /// # Errors
    /// The first one of `f`.
    pub fn try_map(self, mut f: impl FnMut(T) -> Result<T>) -> Result<Out<T>> {
        Ok(match self {
            Out::Tensor(t) => Out::Tensor(f(t)?),
            Out::Tuple(v) => Out::Tuple(v.into_iter().map(f).collect::<Result<_>>()?),
            Out::List(v) => Out::List(v.into_iter().map(f).collect::<Result<_>>()?),
            other => other,
        })
    }

    /// The tensors in it.
    pub fn tensors(&self) -> &[T] {
        match self {
            Out::Tensor(t) => std::slice::from_ref(t),
            Out::Tuple(v) | Out::List(v) => v,
            _ => &[],
        }
    }
}

impl From<View> for Out<View> {
    fn from(v: View) -> Self {
        Out::Tensor(v)
    }
}

impl From<Vec<View>> for Out<View> {
    fn from(v: Vec<View>) -> Self {
        Out::Tuple(v)
    }
}

impl From<(View, View)> for Out<View> {
    fn from((a, b): (View, View)) -> Self {
        Out::Tuple(vec![a, b])
    }
}

impl From<(View, View, View)> for Out<View> {
    fn from((a, b, c): (View, View, View)) -> Self {
        Out::Tuple(vec![a, b, c])
    }
}

impl From<bool> for Out<View> {
    fn from(b: bool) -> Self {
        Out::Scalar(Scalar::Bool(b))
    }
}

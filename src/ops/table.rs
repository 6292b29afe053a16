//! The form of a row, and finding rows by name.

use super::TOPICS;
use super::args::{Args, Out};
use super::prim::Prim;
use super::signature::Signature;
use crate::base::error::Result;
use crate::cpu::reduce::stream::Source;
use crate::cuda::loader::Loader;
use crate::store::View;
use crate::store::cuda::Gpu;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::thread::LocalKey;

thread_local! {
    /// Parsed signatures, by the address of their text.
    static PARSED: RefCell<FxHashMap<*const u8, &'static Signature>> = RefCell::default();
}

/// The forms in which scripts reach a row, as bits.
pub mod forms {
    /// `torch.name(...)`, or in the module that a dotted name says.
    pub const FN: u8 = 1;
    /// `tensor.name(...)`.
    pub const METHOD: u8 = 2;
    /// `tensor.name_(...)`.
    pub const INPLACE: u8 = 4;
    /// `out=` in the function form.
    pub const OUT: u8 = 8;
    /// Its tensors may be on several devices; it runs where the first one is.
    pub const ANYWHERE: u8 = 32;
    /// `torch.name_copy(...)`, with `out=`: what the row gives as a view, copied.
    pub const COPY: u8 = 16;
    /// It writes into tensors that it is given.
    pub const WRITES: u8 = 64;
}

/// One op: everything that is known of it.
#[derive(Debug)]
pub struct Row {
    /// The name below `torch.`: `add`, `linalg.inv`, `nn.functional.relu`.
    pub name: &'static str,
    /// Other names of the same op.
    pub aliases: &'static [&'static str],
    /// Bits of [`forms`].
    pub forms: u8,
    /// The doc comment's lines: a sentence, then examples in doctest form.
    pub doc: &'static [&'static str],
    /// The signatures in the order in which they are tried.
    pub overloads: &'static [Overload],
    /// How gradients come through: see [`derivative`](super::derivative). Where it is empty a formula is differentiated itself, and
    /// anything else lets no gradient through.
    pub grad: &'static str,
    /// What PyTorch calls the kernel that meets the row's tensors, for its words about several devices; where that is not the row itself.
    pub met: Option<Met>,
}

/// The name of a kernel, and its parameters where they are not the row's; given the numbers of dimensions of the row's tensors.
pub type Met = fn(&[usize]) -> (&'static str, &'static [&'static str]);

/// A signature and what computes it.
#[derive(Debug)]
pub struct Overload {
    /// In the syntax of ATen's schema, without the name: `(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor`.
    pub sig: &'static str,
    /// What computes it.
    pub kind: Kind,
    /// What computes it on a GPU, beside primitives; a formula runs there itself where this does not do what is asked.
    pub cuda: Option<CudaForm>,
}

/// A row's function on a GPU, given the elements of its first tensor and the arguments; `None` where these ask for what it does not
/// do: the CPU does it then.
pub type CudaKernel = fn(&'static Gpu, Elements<'_>, Args<'_>) -> Result<Option<Out<View>>>;

/// A row's form for a GPU.
#[derive(Clone, Copy, Debug)]
pub enum CudaForm {
    /// A function over views.
    Views(CudaKernel),
    /// A function of the first tensor's elements, which are computed on the way where they wait; the argument itself is none.
    Elements(CudaKernel),
    /// tensh source as of [`Kind::Formula`], or the formula of the row's derivative. What it refuses is the CPU's to refuse.
    Formula(Option<&'static str>),
}

/// The elements of a call's first tensor, which may come as an expression that is computed on the way.
pub type Elements<'a> = &'a dyn Fn() -> Result<Loader>;

/// A reduction of what comes first; the other arguments are in their places.
pub type Reduction = fn(Source<'_>, Args<'_>) -> Result<Option<Out<View>>>;

/// What computes an overload.
#[derive(Debug)]
pub enum Kind {
    /// A scalar function of the tensor operands (the leading parameters, as many as the primitive has); it fuses.
    Prim(&'static Prim),
    /// A function over views.
    Kernel(fn(Args<'_>) -> Result<Out<View>>),
    /// A function over views that looks at no element: those of a tensor that waits go on waiting, and the view is of its layout alone.
    Layout(fn(Args<'_>) -> Result<Out<View>>),
    /// A reduction of the first argument, which may come as an expression that is computed on the way; it gives nothing when it
    /// needs the elements in memory.
    Reduce(Reduction),
    /// tensh source: an expression, or statements ending in `return`, over the parameters' names (`self` is `input`).
    Formula(&'static str),
    /// A formula of elementwise ops: 16-bit floats are computed in `float32` and rounded once, as ATen's kernels do.
    Pointwise(&'static str),
}

/// How a name was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `torch.add(a, b)`.
    Function,
    /// `a.add(b)`.
    Method,
    /// `a.add_(b)`.
    InPlace,
    /// `torch.t_copy(a)`.
    Copy,
}

impl Form {
    /// How many arguments stand before those in parentheses: a method's tensor, or none.
    pub fn receivers(self) -> usize {
        usize::from(matches!(self, Form::Method | Form::InPlace))
    }

    /// The name that scripts use for a row's `name`.
    pub fn spell(self, name: &str) -> String {
        match self {
            Form::Function | Form::Method => name.to_owned(),
            Form::InPlace => format!("{name}_"),
            Form::Copy => format!("{name}_copy"),
        }
    }
}

impl Overload {
    /// The parsed signature, made on first use and kept: the table is finite.
    pub fn signature(&self) -> &'static Signature {
        PARSED.with_borrow_mut(|parsed| {
            *parsed.entry(self.sig.as_ptr()).or_insert_with(|| Box::leak(Box::new(Signature::parse(self.sig))))
        })
    }
}

impl Row {
    /// The last part of the name: `inv` of `linalg.inv`.
    pub fn short(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }

    /// The one of its names that a form's spelling is of.
    pub fn named(&self, form: Form, spelling: &str) -> &'static str {
        self.names().find(|name| form.spell(name) == spelling).unwrap_or(self.name)
    }

    /// Every name of the row.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// Whether the row has a form.
    pub fn has(&self, form: u8) -> bool {
        self.forms & form != 0
    }

    /// Whether a form takes `out=`.
    pub fn takes_out(&self, form: Form) -> bool {
        form == Form::Copy || form == Form::Function && self.has(forms::OUT)
    }

    /// The names of its functions in `torch` and the modules below.
    pub fn functions(&self) -> impl Iterator<Item = String> {
        let plain = self.names().filter(|_| self.has(forms::FN)).map(str::to_owned);
        plain.chain(self.has(forms::COPY).then(|| Form::Copy.spell(self.name)))
    }
}

/// Every row.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    TOPICS.iter().flat_map(|t| t.iter())
}

type Found = Option<(&'static Row, Form)>;

thread_local! {
    /// Names that were looked up before: functions and methods.
    static FUNCTIONS: RefCell<FxHashMap<Box<str>, Found>> = RefCell::default();
    static METHODS: RefCell<FxHashMap<Box<str>, Found>> = RefCell::default();
}

fn remembered(
    names: &'static LocalKey<RefCell<FxHashMap<Box<str>, Found>>>,
    name: &str,
    look: fn(&str) -> Found,
) -> Found {
    if let Some(found) = names.with_borrow(|n| n.get(name).copied()) {
        return found;
    }
    let found = look(name);
    names.with_borrow_mut(|n| n.insert(name.into(), found));
    found
}

/// The row behind `torch.<path>` (`path` may be dotted), for instance `add`, `add_`, `linalg.inv`.
pub fn find(path: &str) -> Option<(&'static Row, Form)> {
    remembered(&FUNCTIONS, path, look_up_function)
}

/// The row behind `tensor.<name>`.
pub fn find_method(name: &str) -> Option<(&'static Row, Form)> {
    remembered(&METHODS, name, look_up_method)
}

fn look_up_function(path: &str) -> Found {
    let by = |path: &str, form: u8| rows().find(|r| r.has(form) && r.names().any(|n| n == path));
    if let Some(row) = by(path, forms::FN) {
        return Some((row, Form::Function));
    }
    if let Some(stem) = path.strip_suffix("_copy") {
        return rows().find(|r| r.has(forms::COPY) && r.name == stem).map(|r| (r, Form::Copy));
    }
    let stem = path.strip_suffix('_')?;
    by(stem, forms::INPLACE).filter(|r| r.has(forms::FN)).map(|r| (r, Form::InPlace))
}

fn look_up_method(name: &str) -> Found {
    // `linalg.inv` is no method, but its alias `inverse` may be: dotted names never match a method's name.
    let by = |name: &str, form: u8| rows().find(|r| r.has(form) && r.names().any(|n| n == name));
    if let Some(row) = by(name, forms::METHOD) {
        return Some((row, Form::Method));
    }
    let row = by(name.strip_suffix('_')?, forms::INPLACE).filter(|r| r.has(forms::METHOD))?;
    Some((row, Form::InPlace))
}

/// The table as text, a row a line: name, aliases, forms and signatures, between tabs.
pub fn listing() -> String {
    let names = [
        (forms::FN, "fn"),
        (forms::METHOD, "method"),
        (forms::INPLACE, "inplace"),
        (forms::OUT, "out"),
        (forms::COPY, "copy"),
    ];
    rows().fold(String::new(), |mut text, row| {
        let forms: Vec<&str> = names.iter().filter(|(bit, _)| row.has(*bit)).map(|(_, name)| *name).collect();
        let signatures: Vec<&str> = row.overloads.iter().map(|o| o.sig).collect();
        text += &format!("{}\t{}\t{}\t{}\n", row.name, row.aliases.join(" "), forms.join(" "), signatures.join("\t"));
        text
    })
}

/// Writes the rows of a topic: `rows! { doc name [forms] (aliases) "signature" => kind, ...; ... }`. A `product` is a kernel made of
/// steps that GPUs have forms of; a `solver` is one whose steps need cuSOLVER there. What is `there` runs as a formula on GPUs: as the
/// one that follows, or as that of its derivative.
///
/// ```text
/// rows! {
///     /// Square root of each element.
///     /// >>> torch.sqrt(torch.tensor([4., 9.]))
///     /// tensor([2., 3.])
///     "sqrt" [fn method inplace out] "(Tensor self) -> Tensor" => prim SQRT;
///     grad "
/// node SqrtBackward0
/// input: grad / (2 * result.conj())";
///     /// Sum of all elements, or along dimensions.
///     "sum" [fn method out]
///         "(Tensor self, *, ScalarType? dtype=None) -> Tensor" => kernel |a| ...,
///         "(Tensor self, int[1] dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => kernel |a| ...;
///     /// Matrix inverse.
///     "linalg.inv" aka ["inverse"] [fn method] "(Tensor A) -> Tensor" => kernel |a| ...;
///     /// x * sigmoid(x).
///     "nn.functional.silu" [fn] "(Tensor input) -> Tensor" => tensh "input * sigmoid(input)";
/// }
/// ```
#[macro_export]
macro_rules! rows {
    ($($(#[doc = $doc:literal])* $name:literal $(aka [$($alias:literal),*])? [$($form:ident)*]
       $($sig:literal => $kind:ident $body:expr $(, cuda $cuda:expr)? $(, fused $fused:expr)? $(, there $($there:expr)?)?),+; $(grad $grad:literal;)? $(met $met:expr;)?)*) => {
        /// The rows of this topic.
        pub(super) static ROWS: &[$crate::ops::table::Row] = &[$(
            $crate::ops::table::Row {
                name: $name,
                aliases: &[$($($alias),*)?],
                forms: 0 $(| $crate::rows!(@form $form))*,
                doc: &[$($doc),*],
                overloads: &[$($crate::ops::table::Overload {
                    sig: $sig,
                    kind: $crate::rows!(@kind $kind $body),
                    cuda: $crate::rows!(@cuda $kind $body $(, cuda $cuda)? $(, fused $fused)? $(, there $($there)?)?),
                }),+],
                grad: concat!($($grad)?),
                met: $crate::rows!(@met $($met)?),
            },
        )*];
    };
    (@cuda product $body:expr) => {
        Some($crate::ops::table::CudaForm::Views(|gpu, _, args| $crate::ops::matmul::on_gpu(gpu, args, $body)))
    };
    (@cuda solver $body:expr) => {
        Some($crate::ops::table::CudaForm::Views(|gpu, _, args| {
            if $crate::cuda::solver::found() { $crate::ops::matmul::on_gpu(gpu, args, $body) } else { Ok(None) }
        }))
    };
    (@cuda $kind:ident $body:expr, there) => { Some($crate::ops::table::CudaForm::Formula(None)) };
    (@cuda $kind:ident $body:expr, there $text:expr) => { Some($crate::ops::table::CudaForm::Formula(Some($text))) };
    (@cuda $kind:ident $body:expr) => { None };
    (@cuda $kind:ident $body:expr, cuda $cuda:expr) => { Some($crate::ops::table::CudaForm::Views($cuda)) };
    (@cuda $kind:ident $body:expr, fused $cuda:expr) => { Some($crate::ops::table::CudaForm::Elements($cuda)) };
    (@met) => { None };
    (@met $met:expr) => { Some($met) };
    (@form fn) => { $crate::ops::table::forms::FN };
    (@form method) => { $crate::ops::table::forms::METHOD };
    (@form inplace) => { $crate::ops::table::forms::INPLACE };
    (@form out) => { $crate::ops::table::forms::OUT };
    (@form anywhere) => { $crate::ops::table::forms::ANYWHERE };
    (@form copy) => { $crate::ops::table::forms::COPY };
    (@form writes) => { $crate::ops::table::forms::WRITES };
    (@kind prim $p:expr) => { $crate::ops::table::Kind::Prim(&$p) };
    (@kind kernel $k:expr) => { $crate::ops::table::Kind::Kernel($k) };
    (@kind product $k:expr) => { $crate::ops::table::Kind::Kernel($k) };
    (@kind solver $k:expr) => { $crate::ops::table::Kind::Kernel($k) };
    (@kind layout $k:expr) => { $crate::ops::table::Kind::Layout($k) };
    (@kind reduce $k:expr) => { $crate::ops::table::Kind::Reduce($k) };
    (@kind pointwise $t:expr) => { $crate::ops::table::Kind::Pointwise($t) };
    (@kind tensh $t:expr) => { $crate::ops::table::Kind::Formula($t) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stands_twice_in_a_form() {
        for form in [forms::FN, forms::METHOD] {
            let mut seen: Vec<&str> = rows().filter(|r| r.has(form)).flat_map(Row::names).collect();
            seen.sort_unstable();
            let twice: Vec<&&str> = seen.windows(2).filter(|w| w[0] == w[1]).map(|w| &w[0]).collect();
            assert!(twice.is_empty(), "{twice:?}");
        }
    }

    #[test]
    fn primitives_of_one_operand_ask_for_nothing_else() {
        for row in rows() {
            let first = &row.overloads[0];
            if matches!(first.kind, Kind::Prim(prim) if prim.arity == 1) {
                let required = first.signature().params.iter().filter(|p| p.default.is_none()).count();
                assert_eq!(required, 1, "{}", row.name);
            }
        }
    }
}

//! Types as values: their names, who extends whom, and the type of each value.

use super::dict::DictKind;
use super::value::{TupleKind, Value};
use crate::base::ErrorKind;

macro_rules! types {
    ($($kind:ident $name:literal),* $(,)?) => {
        /// A builtin type.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum Type { $($kind,)* /** An exception type. */ Exc(ErrorKind) }

        impl Type {
            /// Every builtin type that is not an exception.
            pub const ALL: &'static [Type] = &[$(Type::$kind),*];

            /// The name that messages show: `int`, `list`, `ZeroDivisionError`.
            pub fn name(self) -> &'static str {
                match self { $(Type::$kind => $name,)* Type::Exc(kind) => kind.name() }
            }
        }
    };
}

types! {
    Object "object", Type "type", NoneType "NoneType", NotImplementedType "NotImplementedType", Ellipsis "ellipsis",
    Bool "bool", Int "int", Float "float", Complex "complex", Str "str", Bytes "bytes", List "list", Tuple "tuple", Dict "dict",
    Set "set", FrozenSet "frozenset", Slice "slice", Range "range", Function "function",
    Builtin "builtin_function_or_method", Module "module",
    DictKeys "dict_keys", DictValues "dict_values", DictItems "dict_items",
    ListIterator "list_iterator", ListReverse "list_reverseiterator", TupleIterator "tuple_iterator",
    RangeIterator "range_iterator", StrIterator "str_iterator", AsciiIterator "str_ascii_iterator",
    SetIterator "set_iterator", KeyIterator "dict_keyiterator", ValueIterator "dict_valueiterator",
    ItemIterator "dict_itemiterator", KeyReverse "dict_reversekeyiterator", CallableIterator "callable_iterator",
    Iterator "iterator", Enumerate "enumerate", Zip "zip", Map "map", Filter "filter", Reversed "reversed", Generator "generator",
    Deque "deque", OrderedDict "OrderedDict", DefaultDict "defaultdict", Counter "Counter",
    Tensor "Tensor", Parameter "Parameter", DType "dtype", Device "device", Size "Size", TorchGenerator "torch._C.Generator",
    Layout "layout", MemoryFormat "memory_format", TensorType "tensortype", TypedStorage "TypedStorage",
    UntypedStorage "UntypedStorage",
    NdArray "ndarray", Foreign "object",
}

impl Type {
    /// The name with its module, as `repr` and `help` show it.
    pub fn qualified(self) -> String {
        match self {
            Type::Exc(kind) => kind.qualified().to_owned(),
            Type::DType
            | Type::Device
            | Type::Size
            | Type::Tensor
            | Type::Layout
            | Type::MemoryFormat
            | Type::TensorType => format!("torch.{}", self.name()),
            Type::TypedStorage | Type::UntypedStorage => format!("torch.storage.{}", self.name()),
            Type::Parameter => "torch.nn.parameter.Parameter".to_owned(),
            Type::NdArray => "numpy.ndarray".to_owned(),
            Type::Deque | Type::OrderedDict | Type::DefaultDict | Type::Counter => {
                format!("collections.{}", self.name())
            }
            other => other.name().to_owned(),
        }
    }

    /// The type that this one extends; `object` is its own.
    pub fn parent(self) -> Type {
        match self {
            Type::Bool => Type::Int,
            Type::Size => Type::Tuple,
            Type::Parameter => Type::Tensor,
            Type::OrderedDict | Type::DefaultDict | Type::Counter => Type::Dict,
            Type::Exc(ErrorKind::BaseException) => Type::Object,
            Type::Exc(kind) => Type::Exc(kind.parent()),
            _ => Type::Object,
        }
    }

    /// `issubclass(self, base)`.
    pub fn is_a(self, base: Type) -> bool {
        let mut kind = self;
        loop {
            if kind == base || base == Type::Object {
                return true;
            }
            if kind == Type::Object {
                return false;
            }
            kind = kind.parent();
        }
    }
}

impl Value {
    /// Whether it is of a type; the types whose methods are called most are told without a call.
    #[inline(always)]
    pub fn is_of(&self, kind: Type) -> bool {
        match (self, kind) {
            (Value::List(_), Type::List) | (Value::Str(_), Type::Str) => true,
            (Value::Dict(dict), Type::Dict) => matches!(dict.kind, DictKind::Plain),
            _ => self.kind() == kind,
        }
    }

    /// The value's type; named tuples are tuples here.
    pub fn kind(&self) -> Type {
        match self {
            Value::Unset | Value::Cell(_) => Type::Object,
            Value::None => Type::NoneType,
            Value::NotImplemented => Type::NotImplementedType,
            Value::Ellipsis => Type::Ellipsis,
            Value::Bool(_) => Type::Bool,
            Value::Int(_) | Value::BigInt(_) => Type::Int,
            Value::Float(_) => Type::Float,
            Value::Complex(_) => Type::Complex,
            Value::Str(_) => Type::Str,
            Value::List(_) => Type::List,
            Value::Tuple(t) => match t.kind {
                TupleKind::Size => Type::Size,
                _ => Type::Tuple,
            },
            Value::Dict(d) => match d.kind {
                DictKind::Plain => Type::Dict,
                DictKind::Ordered => Type::OrderedDict,
                DictKind::Default(_) => Type::DefaultDict,
                DictKind::Counter => Type::Counter,
            },
            Value::Set(s) if s.frozen => Type::FrozenSet,
            Value::Set(_) => Type::Set,
            Value::Slice(_) => Type::Slice,
            Value::Range(_) => Type::Range,
            Value::View(v) => v.kind(),
            Value::Iter(it) => it.kind(),
            Value::Func(_) => Type::Function,
            Value::Builtin(_) | Value::Method(_) => Type::Builtin,
            Value::Module(_) => Type::Module,
            Value::Type(_) | Value::NamedType(_) => Type::Type,
            Value::Exc(e) => Type::Exc(e.kind),
            Value::DType(_) => Type::DType,
            Value::Device(_) => Type::Device,
            Value::Object(object) => object.kind(),
            Value::Tensor(_) => Type::Tensor,
        }
    }

    /// The type's name as messages show it.
    pub fn type_name(&self) -> String {
        match self {
            Value::Tuple(t) => match &t.kind {
                TupleKind::Named(named) => named.name.rsplit('.').next().unwrap_or(&named.name).to_owned(),
                TupleKind::Size => "torch.Size".to_owned(),
                TupleKind::Plain => "tuple".to_owned(),
            },
            Value::DType(_) => "torch.dtype".to_owned(),
            Value::Device(_) => "torch.device".to_owned(),
            Value::Iter(it) => it.type_name().to_owned(),
            o @ (Value::Object(_) | Value::Tensor(_)) => o.foreign().type_name().to_owned(),
            Value::Dict(_) => match self.kind() {
                Type::DefaultDict => "collections.defaultdict".to_owned(),
                Type::OrderedDict => "collections.OrderedDict".to_owned(),
                other => other.name().to_owned(),
            },
            other => other.kind().name().to_owned(),
        }
    }
}

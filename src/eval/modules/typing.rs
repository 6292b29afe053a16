//! The module `typing`: names for annotations, which tensh reads past.

use crate::base::error::type_error;
use crate::eval::args::Args;
use crate::eval::generic::form;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::module::Module;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use std::any::Any;

/// The names that take parameters, with the types that they stand for.
const FORMS: &[(&str, Option<Type>)] = &[
    ("Any", None),
    ("Union", None),
    ("Optional", None),
    ("Callable", None),
    ("Iterable", None),
    ("Iterator", None),
    ("Generator", Some(Type::Generator)),
    ("Sequence", None),
    ("MutableSequence", None),
    ("Mapping", None),
    ("MutableMapping", None),
    ("Collection", None),
    ("Container", None),
    ("Hashable", None),
    ("Sized", None),
    ("Literal", None),
    ("Final", None),
    ("ClassVar", None),
    ("Annotated", None),
    ("Generic", None),
    ("Protocol", None),
    ("NoReturn", None),
    ("Never", None),
    ("Self", None),
    ("TypeAlias", None),
    ("Type", Some(Type::Type)),
    ("List", Some(Type::List)),
    ("Tuple", Some(Type::Tuple)),
    ("Dict", Some(Type::Dict)),
    ("Set", Some(Type::Set)),
    ("FrozenSet", Some(Type::FrozenSet)),
    ("Deque", Some(Type::Deque)),
    ("DefaultDict", Some(Type::DefaultDict)),
    ("OrderedDict", Some(Type::OrderedDict)),
    ("Counter", Some(Type::Counter)),
];

builtin_table! {
    /// Functions of typing.
    TABLE of "typing" {
        "cast" ("typ, val") "Return the value; the type says something to the reader alone." => |_, a| Ok(a[1].clone());
        "TypeVar" ("name, *constraints, bound=None, covariant=False, contravariant=False") "Make a type variable." => |_, a| match &a[0] {
            Value::Str(name) => Ok(Value::object(Variable { name: name.text.to_string() })),
            _ => Err(type_error("name must be a str").into()),
        };
        "overload" ("func") "Return the function." => |_, a| Ok(a[0].clone());
        "final" ("f") "Return the function." => |_, a| Ok(a[0].clone());
        "get_origin" ("tp") "Return the type that has the parameters." => |it, a| match &a[0] {
            Value::Object(_) => Ok(it.find_attr(&a[0], "__origin__")?.unwrap_or(Value::None)),
            _ => Ok(Value::None),
        };
        "get_args" ("tp") "Return the parameters of a type." => |it, a| match &a[0] {
            Value::Object(_) => Ok(it.find_attr(&a[0], "__args__")?.unwrap_or_else(|| Value::tuple([]))),
            _ => Ok(Value::tuple([])),
        };
        "NamedTuple" ("typename, fields=()") "Make a type of tuples whose values have names." => |it, a| {
            let mut names = Vec::new();
            for field in it.collect(&a[1])? {
                names.push(it.get_item(&field, &Value::Int(0))?);
            }
            let make = it.import("collections", true)?;
            let make = it.get_attr(&make, "namedtuple")?;
            it.call(&make, Args::of([a[0].clone(), Value::list(names)]))
        };
    }
}

/// A type variable.
struct Variable {
    name: String,
}

impl Object for Variable {
    fn type_name(&self) -> &str {
        "TypeVar"
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(format!("~{}", self.name))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn lookup(name: &str) -> Option<Value> {
    if name == "TYPE_CHECKING" {
        return Some(Value::Bool(false));
    }
    let (name, origin) = FORMS.iter().find(|(n, _)| *n == name)?;
    Some(form(name, origin.map_or(Value::None, Value::Type)))
}

/// The module.
pub fn module() -> Module {
    Module {
        lookup,
        others: || FORMS.iter().map(|(name, _)| (*name).to_owned()).collect(),
        ..Module::new("typing", &[TABLE])
    }
}

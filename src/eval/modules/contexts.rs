//! The modules `contextlib` and `warnings`.

use crate::base::ErrorKind;
use crate::base::error::{Error, value_error};
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::module::Module;
use crate::eval::object::Object;
use crate::eval::raise::{Exc, Raise, Res};
use crate::eval::value::{NamedType, Value};
use std::any::Any;
use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

builtin_table! {
    /// Functions of contextlib.
    CONTEXTLIB of "contextlib" {
        "nullcontext" ("enter_result=None") "Make a context that does nothing." => |_, a| {
            let value = a[0].given().cloned().unwrap_or(Value::None);
            Ok(Value::object(Context::Null(value)))
        };
        "suppress" ("*exceptions") "Make a context that ends quietly at some exceptions." => |_, a| Ok(Value::object(Context::Suppress(a[0].clone())));
    }
}

builtin_table! {
    /// Functions of warnings.
    WARNINGS of "warnings" {
        "warn" ("message, category=None, stacklevel=1, source=None") "Write a warning to stderr, once a text." => |it, a| {
            let kind = match (&a[0], a[1].some()) {
                (Value::Exc(exc), _) => exc.kind,
                (_, Some(Value::Type(Type::Exc(kind)))) => *kind,
                _ => ErrorKind::UserWarning,
            };
            let text = it.str(&a[0])?;
            warn(it, kind, text)?;
            Ok(Value::None)
        };
        "simplefilter" ("action, category=None, lineno=0, append=False") "Say what happens with warnings." => |_, a| filter(&a[0], a[1].some());
        "filterwarnings" ("action, message='', category=None, module='', lineno=0, append=False") "Say what happens with warnings." =>
            |_, a| filter(&a[0], a[2].some());
        "resetwarnings" ("") "Forget what was said about warnings." => |_, _| {
            STATE.with(|state| state.borrow_mut().rules.clear());
            Ok(Value::None)
        };
        "catch_warnings" ("*, record=False, module=None, action=None, category=None, lineno=0, append=False") "Make a context behind which the filters are as before." => |it, a| {
            let record = match a[0].given() { Some(flag) => it.truth(&flag.clone())?, None => false };
            Ok(Value::object(Context::Warnings { record, before: RefCell::default() }))
        };
    }
}

/// What happens with warnings: rules, the last first, and where they go instead of stderr.
#[derive(Clone, Default)]
struct Warnings {
    rules: Vec<(ErrorKind, String)>,
    record: Option<Value>,
    seen: Vec<String>,
}

thread_local! {
    static STATE: RefCell<Warnings> = RefCell::default();
}

fn filter(action: &Value, category: Option<&Value>) -> Res {
    let action = action.as_str().unwrap_or_default();
    if !["default", "error", "ignore", "always", "module", "once"].contains(&action) {
        return Err(Error::new(ErrorKind::AssertionError, format!("invalid action: '{action}'")).into());
    }
    let kind = match category {
        None => ErrorKind::Warning,
        Some(Value::Type(Type::Exc(kind))) => *kind,
        Some(_) => return Err(value_error("category must be a Warning subclass").into()),
    };
    STATE.with(|state| state.borrow_mut().rules.push((kind, action.to_owned())));
    Ok(Value::None)
}

/// A warning: what the last rule for its kind says.
fn warn(it: &mut Interp, kind: ErrorKind, text: String) -> Res<()> {
    let line = format!("{}: {text}", kind.qualified());
    let (action, record, known) = STATE.with(|state| {
        let mut state = state.borrow_mut();
        let rule = state.rules.iter().rev().find(|(base, _)| kind.is_a(*base));
        let action = rule.map_or_else(|| "default".to_owned(), |(_, action)| action.clone());
        let known = state.seen.contains(&line);
        if !known {
            state.seen.push(line.clone());
        }
        (action, state.record.clone(), known)
    });
    match (action.as_str(), record) {
        ("error", _) => Err(Raise::new(kind, vec![Value::from(text)])),
        ("ignore", _) => Ok(()),
        (_, Some(Value::List(list))) => {
            let fields = ["message", "category"].map(Into::into).to_vec();
            let named = NamedType { name: "WarningMessage".into(), fields, defaults: Vec::new(), torch: false };
            let message = Value::Exc(Rc::new(Exc::new(kind, vec![Value::from(text)])));
            list.items.borrow_mut().push(Value::named(&Rc::new(named), vec![message, Value::Type(Type::Exc(kind))]));
            Ok(())
        }
        (action, _) if known && action != "always" => Ok(()),
        _ => {
            // A closed stderr is nobody's business here.
            let _ = it.out.flush();
            let _ = writeln!(it.err, "{line}");
            Ok(())
        }
    }
}

/// The contexts of both modules.
enum Context {
    Null(Value),
    Suppress(Value),
    Warnings { record: bool, before: RefCell<Warnings> },
}

impl Object for Context {
    fn type_name(&self) -> &str {
        match self {
            Context::Null(_) => "nullcontext",
            Context::Suppress(_) => "suppress",
            Context::Warnings { .. } => "catch_warnings",
        }
    }

    fn enter(&self, _: &mut Interp, this: &Value) -> Res<Option<Value>> {
        Ok(Some(match self {
            Context::Null(value) => value.clone(),
            Context::Suppress(_) => this.clone(),
            Context::Warnings { record, before } => STATE.with(|state| {
                let mut state = state.borrow_mut();
                *before.borrow_mut() = state.clone();
                if *record {
                    state.record = Some(Value::list(Vec::new()));
                }
                state.record.clone().filter(|_| *record).unwrap_or(Value::None)
            }),
        }))
    }

    fn exit(&self, _: &mut Interp, exc: Option<&Rc<Exc>>) -> Res<bool> {
        match self {
            Context::Null(_) => Ok(false),
            Context::Suppress(kinds) => exc.map_or(Ok(false), |exc| crate::eval::stmt::catches(kinds, exc.kind)),
            Context::Warnings { before, .. } => {
                let old = STATE.with(|state| state.replace(before.take()));
                drop(old);
                Ok(false)
            }
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The module contextlib.
pub fn contextlib() -> Module {
    Module::new("contextlib", &[CONTEXTLIB])
}

/// The module warnings.
pub fn warnings() -> Module {
    Module::new("warnings", &[WARNINGS])
}

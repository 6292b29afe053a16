//! `help`, `dir`, `vars`, `globals`: what there is.

use super::functions::dir;
use crate::base::error::type_error;
use crate::eval::dict::Map;
use crate::eval::hash::Key;
use crate::eval::help;
use crate::eval::interp::Interp;
use crate::eval::value::Value;
use std::io::Write;

builtin_table! {
    /// Functions that tell what there is.
    TABLE of "" {
        "help" ("request=None, /") "Print what a function takes and does." => |it, a| {
            let text = match a[0].given() {
                Some(value) => help::text(value),
                None => "help(x) prints what x takes and does; dir(x) lists its attributes; dir() lists your names.\n".to_owned(),
            };
            super::output::write_out(it, &text)?;
            Ok(Value::None)
        };
        "dir" ("object=None, /") "Return the names of an object's attributes, or of your variables." =>
            |it, a| Ok(match a[0].given() {
                Some(value) => dir(value),
                None => {
                    let mut names: Vec<String> = it.globals.defined().map(|(n, _)| n.to_string()).collect();
                    names.sort();
                    Value::list(names.into_iter().map(Value::from).collect())
                }
            });
        "vars" ("object=None, /") "Return your variables, or a module's, as a dict." => |it, a| match a[0].given() {
            None => Ok(globals(it)),
            Some(Value::Module(module)) => {
                let mut map = Map::default();
                for name in module.names() {
                    if let Some(value) = module.get(&name) {
                        map.insert(Key::str(&name), value);
                    }
                }
                Ok(Value::dict(map))
            }
            Some(_) => Err(type_error("vars() argument must have __dict__ attribute").at(&[0]).into()),
        };
        "globals" ("") "Return a copy of the session's variables as a dict." => |it, _| Ok(globals(it));
    }
}

fn globals(it: &Interp) -> Value {
    Value::dict(it.globals.defined().map(|(name, value)| (Key::str(name), value.clone())).collect())
}

/// Flushes what was printed.
pub fn flush(it: &mut Interp) {
    // A closed pipe shows at the next write.
    let _ = it.out.flush();
}

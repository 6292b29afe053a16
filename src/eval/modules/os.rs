//! The modules `os` and `os.path`: names of files, the environment, the machine.

use crate::base::ErrorKind;
use crate::base::error::type_error;
use crate::eval::dict::Map;
use crate::eval::hash::Key;
use crate::eval::interp::Interp;
use crate::eval::module::Module;
use crate::eval::raise::{Raise, Res};
use crate::eval::value::Value;
use std::fs;
use std::path::Path;
use std::rc::Rc;

builtin_table! {
    /// Functions of os.
    TABLE of "os" {
        "getcwd" ("") "Return the folder that relative names start from." =>
            |_, _| Ok(Value::from(std::env::current_dir().unwrap_or_default().to_string_lossy().into_owned()));
        "cpu_count" ("") "Return how many processors there are." =>
            |_, _| Ok(std::thread::available_parallelism().map_or(Value::None, |n| Value::count(n.get())));
        "getpid" ("") "Return the number of this process." => |_, _| Ok(Value::Int(i64::from(std::process::id())));
        "getenv" ("key, default=None") "Return a variable of the environment." =>
            |_, a| Ok(std::env::var(text(&a[0])?).map_or_else(|_| a[1].given().cloned().unwrap_or(Value::None), Value::from));
        "listdir" ("path='.'") "Return the names in a folder." => |_, a| {
            let path = a[0].some().map_or(Ok("."), text)?;
            let entries = fs::read_dir(path).map_err(|e| failed(&e, path))?;
            let names = entries.flatten().map(|entry| Value::from(entry.file_name().to_string_lossy().into_owned()));
            Ok(Value::list(names.collect()))
        };
        "makedirs" ("name, mode=511, exist_ok=False") "Make a folder and those above it." => |it, a| {
            let name = text(&a[0])?;
            let there = a[2].given().cloned().unwrap_or(Value::Bool(false));
            if Path::new(name).is_dir() && !it.truth(&there)? {
                return Err(failed(&std::io::Error::from_raw_os_error(17), name));
            }
            fs::create_dir_all(name).map_err(|e| failed(&e, name))?;
            Ok(Value::None)
        };
    }
}

builtin_table! {
    /// Functions of os.path.
    PATH of "os.path" {
        "join" ("a, /, *p") "Return the parts as one path." => |it, a| {
            let mut path = text(&a[0])?.to_owned();
            for part in it.collect(&a[1])? {
                let part = text(&part)?.to_owned();
                if part.starts_with('/') {
                    path = part;
                } else {
                    if !path.is_empty() && !path.ends_with('/') {
                        path.push('/');
                    }
                    path.push_str(&part);
                }
            }
            Ok(Value::from(path))
        };
        "split" ("p") "Return the folder and the name." => |_, a| {
            let (head, tail) = split(text(&a[0])?);
            Ok(Value::tuple([Value::from(head), Value::from(tail)]))
        };
        "basename" ("p") "Return the name without its folder." => |_, a| Ok(Value::from(split(text(&a[0])?).1));
        "dirname" ("p") "Return the folder of a path." => |_, a| Ok(Value::from(split(text(&a[0])?).0));
        "splitext" ("p") "Return the path without its ending, and the ending." => |_, a| {
            let path = text(&a[0])?;
            let start = path.len() - split(path).1.len();
            let name = path[start..].trim_start_matches('.');
            let at = name.rfind('.').map_or(path.len(), |dot| path.len() - name.len() + dot);
            Ok(Value::tuple([Value::from(&path[..at]), Value::from(&path[at..])]))
        };
        "exists" ("path") "Return whether there is such a file or folder." => |_, a| Ok(Value::Bool(Path::new(text(&a[0])?).exists()));
        "isfile" ("path") "Return whether there is such a file." => |_, a| Ok(Value::Bool(Path::new(text(&a[0])?).is_file()));
        "isdir" ("s") "Return whether there is such a folder." => |_, a| Ok(Value::Bool(Path::new(text(&a[0])?).is_dir()));
        "isabs" ("s") "Return whether a path begins at the root." => |_, a| Ok(Value::Bool(text(&a[0])?.starts_with('/')));
        "getsize" ("filename") "Return the bytes of a file." => |_, a| {
            let path = text(&a[0])?;
            Ok(Value::Int(fs::metadata(path).map_err(|e| failed(&e, path))?.len() as i64))
        };
        "normpath" ("path") "Return the path without `.` and `..`." => |_, a| Ok(Value::from(normal(text(&a[0])?)));
        "abspath" ("path") "Return the path from the root." => |_, a| {
            let path = text(&a[0])?;
            let here = std::env::current_dir().unwrap_or_default();
            Ok(Value::from(normal(&here.join(path).to_string_lossy())))
        };
        "expanduser" ("path") "Return the path with the home folder for `~`." => |_, a| {
            let path = text(&a[0])?;
            match (path.strip_prefix('~'), std::env::var("HOME")) {
                (Some(rest), Ok(home)) if rest.is_empty() || rest.starts_with('/') => Ok(Value::from(home + rest)),
                _ => Ok(Value::from(path)),
            }
        };
    }
}

fn text(value: &Value) -> Res<&str> {
    match value {
        Value::Str(text) => Ok(&text.text),
        other => {
            let message = format!("expected str, bytes or os.PathLike object, not {}", other.type_name());
            Err(type_error(message).at(&[0]).into())
        }
    }
}

/// `[Errno 2] No such file or directory: 'x'`.
fn failed(error: &std::io::Error, path: &str) -> Raise {
    let code = error.raw_os_error().unwrap_or(0);
    let kind = match code {
        2 => ErrorKind::FileNotFoundError,
        17 => ErrorKind::FileExistsError,
        _ => ErrorKind::OSError,
    };
    let words = error.to_string();
    let words = words.split(" (os error").next().unwrap_or(&words);
    let shown = crate::eval::text::str_repr::str_repr(path);
    crate::base::Error::new(kind, format!("[Errno {code}] {words}: {shown}")).into()
}

/// The folder and the name; the folder keeps no slash unless it is the root.
fn split(path: &str) -> (&str, &str) {
    let at = path.rfind('/').map_or(0, |at| at + 1);
    let head = path[..at].trim_end_matches('/');
    (if head.is_empty() { &path[..at] } else { head }, &path[at..])
}

fn normal(path: &str) -> String {
    let root = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match (part, parts.last()) {
            ("..", None) if root => {}
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    match (root, parts.join("/")) {
        (true, rest) => format!("/{rest}"),
        (false, rest) if rest.is_empty() => ".".to_owned(),
        (false, rest) => rest,
    }
}

fn path() -> Module {
    Module::new("posixpath", &[PATH]).with("sep", Value::from("/"))
}

/// The module.
pub fn module(_: &Interp) -> Module {
    let environ: Map = std::env::vars().map(|(name, value)| (Key::str(&name), Value::from(value))).collect();
    Module::new("os", &[TABLE])
        .with("path", Value::Module(Rc::new(path())))
        .with("environ", Value::dict(environ))
        .with("name", Value::from("posix"))
        .with("sep", Value::from("/"))
        .with("linesep", Value::from("\n"))
        .with("pathsep", Value::from(":"))
        .with("curdir", Value::from("."))
        .with("pardir", Value::from(".."))
}

//! The `%` commands.

use super::command::options;
use super::{Flow, Prompt, about, cpu_time, devices, explain, record, timing, variables};
use crate::base::interrupt;
use crate::eval::Value;
use crate::eval::args::Args;
use crate::eval::interp::Echo;
use crate::eval::session::plain_echo;
use crate::print::suggest::did_you_mean;
use crate::tensor::backend;
use std::cell::RefCell;
use std::io::Write;
use std::path::Path;
use std::process::Command as Process;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// The commands and what they take and do.
pub const NAMES: &[(&str, &str)] = &[
    ("breakeven", "EXPRESSION: its time on the CPU and the GPU over sizes, and from which size the GPU wins"),
    ("cd", "[FOLDER]: go to a folder, or home"),
    ("explain", "EXPRESSION: what each step of it makes, reads, writes and takes"),
    ("graph", "EXPRESSION [FILE.svg]: the graph behind a tensor, a node a line, or as a picture"),
    ("hist", "[-n]: the session's lines, with their numbers"),
    ("load", "FILE: put a file's text on the line"),
    ("ls", "[ARGS]: list files"),
    ("lsmagic", ": list these commands"),
    ("mem", ": the memory that tensors hold on each device and by variable, and the process"),
    ("pwd", ": the folder that files are looked for in"),
    ("reset", "[-f]: forget all variables; -f does not ask"),
    ("run", "FILE [ARGS]: run a script in this session"),
    ("save", "[-f] FILE.md: write the session as a golden that tensh test and Python's doctest run; -f overwrites"),
    ("shape", "[on|off]: the line with dtype and shape below each tensor"),
    ("time", "STATEMENT: how long a statement takes"),
    ("timeit", "[-n LOOPS] [-r RUNS] STATEMENT: how long a statement takes, on average over many runs"),
    ("transfers", ": what was copied between the CPU and the GPU, by line and variable"),
    ("who", ": the names of your variables"),
    ("whos", ": your variables with type, dtype, shape, device, bytes, and which share memory"),
];

/// Runs a command.
///
/// # Errors
/// What to say on stderr.
pub fn run(prompt: &mut Prompt<'_>, name: &str, rest: &str) -> Result<Flow, String> {
    if rest == "?" || rest == "??" {
        let text = about::of_magic(name).ok_or_else(|| unknown(name))?;
        return prompt.print(&text);
    }
    match name {
        "lsmagic" | "magic" => {
            let lines: String = NAMES.iter().map(|(name, doc)| format!("%{name} {doc}\n").replace(" :", ":")).collect();
            prompt.print(&(lines + "!COMMAND: run a command of the shell\nNAME?, NAME??: what it is, its source\n"))
        }
        "who" => prompt.print(&variables::who(&prompt.session.interp)),
        "whos" => {
            let text = variables::whos(&mut prompt.session.interp);
            prompt.print(&text)
        }
        "hist" | "history" => hist(prompt, rest),
        "shape" => shape(prompt, rest),
        "explain" => explain(prompt, rest),
        "graph" => graph(prompt, rest),
        "mem" => {
            let text = devices::memory(&prompt.session.interp);
            prompt.print(&text)
        }
        "transfers" => {
            let text = devices::transfers(&prompt.record);
            prompt.print(&text)
        }
        "breakeven" if rest.is_empty() => Err(usage(name)),
        "breakeven" => {
            let text = devices::breakeven(&mut prompt.session.interp, rest)?;
            prompt.print(&text)
        }
        "reset" => reset(prompt, rest),
        "time" => time(prompt, rest),
        "timeit" => timeit(prompt, rest),
        "run" => run_file(prompt, rest),
        "load" => {
            let text = std::fs::read_to_string(rest).map_err(|e| format!("{rest}: {e}"))?;
            prompt.next_text = Some(super::line::buffer_of(&text));
            Ok(Flow::On)
        }
        "save" => save(prompt, rest),
        "cd" => {
            let home = std::env::var("HOME").unwrap_or_default();
            let folder = match rest.trim_matches(['\'', '"']) {
                "" => home,
                rest => rest.strip_prefix('~').map_or(rest.to_owned(), |rest| home + rest),
            };
            std::env::set_current_dir(&folder).map_err(|e| format!("{folder}: {e}"))?;
            pwd(prompt)
        }
        "pwd" => pwd(prompt),
        "ls" => {
            shell(prompt, &format!("ls {rest}"))?;
            Ok(Flow::On)
        }
        _ => Err(unknown(name)),
    }
}

fn unknown(name: &str) -> String {
    let help = did_you_mean(name, NAMES.iter().map(|(n, _)| *n)).unwrap_or_else(|| "%lsmagic lists them".to_owned());
    format!("UsageError: Line magic function `%{name}` not found.\n  = help: {help}")
}

fn usage(name: &str) -> String {
    let doc = NAMES.iter().find(|(n, _)| *n == name).map_or("", |(_, doc)| doc);
    format!("UsageError: %{name} {doc}")
}

/// Runs a command of the shell; what it prints goes where the session prints.
pub fn shell(prompt: &mut Prompt<'_>, command: &str) -> Result<Flow, String> {
    let _ = prompt.session.interp.out.flush();
    let status = Process::new("sh").arg("-c").arg(command).status().map_err(|e| format!("sh: {e}"))?;
    // Ctrl-C was for the command.
    let _ = interrupt::check();
    match status.code() {
        Some(127) => Err(String::new()),
        _ => Ok(Flow::On),
    }
}

fn pwd(prompt: &mut Prompt<'_>) -> Result<Flow, String> {
    let here = std::env::current_dir().map_err(|e| e.to_string())?;
    prompt.print(&format!("{}\n", here.display()))
}

fn hist(prompt: &mut Prompt<'_>, rest: &str) -> Result<Flow, String> {
    let (found, _) = options(rest, "l", "n")?;
    let numbers = found.iter().any(|(letter, _)| *letter == 'n');
    let mut out = String::new();
    for entry in &prompt.record.entries {
        let source = entry.source.trim_end();
        if numbers {
            out.push_str(&format!("{:>4}:{}", entry.number, if source.contains('\n') { '\n' } else { ' ' }));
        }
        out.push_str(source);
        out.push('\n');
    }
    prompt.print(&out)
}

fn shape(prompt: &mut Prompt<'_>, rest: &str) -> Result<Flow, String> {
    let on = match rest {
        "on" => true,
        "off" => false,
        "" => !prompt.shape.get(),
        _ => return Err(usage("shape")),
    };
    prompt.shape.set(on);
    prompt.note(if on { "shapes are shown" } else { "shapes are not shown" });
    Ok(Flow::On)
}

fn reset(prompt: &mut Prompt<'_>, rest: &str) -> Result<Flow, String> {
    if rest != "-f" {
        prompt.print("Once deleted, variables cannot be recovered. Proceed (y/[n])? ")?;
        let mut answer = String::new();
        let _ = std::io::stdin().read_line(&mut answer);
        let _ = interrupt::check();
        if !answer.trim().eq_ignore_ascii_case("y") {
            return prompt.print("Nothing done.\n");
        }
    }
    prompt.session.interp.globals.clear();
    Ok(Flow::On)
}

fn time(prompt: &mut Prompt<'_>, statement: &str) -> Result<Flow, String> {
    if statement.is_empty() {
        return Err(usage("time"));
    }
    // The value is shown below the times.
    let value: Rc<RefCell<Option<Value>>> = Rc::default();
    let slot = value.clone();
    let echo: Echo = Rc::new(move |_, value| {
        *slot.borrow_mut() = Some(value.clone());
        Ok(())
    });
    let before = cpu_time::used();
    let start = Instant::now();
    let (done, flow) = prompt.run_quietly("<time>", statement, Some(echo));
    devices::synchronize();
    let wall = start.elapsed();
    let after = cpu_time::used();
    if !done {
        return Ok(flow);
    }
    let (user, system) = (after.0 - before.0, after.1 - before.1);
    let seconds = |d: Duration| timing::span(d.as_secs_f64());
    prompt.print(&format!(
        "CPU times: user {}, sys: {}, total: {}\nWall time: {}\n",
        seconds(user),
        seconds(system),
        seconds(user + system),
        seconds(wall)
    ))?;
    let shown = value.borrow_mut().take();
    if let Some(value) = shown {
        prompt.show(&value);
    }
    Ok(flow)
}

fn explain(prompt: &mut Prompt<'_>, text: &str) -> Result<Flow, String> {
    if text.is_empty() {
        return Err(usage("explain"));
    }
    let copy = backend::copy_rate(crate::base::Device::Cpu);
    let trace = explain::begin(&mut prompt.session.interp);
    let began = Instant::now();
    let mut steps = None;
    let (flow, error) = prompt.run_changed("<explain>", text, None, &mut |block| steps = explain::wrap(block));
    let took = began.elapsed();
    let report = trace.report(&mut prompt.session.interp, steps.as_deref().unwrap_or(&[]), took, copy);
    match (error, steps) {
        (None, Some(_)) => prompt.print(&report),
        (None, None) => Err("UsageError: %explain takes one expression".to_owned()),
        _ => Ok(flow),
    }
}

/// `%graph`: [`tensh.graph`](crate::eval::torch::autograd) of an expression.
fn graph(prompt: &mut Prompt<'_>, text: &str) -> Result<Flow, String> {
    let (expression, file) = match text.rsplit_once(char::is_whitespace) {
        Some((expression, file)) if file.ends_with(".svg") => (expression, format!(", {file:?}")),
        _ => (text, String::new()),
    };
    if expression.is_empty() {
        return Err(usage("graph"));
    }
    let source = format!("from tensh import graph as __graph__\n__graph__({expression}{file})");
    let (_, flow) = prompt.run_quietly("<graph>", &source, None);
    prompt.session.interp.globals.remove("__graph__");
    Ok(flow)
}

fn timeit(prompt: &mut Prompt<'_>, rest: &str) -> Result<Flow, String> {
    let (found, statement) = options(rest, "nr", "q")?;
    let number = |letter: char| -> Result<Option<u64>, String> {
        let text = found.iter().rfind(|(l, _)| *l == letter).map(|(_, value)| *value);
        match text.map(str::parse::<u64>) {
            None => Ok(None),
            Some(Ok(n)) if n > 0 => Ok(Some(n)),
            Some(_) => Err(format!("UsageError: option -{letter} takes a whole number above 0")),
        }
    };
    let (loops, runs) = (number('n')?, number('r')?.unwrap_or(7));
    if statement.is_empty() {
        return Err(usage("timeit"));
    }
    let (made, flow) = prompt.run_quietly("<timeit>", &timing::function(statement), None);
    let function = prompt.session.interp.globals.remove("__timeit__");
    let (true, Some(function)) = (made, function) else { return Ok(flow) };
    let mut one = |loops: u64| -> Option<Duration> {
        let start = Instant::now();
        let (called, _) =
            prompt.call(&function, Args::of([Value::Int(loops as i64), Value::Builtin(&timing::SETTLE[0])]));
        devices::synchronize();
        called.then(|| start.elapsed())
    };
    let loops = match loops {
        Some(n) => n,
        None => {
            // As many loops, in powers of ten, as take 0.2 s.
            let mut n = 1;
            loop {
                let Some(took) = one(n) else { return Ok(Flow::On) };
                if took.as_secs_f64() >= 0.2 || n >= 1_000_000_000 {
                    break n;
                }
                n *= 10;
            }
        }
    };
    let mut times = Vec::new();
    for _ in 0..runs {
        let Some(took) = one(loops) else { return Ok(Flow::On) };
        times.push(took);
    }
    prompt.print(&format!("{}\n", timing::report(&times, loops)))
}

fn run_file(prompt: &mut Prompt<'_>, rest: &str) -> Result<Flow, String> {
    let words: Vec<String> = rest.split_whitespace().map(|w| w.trim_matches(['\'', '"']).to_owned()).collect();
    let Some(file) = words.first() else { return Err(usage("run")) };
    let text = std::fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?;
    let echo = (!file.ends_with(".py")).then(plain_echo);
    let before = std::mem::replace(&mut prompt.session.interp.argv, words.clone());
    let (_, flow) = prompt.run_quietly(file, &text, echo);
    prompt.session.interp.argv = before;
    // A script's exit ends the script alone.
    Ok(match flow {
        Flow::Exit(_) => Flow::On,
        flow => flow,
    })
}

fn save(prompt: &mut Prompt<'_>, rest: &str) -> Result<Flow, String> {
    let (found, file) = options(rest, "", "f")?;
    if file.is_empty() {
        return Err(usage("save"));
    }
    let file = if Path::new(file).extension().is_some() { file.to_owned() } else { format!("{file}.md") };
    if found.is_empty() && Path::new(&file).exists() {
        return Err(format!("{file} exists; %save -f {file} overwrites it"));
    }
    let title = Path::new(&file).file_stem().map_or(file.clone(), |s| s.to_string_lossy().into_owned());
    let text = record::golden(&prompt.record.entries, &title);
    std::fs::write(&file, &text).map_err(|e| format!("{file}: {e}"))?;
    let examples = text.lines().filter(|line| line.starts_with(">>> ")).count();
    prompt.note(&format!("{examples} examples in {file}; tensh test {file} runs them"));
    Ok(Flow::On)
}

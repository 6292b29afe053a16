//! The command line.

use crate::golden::Settings;
use lexopt::{Arg, Parser, ValueExt};
use std::ffi::OsString;
use std::path::PathBuf;

/// What `--help` says.
pub const HELP: &str = "\
tensh, the tensor shell: PyTorch's names and meaning in one small binary.

Usage: tensh [OPTIONS] [FILE [ARGS...]]
       tensh [OPTIONS] -c CODE
       tensh test [OPTIONS] PATHS...

Without FILE and -c: a prompt at a terminal, else a script from stdin.

Options:
  -c CODE           run CODE; may be given several times
  -i                go on at the prompt behind FILE or -c
  -                 a script from stdin
      --echo        print the value of expression statements (not the habit for .py files)
      --no-echo     do not
      --keep-going  go on behind a statement that failed
      --device D    the device that tensors are made on
      --strict-device  refuse what a GPU has no form of, rather than run it on the CPU
      --seed N      seed of the random numbers
      --color WHEN  auto, always or never
      --no-config   read no configuration and keep no history
  -q                no banner
  -V, --version     the version, and PyTorch's that it follows
  -h, --help        this text

Exit status: 0; 1 after an uncaught error; 2 for wrong usage; 130 after Ctrl-C.
";

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// At a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What is to be done.
#[derive(Debug, Default)]
pub enum Work {
    /// Print the help.
    Help,
    /// Print the version.
    Version,
    /// Golden tests.
    Test(Settings),
    /// Print the op table, for the differential tester.
    Table,
    /// Run a file, code or stdin.
    Script,
    /// The prompt.
    #[default]
    Prompt,
}

/// The command line, read.
#[derive(Debug, Default)]
pub struct Arguments {
    /// What is to be done.
    pub work: Work,
    /// The script.
    pub file: Option<PathBuf>,
    /// `-c`, each with its own.
    pub code: Vec<String>,
    /// What stands behind the script.
    pub rest: Vec<String>,
    /// Go on at the prompt.
    pub interactive: bool,
    /// `--echo`, `--no-echo`.
    pub echo: Option<bool>,
    /// Go on behind errors.
    pub keep_going: bool,
    /// `--device`.
    pub device: Option<String>,
    /// `--strict-device`.
    pub strict_device: bool,
    /// `--seed`.
    pub seed: Option<i64>,
    /// `--color`.
    pub color: Color,
    /// `--no-config`.
    pub no_config: bool,
    /// `-q`.
    pub quiet: bool,
}

impl Arguments {
    /// Reads the command line.
    ///
    /// # Errors
    /// Unknown options, and options without their value.
    pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Arguments, lexopt::Error> {
        let mut parser = Parser::from_iter(args);
        let mut out = Arguments::default();
        let mut stdin = false;
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Short('c') => out.code.push(parser.value()?.string()?),
                Arg::Short('i') => out.interactive = true,
                Arg::Short('q') => out.quiet = true,
                Arg::Short('V') | Arg::Long("version") => out.work = Work::Version,
                Arg::Long("table") => out.work = Work::Table,
                Arg::Short('h') | Arg::Long("help") => out.work = Work::Help,
                Arg::Long("echo") => out.echo = Some(true),
                Arg::Long("no-echo") => out.echo = Some(false),
                Arg::Long("keep-going") => out.keep_going = true,
                Arg::Long("no-config") => out.no_config = true,
                Arg::Long("strict-device") => out.strict_device = true,
                Arg::Long("device") => out.device = Some(parser.value()?.string()?),
                Arg::Long("seed") => out.seed = Some(parser.value()?.parse()?),
                Arg::Long("color") => {
                    out.color = match parser.value()?.string()?.as_str() {
                        "auto" => Color::Auto,
                        "always" => Color::Always,
                        "never" => Color::Never,
                        other => return Err(format!("--color takes auto, always or never, not '{other}'").into()),
                    }
                }
                Arg::Value(value) if value == "test" && out.code.is_empty() => {
                    let color = super::color_on_stderr(out.color);
                    out.work = Work::Test(Settings::parse(&mut parser, color)?);
                    return Ok(out);
                }
                Arg::Value(value) => {
                    if out.code.is_empty() && value == "-" {
                        stdin = true;
                    } else if out.code.is_empty() {
                        out.file = Some(value.into());
                    } else {
                        out.rest.push(value.string()?);
                    }
                    // What stands behind the script is the script's.
                    for more in parser.raw_args()? {
                        out.rest.push(more.string()?);
                    }
                }
                other => return Err(other.unexpected()),
            }
        }
        if matches!(out.work, Work::Prompt)
            && (out.file.is_some() || !out.code.is_empty() || stdin || !stdin_is_terminal())
        {
            out.work = Work::Script;
        }
        Ok(out)
    }
}

fn stdin_is_terminal() -> bool {
    std::io::IsTerminal::is_terminal(&std::io::stdin())
}

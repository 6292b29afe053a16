//! The arguments of `tensh test`.

use crate::base::Device;
use lexopt::{Arg, Error, Parser, ValueExt};
use std::path::PathBuf;

/// What `tensh test --help` says.
pub const HELP: &str = "\
Usage: tensh test [OPTIONS] PATHS...

Runs the examples in files of Python's doctest form: `>>> ` lines and the output expected of them.
Folders stand for their .md and .txt files; each file is a session of its own.

Options:
  --update        rewrite the outputs that differ
  --filter TEXT   only files whose path contains TEXT
  --device D      make tensors there, with the CPU's random numbers, and print them as if they were on the CPU
  --color WHEN    auto, always or never
  -h, --help      this text

Exit status: 0 all pass, 1 some fail, 2 nothing could be run.
";

/// What a run of `tensh test` is about.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Files, and folders whose `.md` and `.txt` files are meant.
    pub paths: Vec<PathBuf>,
    /// Rewrite expected outputs that differ.
    pub update: bool,
    /// Only files whose path contains this text.
    pub filter: Option<String>,
    /// Where tensors are made; the CPU, if none is named.
    pub device: Option<Device>,
    /// Colours in the report.
    pub color: bool,
    /// Only the help text is wanted.
    pub help: bool,
}

impl Settings {
    /// Reads what follows the word `test`; `color` is what `--color auto` means.
    ///
    /// # Errors
    /// Unknown options, and options without their value.
    pub fn parse(args: &mut Parser, color: bool) -> Result<Settings, Error> {
        let mut settings = Settings { color, ..Default::default() };
        while let Some(arg) = args.next()? {
            match arg {
                Arg::Long("update") => settings.update = true,
                Arg::Long("filter") => settings.filter = Some(args.value()?.string()?),
                Arg::Long("device") => {
                    let device = Device::parse(&args.value()?.string()?).map_err(|e| e.message().to_owned())?;
                    settings.device = Some(device);
                }
                Arg::Long("color") => {
                    settings.color = match args.value()?.string()?.as_str() {
                        "auto" => color,
                        "always" => true,
                        "never" => false,
                        other => return Err(format!("--color takes auto, always or never, not '{other}'").into()),
                    }
                }
                Arg::Short('h') | Arg::Long("help") => settings.help = true,
                Arg::Value(path) => settings.paths.push(path.into()),
                other => return Err(other.unexpected()),
            }
        }
        Ok(settings)
    }
}

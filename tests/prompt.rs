//! A real terminal drives the prompt: typing, blocks, pasting, completion, Ctrl-C, history, commands.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A terminal with a prompt in it; tmux is the terminal.
struct Terminal {
    socket: String,
    folder: PathBuf,
}

impl Terminal {
    /// A terminal that runs the prompt; `None`, with a word, where there is no tmux.
    fn new() -> Option<Terminal> {
        if Command::new("tmux").arg("-V").output().is_err() {
            eprintln!("skipped: no tmux here");
            return None;
        }
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("tensh-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&folder).expect("a folder");
        let terminal = Terminal { socket: name, folder };
        terminal.start();
        Some(terminal)
    }

    /// Starts the prompt, with a history of its own, and a shell that tells its exit status.
    fn start(&self) {
        let binary = env!("CARGO_BIN_EXE_tensh");
        let state = self.folder.display();
        let command = format!(
            "env NO_COLOR=1 XDG_STATE_HOME={state} {binary}; echo status=$?; env NO_COLOR=1 XDG_STATE_HOME={state} {binary} -q; sleep 600"
        );
        self.tmux(&["-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", "100", "-y", "40", &command]);
        self.wait_for(">>>");
    }

    fn tmux(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("tmux");
        command.args(["-L", &self.socket]).args(arguments).env_remove("TMUX").current_dir(&self.folder);
        command.output().expect("tmux runs")
    }

    /// Types text.
    fn text(&self, text: &str) {
        // A `;` at the end would separate tmux's own commands.
        let typed = match text.strip_suffix(';') {
            Some(rest) => format!("{rest}\\;"),
            None => text.to_owned(),
        };
        self.tmux(&["send-keys", "-t", "t", "-l", &typed]);
    }

    /// Presses a key: `Enter`, `C-c`, `Tab`.
    fn key(&self, key: &str) {
        self.tmux(&["send-keys", "-t", "t", key]);
    }

    /// Types a line and waits until the next prompt stands below it.
    fn line(&self, text: &str) {
        self.text(text);
        self.wait_for(text.lines().last().unwrap_or(""));
        let typed = self.screen();
        self.key("Enter");
        self.wait_until("a prompt", |screen| screen != typed && (screen.ends_with(">>>") || screen.ends_with("...")));
    }

    fn paste(&self, text: &str) {
        std::fs::write(self.folder.join("paste"), text).expect("a file");
        self.tmux(&["load-buffer", "paste"]);
        self.tmux(&["paste-buffer", "-p", "-t", "t"]);
    }

    fn screen(&self) -> String {
        let shown = self.tmux(&["capture-pane", "-p", "-t", "t"]).stdout;
        String::from_utf8_lossy(&shown).trim_end().to_owned()
    }

    fn wait_until(&self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let screen = self.screen();
            if holds(&screen) {
                return screen;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "no {what} on the screen:\n{screen}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn wait_for(&self, text: &str) -> String {
        self.wait_until(&format!("{text:?}"), |screen| screen.contains(text))
    }

    fn clear(&self) {
        self.key("C-l");
        self.wait_until("an empty screen", |screen| screen == ">>>");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn lines_and_blocks_run() {
    let Some(t) = Terminal::new() else { return };
    assert!(t.screen().starts_with("tensh "), "{}", t.screen());
    t.clear();
    t.line("x = ones(2, 3)");
    t.line("x * 2");
    t.line("x;");
    t.line("_.shape");
    t.line("def f(a):");
    t.line("if a > 1:");
    t.line("return 'big'");
    t.line("");
    t.line("f(2)");
    let screen = t.wait_for("'big'\n>>>");
    let want = "\
>>> x = ones(2, 3)
>>> x * 2
tensor([[2., 2., 2.],
        [2., 2., 2.]])
float32[2, 3] cpu
>>> x;
>>> _.shape
torch.Size([2, 3])
>>> def f(a):
...     if a > 1:
...         return 'big'
...
>>> f(2)
'big'
>>>";
    assert_eq!(lines(&screen), lines(want));
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim_end).collect()
}

#[test]
fn an_error_is_shown_and_the_session_goes_on() {
    let Some(t) = Terminal::new() else { return };
    t.line("nam = 1");
    t.line("name");
    let screen = t.wait_for("NameError: name 'name' is not defined");
    assert!(screen.contains("<prompt:2>:1:1"), "{screen}");
    t.line("nam + 1");
    t.wait_for("2\n>>>");
}

#[test]
fn ctrl_c_clears_the_line_and_stops_what_runs() {
    let Some(t) = Terminal::new() else { return };
    t.text("never = 1");
    t.wait_for("never = 1");
    t.key("C-c");
    t.wait_until("a prompt", |screen| screen.ends_with(">>>"));
    t.clear();
    t.line("if print('spin' + 'ning', flush=True) is None:");
    t.line("while True: pass");
    t.key("Enter");
    t.key("Enter");
    t.wait_for("spinning");
    t.key("C-c");
    t.wait_for("KeyboardInterrupt");
    t.line("1 + 1");
    t.wait_for("2\n>>>");
    t.line("x = rand(4000, 4000)");
    t.text("print('mul' + 'tiplying', flush=True); (x @ x @ x @ x @ x @ x @ x @ x @ x @ x @ x @ x @ x @ x).sum()");
    t.key("Enter");
    t.wait_for("multiplying");
    let start = Instant::now();
    t.key("C-c");
    t.wait_until("an end", |screen| screen.matches("KeyboardInterrupt").count() == 2 && screen.ends_with(">>>"));
    // A hundred milliseconds are meant; a busy machine gets more.
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    t.key("C-d");
    t.wait_for("status=0");
}

#[test]
fn a_pasted_session_runs_as_if_typed() {
    let Some(t) = Terminal::new() else { return };
    t.clear();
    t.paste(">>> a = [1, 2]\n>>> a\n[1, 2]\n>>> for i in a:\n...     i\n...\n1\n2\n>>> a[0] + 10");
    t.wait_for("+ 10");
    t.key("Enter");
    let screen = t.wait_for("11\n>>>");
    assert_eq!(
        lines(&screen),
        lines(">>> a = [1, 2]\n>>> a\n[1, 2]\n>>> for i in a:\n...     i\n1\n2\n>>> a[0] + 10\n11\n>>>")
    );
}

#[test]
fn tab_completes() {
    let Some(t) = Terminal::new() else { return };
    t.line("tensors = zeros(2)");
    t.clear();
    t.text("tensors.is_floating");
    t.key("Tab");
    t.wait_for("tensors.is_floating_point");
    t.key("C-c");
    t.text("torch.nn.fun");
    t.key("Tab");
    t.wait_for("torch.nn.functional");
    t.key("C-c");
    t.text("mean(tensors, keepd");
    t.key("Tab");
    t.wait_for("mean(tensors, keepdim=");
    t.text("True, dtype=float6");
    t.key("Tab");
    t.wait_for("dtype=float64");
}

#[test]
fn history_keeps_blocks_whole() {
    let Some(t) = Terminal::new() else { return };
    t.line("for i in range(2):");
    t.line("print(i, 'said')");
    t.line("");
    t.wait_for("1 said");
    t.key("C-d");
    t.wait_for("status=0\n>>>");
    t.clear();
    t.key("Up");
    t.wait_until("the block", |screen| lines(screen) == [">>> for i in range(2):", "...     print(i, 'said')"]);
    t.key("Enter");
    t.key("Enter");
    t.wait_for("1 said");
    t.clear();
    t.key("C-r");
    t.text("range");
    t.wait_for("print(i, 'said')");
    t.key("C-c");
}

#[test]
fn commands_answer() {
    let Some(t) = Terminal::new() else { return };
    t.line("a = zeros(2, 3)");
    t.line("b = a.T");
    t.line("%whos");
    let screen = t.wait_for("shares memory with b");
    assert!(screen.contains("shares memory with a") && screen.contains("[3, 2]"), "{screen}");
    t.line("%timeit -n 10 -r 2 a + 1");
    t.wait_for("of 2 runs, 10 loops each)");
    t.line("%time a.sum()");
    t.wait_for("Wall time: ");
    t.clear();
    t.line("%explain (a * 2 + a).sum()");
    let screen = t.wait_for("this machine copies");
    assert!(screen.contains("a * 2 + a") && screen.contains("[2, 3]"), "{screen}");
    t.line("%mem");
    t.wait_for("tensors  ");
    t.clear();
    t.line("lerp?");
    t.wait_for("torch.lerp(input, end, weight");
    t.line("%whoss");
    t.wait_for("did you mean 'whos'?");
    t.line("a.sum(dims=1)");
    t.wait_for("did you mean 'dim'?");
    t.line("!echo from the shell");
    t.wait_for("\nfrom the shell");
    t.text("quit");
    t.key("Enter");
    t.wait_for("status=0");
}

#[test]
fn a_session_is_saved_as_a_golden() {
    let Some(t) = Terminal::new() else { return };
    t.line("x = tensor([1, 2])");
    t.line("x");
    t.line("x[5]");
    t.line("print('a'); print(); print('b')");
    t.line("x;");
    t.line("%save story.md");
    t.wait_for("examples in story.md");
    let file = t.folder.join("story.md");
    let text = std::fs::read_to_string(&file).expect("the golden");
    assert!(text.contains(">>> x\ntensor([1, 2])\n") && text.contains("IndexError: "), "{text}");
    assert!(!text.contains("x;") && text.contains("<BLANKLINE>"), "{text}");
    assert!(passes(&file), "{text}");
}

fn passes(file: &Path) -> bool {
    let test = Command::new(env!("CARGO_BIN_EXE_tensh")).arg("test").arg(file).output().expect("tensh runs");
    test.status.success()
}

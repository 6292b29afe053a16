//! Fusion changes no bit: random programs run with it and without.

use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;
use std::sync::Mutex;
use tensh::command::new_session;
use tensh::eval::Interp;
use tensh::store::storage::live;
use tensh::tensor::lazy::{set_fusion, set_viewer};

/// Inputs of several dtypes and layouts, large enough that their calls wait.
const INPUTS: &str = "
torch.manual_seed(3)
a = torch.randn(80, 90)
b = torch.randn(90)
c = torch.randn(80, 1, dtype=torch.float64)
d = torch.randint(-5, 6, (80, 90))
e = torch.randn(90, 80).t()
h = torch.randn(80, 90).half()
g = torch.randn(80, 90).bfloat16()
m = a > 0
s = torch.tensor(1.5)
";

const LEAVES: [&str; 11] = ["a", "b", "c", "d", "e", "h", "g", "m", "s", "2", "0.75"];
const UNARY: [&str; 12] = [
    "({}).relu()",
    "torch.exp(-torch.abs({}))",
    "torch.sin({})",
    "torch.tanh({})",
    "torch.sigmoid({})",
    "torch.abs({})",
    "({}) ** 2",
    "torch.sqrt(torch.abs({}))",
    "({}).to(torch.float32)",
    "torch.clamp({}, -1, 1)",
    "(-(1 * {}))",
    "torch.log1p(torch.abs({}))",
];
const BINARY: [&str; 8] = [
    "({} + {})",
    "({} - 1 * {})",
    "({} * {})",
    "({} / (torch.abs({}) + 1))",
    "torch.where(m, {}, {})",
    "torch.maximum(a + {}, a - {})",
    "(({} < {}) * a)",
    "torch.atan2(a * {}, a + {})",
];

/// A linear congruence: the programs are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % n
    }

    fn expression(&mut self, depth: usize) -> String {
        if depth == 0 {
            return LEAVES[self.below(LEAVES.len())].to_string();
        }
        if self.below(2) == 0 {
            return UNARY[self.below(UNARY.len())].replacen("{}", &self.tensor(depth - 1), 1);
        }
        let (x, y) = (self.tensor(depth - 1), self.expression(depth - 1));
        BINARY[self.below(BINARY.len())].replacen("{}", &x, 1).replacen("{}", &y, 1)
    }

    /// An expression that is a tensor for certain.
    fn tensor(&mut self, depth: usize) -> String {
        if depth == 0 { LEAVES[self.below(LEAVES.len() - 2)].to_string() } else { self.expression(depth) }
    }
}

#[derive(Clone, Default)]
struct Sink(Rc<RefCell<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// One session at a time: a division by zero is noted for the whole process.
static ALONE: Mutex<()> = Mutex::new(());

fn output(source: &str, fusion: bool) -> String {
    let _alone = ALONE.lock();
    let sink = Sink::default();
    let mut session = new_session(Box::new(sink.clone()), Box::new(std::io::sink()));
    set_fusion(fusion);
    let mut refused = 0;
    session.run("<test>", source, &mut |_: &mut Interp, _| refused += 1);
    drop(session);
    let text = String::from_utf8_lossy(&sink.0.borrow()).into_owned();
    format!("{text}{refused} refused")
}

#[test]
fn fusion_changes_no_bit() {
    let mut random = Random(1);
    let mut source = INPUTS.to_string();
    for _ in 0..150 {
        let expression = random.tensor(4);
        // Elements as they are, and reductions that take the expression as it is computed.
        source += &format!("try:\n    y = {expression}\n    print(y.dtype, y.flatten()[::37].tolist())\n");
        source += &format!("    print(({expression}).sum().item(), ({expression}).double().mean(-1)[:7].tolist())\n");
        source += "except Exception as error: print(error)\n";
        // Memory that is written in place while others wait to read it.
        let (first, second) = (random.tensor(2), random.expression(2));
        source += &format!(
            "def f(z):\n    w = z * 2\n    z.mul_({first}).sub_({second})\n    v = z[3] + w\n    w = w + z\n    z += w * v\n    \
             z = z / 2\n    return z, w.add_(z)\ntry: \n    print([t[::37].tolist() for t in f(torch.ones(80, 90).double() + a)])\n"
        );
        source += "except Exception as error: print(error)\n";
    }
    let (fused, single) = (output(&source, true), output(&source, false));
    assert!(fused.lines().count() > 200, "{fused}");
    for (a, b) in fused.lines().zip(single.lines()) {
        assert_eq!(a, b);
    }
    assert_eq!(fused.len(), single.len());
}

#[test]
fn gradients_are_the_same_bits() {
    let mut random = Random(2);
    let mut source = INPUTS.to_string() + "a.requires_grad_(); b.requires_grad_(); e = e.clone().requires_grad_()\n";
    source += "def show(): print([t.grad if t.grad is None else t.grad.flatten()[::37].tolist() for t in (a, b, e)])\n";
    // Writes between what is kept for the way back and the walk: some are refused there, all are to be seen by what is read later.
    let writes = [
        "pass",
        "with torch.no_grad(): a.mul_(0.5)",
        "with torch.no_grad(): b[3] = 2; a.data[1] = 7",
        "y.detach().add_(1)",
        "w.mul_(2)",
        "w = w.relu_() + y",
        "k = a.detach().numpy(); k[2] = 1",
        "q = w * w; y = y + q; w[0].zero_()",
    ];
    for i in 0..200 {
        let (first, second) = (random.tensor(3), random.tensor(2));
        let write = writes[random.below(writes.len())];
        source += "for t in (a, b, e): t.grad = None\n";
        source += &format!(
            "def f():\n    w = {first} * 1\n    y = w * ({second})\n    {write}\n    z = (w.relu() + y * 2 - 1) * y\n    l = z.sum()\n    \
             l.backward(retain_graph={})\n    show()\n    return l, w\n",
            if i % 3 == 0 { "True" } else { "False" }
        );
        source += "try:\n    l, w = f()\n    with torch.no_grad(): _ = a.add_(0.01)\n    print(l.item(), w[2].sum().item())\n    \
                   l.backward()\n    show()\nexcept Exception as error: print(str(error)[:150]); show()\n";
        // The same as statements of the top level, and in one statement.
        source += &format!(
            "try:\n    y = {first}\n    z = ((y * 2 + 1) * ({second})).mean()\n    z.backward()\n    show()\n"
        );
        source += &format!("    ((({first}) + 1) * ({second}) * e).sigmoid().sum().backward()\n    show()\n");
        source += "except Exception as error: print(str(error)[:150])\n";
    }
    let (fused, single) = (output(&source, true), output(&source, false));
    assert!(fused.lines().count() > 700, "{fused}");
    for (a, b) in fused.lines().zip(single.lines()) {
        assert_eq!(a, b);
    }
    assert_eq!(fused.len(), single.len());
}

#[test]
fn memory_of_an_operand_that_ends_is_used_again() {
    let lines = [
        "x = a * 1",
        "p = x.data_ptr()",
        "x = x * 2 + a",
        "assert x.data_ptr() == p",
        "y = x",
        "x = x * 2",
        "assert x.data_ptr() != p and y.data_ptr() == p",
        "v = x[0]",
        "x = x + 1",
        "assert v[0] == 6 and x[0, 0] == 7",
        "z = x.double() * 2",
        "assert z._version == 0",
        "z.add_(1)",
        "z = z * 2",
        "assert z._version == 0 and z.sum() == 10000 * 30",
    ];
    programs(&lines.join("\n"));
}

#[test]
fn a_chain_takes_the_memory_of_its_inputs_and_its_output() {
    // Storages are counted by thread. A tensor of the setup is there, too.
    let most = |source: &str| {
        let source = format!("x = torch.ones(1000, 1000)\n{source}");
        let run = move || {
            programs(&source);
            live().1 - 4 * 100 * 100
        };
        std::thread::spawn(run).join().expect("the source runs")
    };
    let one = 4_000_000;
    assert_eq!(most("y = ((x * 2 + x).relu() * x - x / 3).exp().tanh()"), 2 * one);
    assert_eq!(most("m = (x * 2 + 1).sin() > 0.5"), one + one / 4);
    let sum = most("s = ((x - 1) ** 2).mean()");
    assert!(sum < one + 1000, "{sum} bytes");
}

/// The Programs that a source runs, each as its number of instructions.
fn programs(source: &str) -> Vec<usize> {
    let _alone = ALONE.lock();
    let ran: Rc<RefCell<Vec<usize>>> = Rc::default();
    let seen = ran.clone();
    let mut session = new_session(Box::new(std::io::sink()), Box::new(std::io::sink()));
    set_fusion(true);
    let failed = |_: &mut Interp, _: &tensh::eval::Failure| panic!("the source runs");
    session.run("setup", "import torch\na = torch.ones(100, 100)\n", &mut { failed });
    let before = set_viewer(Some(Rc::new(move |_, program, _| seen.borrow_mut().push(program.code.len()))));
    session.run("program", source, &mut { failed });
    set_viewer(before);
    ran.take()
}

#[test]
fn functions_and_composite_rows_join_what_is_around_them() {
    assert_eq!(programs("y = (a * 2 + a).relu() - 1"), [4]);
    assert_eq!(programs("def f(x):\n    y = x * 2\n    z = y + 1\n    return z\nw = f(a) - 3"), [3]);
    assert_eq!(
        programs("def f(x):\n    x = x.exp()\n    for i in range(3):\n        x = x * 2\n    return x\nw = f(a)"),
        [4]
    );
    // What a variable holds is computed once.
    assert_eq!(programs("def f(x):\n    y = x * 2\n    return y.sum() + y.mean()\nw = f(a)"), [1]);
    assert_eq!(programs("def f(x):\n    y = x * 2\n    return (y * y).sum() + y.mean()\nw = f(a)"), [2]);
    // A chain and its gradient are a pass each, the sum included; what is cheap is computed again, the rest is written on the way.
    let chain = "x = a.requires_grad_()\n((x * 2 + 1).exp() * x.sin()).sqrt().sum().backward()";
    assert_eq!(programs(chain), [6, 11]);
    assert_eq!(programs("x = a.requires_grad_()\ny = ((x * 2 + 1) * (x - 3)).sum()\ny.backward()"), [4, 7]);
    // What is written in place is written in one pass.
    assert_eq!(programs("a.mul_(a + 1).add_(2)"), [3]);
    assert_eq!(programs("def f(x, g):\n    for i in range(4):\n        x -= 0.1 * g\nx = a * 1\nf(x, a)"), [1, 8]);
    assert_eq!(programs("def f(x):\n    y = x + 1\n    x.add_(1)\n    return y\nw = f(a)"), [1, 1]);
    assert_eq!(programs("v = a.view(-1)\nv.add_(v.flip(0))\na.t().add_(a.clone())"), [1, 1]);
    // What is used twice is walked once, or this would not end.
    assert_eq!(programs("def f(x):\n    for i in range(28): x = x * x\n    x.add_(1)\n    return x\nw = f(a)"), [29]);
    // Memory that is written is written in its turn.
    assert_eq!(programs("def f(x):\n    y = x * 2\n    x.fill_(0)\n    return y + 1\nw = f(a)"), [1, 1]);
}

#[test]
fn memory_that_is_not_there_is_missed_where_it_is_asked_for() {
    let sum = "torch.ones(2000000, 1) + torch.ones(1, 2000000)";
    let source = format!(
        "def f():\n    try:\n        y = {sum}\n    except RuntimeError:\n        return 'caught'\nassert f() == 'caught'\n\
         def g():\n    try:\n        return {sum}\n    except RuntimeError:\n        return 'caught'\nassert g() == 'caught'"
    );
    programs(&source);
}

#[test]
fn integers_divided_by_zero_are_caught_where_they_are() {
    let source = "def f(x):\n    try:\n        return x // 0\n    except RuntimeError as e:\n        return str(e)\nw = f(a.long())\n\
                  def g(x):\n    try:\n        y = x // 0\n    except RuntimeError as e:\n        return str(e)\nassert w == g(a.long())\n\
                  assert w == 'ZeroDivisionError'";
    programs(source);
}

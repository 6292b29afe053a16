//! Random numbers of the simulated device against a scalar computation of PyTorch's streams: which thread draws which element, with
//! several rounds a thread, and what is made of the words.

#[path = "common/cuda.rs"]
mod cuda;

use std::process::Command;

/// Multiprocessors of the device, and so the most threads of a launch: 8 blocks of 256 each.
const MULTIPROCESSORS: u64 = 1;
const MOST: u64 = MULTIPROCESSORS * 8 * 256;

/// More than two rounds for each thread.
const MANY: u64 = 20_001;

/// Four words of Philox 4x32-10.
fn philox(seed: u64, thread: u64, block: u64) -> [u32; 4] {
    let mut c = [block as u32, (block >> 32) as u32, thread as u32, (thread >> 32) as u32];
    let mut k = [seed as u32, (seed >> 32) as u32];
    for _ in 0..10 {
        let (a, b) = (0xd251_1f53 * u64::from(c[0]), 0xcd9e_8d57 * u64::from(c[2]));
        c = [(b >> 32) as u32 ^ c[1] ^ k[0], b as u32, (a >> 32) as u32 ^ c[3] ^ k[1], a as u32];
        k = [k[0].wrapping_add(0x9e37_79b9), k[1].wrapping_add(0xbb67_ae85)];
    }
    c
}

/// The generator: a seed, and the blocks of words that each thread has drawn.
struct Stream {
    seed: u64,
    block: u64,
}

impl Stream {
    fn new(seed: u64) -> Stream {
        Stream { seed, block: 0 }
    }

    fn threads(n: u64) -> u64 {
        (n.div_ceil(256) * 256).min(MOST)
    }

    /// For each of `n` elements the words of its block and its place among the block's `count` numbers.
    fn elements(&mut self, n: u64, count: u64) -> Vec<([u32; 4], usize)> {
        let threads = Stream::threads(n);
        let of = |i: u64| {
            let (row, thread) = (i / threads, i % threads);
            (philox(self.seed, thread, self.block + row / count), (row % count) as usize)
        };
        let all = (0..n).map(of).collect();
        self.block += (n - 1) / (threads * count) + 1;
        all
    }

    fn words32(&mut self, n: u64) -> Vec<u32> {
        self.elements(n, 4).into_iter().map(|(w, k)| w[k]).collect()
    }

    fn words64(&mut self, n: u64) -> Vec<u64> {
        self.elements(n, 2).into_iter().map(|(w, k)| u64::from(w[2 * k]) << 32 | u64::from(w[2 * k + 1])).collect()
    }

    fn uniform32(&mut self, n: u64) -> Vec<f32> {
        self.words32(n).into_iter().map(unit).collect()
    }

    fn uniform64(&mut self, n: u64) -> Vec<f64> {
        self.elements(n, 2).into_iter().map(|(w, k)| unit64(w[2 * k], w[2 * k + 1])).collect()
    }

    fn normal32(&mut self, n: u64) -> Vec<f32> {
        let of = |(w, k): ([u32; 4], usize)| {
            let (x, y) = (w[k / 2 * 2], w[k / 2 * 2 + 1]);
            let scale = 2f32.powi(-32) * 6.2831855;
            let (angle, radius) = ((y as f32).mul_add(scale, scale / 2.0), (-2.0 * unit(x).ln()).sqrt());
            radius * if k % 2 == 0 { angle.sin() } else { angle.cos() }
        };
        self.elements(n, 4).into_iter().map(of).collect()
    }

    fn normal64(&mut self, n: u64) -> Vec<f64> {
        let of = |(w, k): ([u32; 4], usize)| {
            let (u, v) = (unit64(w[0], w[1]), 2.0 * unit64(w[2], w[3]));
            let radius = (-2.0 * u.ln()).sqrt();
            radius * if k == 0 { (v * std::f64::consts::PI).sin() } else { (v * std::f64::consts::PI).cos() }
        };
        self.elements(n, 2).into_iter().map(of).collect()
    }

    /// Which elements dropout keeps where a thread takes `v` neighbours at a time.
    fn kept(&mut self, n: u64, v: u64, keep: f32) -> Vec<bool> {
        let threads = Stream::threads(n);
        let blocks = v.div_ceil(4);
        let of = |i: u64| {
            let (piece, lane) = (i / v, i % v);
            let block = self.block + piece / threads * blocks + lane / 4;
            unit(philox(self.seed, piece % threads, block)[(lane % 4) as usize]) < keep
        };
        let all = (0..n).map(of).collect();
        self.block += (n - 1) / (threads * 4) + 1;
        all
    }

    /// The numbers below `n` by random keys; runs of equal keys are put in a random order.
    fn permutation(&mut self, n: u64) -> Vec<u64> {
        let x = n as f64;
        let bits = (x - (6.0 * x * x + 1.0) / (0.9f64.ln() * 12.0)).log2().ceil() as u32;
        let keys: Vec<i128> = if bits <= 32 {
            let key = |w: u64| (w % u64::from(u32::MAX)) as i64 + i64::from(i32::MIN);
            let narrow = |k: i64| if bits == 32 { i128::from(k) } else { i128::from(k) & ((1 << bits) - 1) };
            self.words64(n).into_iter().map(key).map(narrow).collect()
        } else {
            let key = |w: u64| ((w % u64::MAX) as i64).wrapping_add(i64::MIN) as u64;
            self.words64(n).into_iter().map(|w| i128::from(key(w) & ((1 << bits) - 1))).collect()
        };
        let mut order: Vec<u64> = (0..n).collect();
        order.sort_by_key(|&i| keys[i as usize]);
        let sorted: Vec<i128> = order.iter().map(|&i| keys[i as usize]).collect();
        let mut start = 0;
        while start < order.len() {
            let run = sorted[start..].iter().take_while(|k| **k == sorted[start]).count();
            for (drawn, k) in (1..run).rev().enumerate() {
                let word = philox(self.seed, start as u64, self.block + drawn as u64 / 4)[drawn % 4];
                order.swap(start + k, start + (word as usize % (k + 1)));
            }
            start += run;
        }
        self.block += n.div_ceil(4);
        order
    }
}

fn unit(word: u32) -> f32 {
    word as f32 * 2f32.powi(-32) + 2f32.powi(-33)
}

fn unit64(x: u32, y: u32) -> f64 {
    (u64::from(x) ^ u64::from(y) << 21) as f64 * 2f64.powi(-53) + 2f64.powi(-54)
}

/// What a script prints on a device of one multiprocessor: a line for each print.
fn say(code: &str) -> Option<Vec<String>> {
    let simulated = cuda::simulated()?;
    let mut command: Command = cuda::tensh(simulated);
    command.env("SIMCUDA_SMS", MULTIPROCESSORS.to_string()).args(["-c", &format!("import torch\n{code}")]);
    let out = command.output().expect("tensh runs");
    assert!(out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    Some(String::from_utf8(out.stdout).expect("UTF-8").lines().map(str::to_owned).collect())
}

/// The numbers of a printed list.
fn numbers<T: std::str::FromStr>(line: &str) -> Vec<T> {
    let parse = |s: &str| s.trim().parse().unwrap_or_else(|_| panic!("{s} in {line}"));
    line.trim_matches(['[', ']']).split(',').map(parse).collect()
}

fn close(got: &[f64], expected: impl Iterator<Item = f64>, tolerance: f64) {
    for (i, (a, b)) in got.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "element {i}: {a}, not {b}");
    }
}

#[test]
fn the_engine_gives_the_published_words() {
    // The vectors that its authors publish with it (Random123's kat_vectors).
    assert_eq!(philox(0, 0, 0), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
    assert_eq!(philox(u64::MAX, u64::MAX, u64::MAX), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
    let (key, thread, block) = (0x299f_31d0_a409_3822, 0x0370_7344_1319_8a2e, 0x85a3_08d3_243f_6a88);
    assert_eq!(philox(key, thread, block), [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]);
}

#[test]
fn numbers_known_of_pytorch_on_cuda_come_out() {
    let code = "_ = torch.manual_seed(0); print(torch.rand(3, device='cuda'))\n_ = torch.manual_seed(0); print(torch.randn(3, device='cuda'))\n\
                _ = torch.manual_seed(42); print(torch.rand(2, device='cuda'))";
    let Some(lines) = say(code) else { return };
    assert_eq!(lines[0], "tensor([0.3990, 0.5167, 0.0249], device='cuda:0')");
    assert_eq!(lines[1], "tensor([-0.9247, -0.4253, -2.6438], device='cuda:0')");
    assert_eq!(lines[2], "tensor([0.6130, 0.0101], device='cuda:0')");
}

#[test]
fn floats_come_from_the_threads_that_draw_them_in_pytorch() {
    let code = format!(
        "n = {MANY}\n_ = torch.manual_seed(-5)\nprint(torch.rand(n, device='cuda').view(torch.int32).tolist())\n\
         print(torch.rand(n, device='cuda', dtype=torch.float64).view(torch.int64).tolist())\n\
         print(torch.randn(n, device='cuda').tolist())\nprint(torch.randn(n, device='cuda', dtype=torch.float64).tolist())\n\
         print(torch.empty(7, 5, device='cuda').T.uniform_(-1, 3).T.flatten().view(torch.int32).tolist())\n\
         print(torch.empty(n, device='cuda')[::3].normal_(2, 3).tolist())\n\
         print(torch.rand(n, device='cuda', dtype=torch.float16).tolist())\n\
         print(torch.cuda.get_rng_state().view(torch.int64).tolist())"
    );
    let Some(lines) = say(&code) else { return };
    let mut s = Stream::new(-5i64 as u64);
    // The ends are exchanged: 1 becomes 0.
    let ends = |u: f32| if u == 1.0 { 0.0 } else { u };
    let expected: Vec<i32> = s.uniform32(MANY).into_iter().map(|u| ends(u).to_bits() as i32).collect();
    assert_eq!(numbers::<i32>(&lines[0]), expected);
    let expected: Vec<i64> = s.uniform64(MANY).into_iter().map(|u| u.to_bits() as i64).collect();
    assert_eq!(numbers::<i64>(&lines[1]), expected);
    close(&numbers(&lines[2]), s.normal32(MANY).into_iter().map(f64::from), 1e-6);
    close(&numbers(&lines[3]), s.normal64(MANY).into_iter(), 1e-14);
    let expected: Vec<i32> = s.uniform32(35).into_iter().map(|u| u.mul_add(4.0, -1.0).to_bits() as i32).collect();
    assert_eq!(numbers::<i32>(&lines[4]), expected);
    close(&numbers(&lines[5]), s.normal32(MANY / 3).into_iter().map(|x| f64::from(x.mul_add(3.0, 2.0))), 1e-6);
    let half = |u: f32| half::f16::from_f32(u).to_f64();
    let expected = s.uniform32(MANY).into_iter().map(half).map(|u| if u == 1.0 { 0.0 } else { u });
    close(&numbers(&lines[6]), expected, 0.0);
    assert_eq!(numbers::<i64>(&lines[7]), [-5, 4 * s.block as i64]);
}

#[test]
fn integers_and_truths_too() {
    let code = format!(
        "n = {MANY}\ntorch.cuda.manual_seed(7)\nprint(torch.randint(-3, 1000, (n,), device='cuda').tolist())\n\
         print(torch.randint(-(1 << 62), 1 << 61, (n,), device='cuda').tolist())\n\
         print(torch.empty(n, device='cuda', dtype=torch.int8).random_().tolist())\n\
         print(torch.empty(n, device='cuda', dtype=torch.int64).random_().tolist())\n\
         print(torch.empty(n, device='cuda', dtype=torch.int64).random_(-(1 << 63), None).tolist())\n\
         print(torch.empty(n, device='cuda', dtype=torch.int32).bernoulli_(.3).tolist())\n\
         print(torch.bernoulli(torch.full((n,), .3, device='cuda')).int().tolist())\n\
         print(torch.rand(2, device='cuda').view(torch.int32).tolist())"
    );
    let Some(lines) = say(&code) else { return };
    let mut s = Stream::new(7);
    let expected: Vec<i64> = s.words32(MANY).into_iter().map(|w| i64::from(w % 1003) - 3).collect();
    assert_eq!(numbers::<i64>(&lines[0]), expected);
    let range = (1u64 << 62) + (1 << 61);
    let expected: Vec<i64> = s.words64(MANY).into_iter().map(|w| (w % range) as i64 - (1 << 62)).collect();
    assert_eq!(numbers::<i64>(&lines[1]), expected);
    let expected: Vec<i64> = s.words32(MANY).into_iter().map(|w| i64::from(w % 128)).collect();
    assert_eq!(numbers::<i64>(&lines[2]), expected);
    let expected: Vec<i64> = s.words64(MANY).into_iter().map(|w| (w & i64::MAX as u64) as i64).collect();
    assert_eq!(numbers::<i64>(&lines[3]), expected);
    let expected: Vec<i64> = s.words64(MANY).into_iter().map(|w| w as i64).collect();
    assert_eq!(numbers::<i64>(&lines[4]), expected);
    let expected: Vec<i64> = s.uniform32(MANY).into_iter().map(|u| i64::from(u < 0.3)).collect();
    assert_eq!(numbers::<i64>(&lines[5]), expected);
    // With a tensor of probabilities each thread draws once, for four neighbours.
    let of = |i: u64| i64::from(unit(philox(7, i / 4, s.block)[(i % 4) as usize]) <= 0.3);
    let expected: Vec<i64> = (0..MANY).map(of).collect();
    assert_eq!(numbers::<i64>(&lines[6]), expected);
    s.block += 3;
    let expected: Vec<i32> = s.uniform32(2).into_iter().map(|u| u.to_bits() as i32).collect();
    assert_eq!(numbers::<i32>(&lines[7]), expected);
}

/// A thread's words, one after the other, and what is made of them.
struct Words {
    seed: u64,
    thread: u64,
    block: u64,
    used: usize,
    spare: Option<f32>,
}

impl Words {
    fn of(s: &Stream, thread: u64) -> Words {
        Words { seed: s.seed, thread, block: s.block, used: 0, spare: None }
    }

    fn word(&mut self) -> u32 {
        let block = self.block + self.used as u64 / 4;
        self.used += 1;
        philox(self.seed, self.thread, block)[(self.used - 1) % 4]
    }

    fn uniform(&mut self) -> f32 {
        unit(self.word())
    }

    fn normal(&mut self) -> f32 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let (x, y) = (self.word(), self.word());
        let scale = 2f32.powi(-32) * 6.2831855;
        let (angle, radius) = ((y as f32).mul_add(scale, scale / 2.0), (-2.0 * unit(x).ln()).sqrt());
        self.spare = Some(radius * angle.cos());
        radius * angle.sin()
    }

    /// Of a small rate.
    fn poisson(&mut self, rate: f32) -> f64 {
        let (mut count, mut product) = (0.0, rate.exp());
        loop {
            product *= self.uniform();
            if product <= 1.0 {
                return count;
            }
            count += 1.0;
        }
    }

    fn gamma(&mut self, alpha: f32) -> f64 {
        let (mut alpha, mut scale) = (alpha, 1.0f32);
        if alpha < 1.0 {
            scale = (1.0 - self.uniform()).powf(1.0 / alpha);
            alpha += 1.0;
        }
        let d = alpha - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let y = 1.0 + c * x;
            if y <= 0.0 {
                continue;
            }
            let (v, u, square) = (y * y * y, 1.0 - self.uniform(), x * x);
            if u < 1.0 - 0.0331 * square * square || u.ln() < 0.5 * square + d * (1.0 - v + v.ln()) {
                return f64::from(scale * d * v);
            }
        }
    }

    /// Of few successes.
    fn binomial(&mut self, trials: f32, p: f32) -> f64 {
        let (failure, mut sum, mut count) = ((-p).ln_1p(), 0.0, 0.0);
        loop {
            let u = (self.word() & 0xff_ffff) as f32 * 2f32.powi(-24);
            sum += (u.ln() / failure).ceil();
            if sum > trials {
                return count;
            }
            count += 1.0;
        }
    }
}

#[test]
fn samples_take_the_words_of_a_thread() {
    let code = "n = 3000\n_ = torch.manual_seed(11)\nprint(torch.poisson(torch.full((n,), 3., device='cuda')).tolist())\n\
                print(torch.poisson(torch.tensor([1., 5.], device='cuda').expand(40, 2)).T.flatten().tolist())\n\
                print(torch._standard_gamma(torch.full((n,), .5, device='cuda')).tolist())\n\
                print(torch._standard_gamma(torch.full((n,), 4., device='cuda')).tolist())\n\
                print(torch.binomial(torch.full((n,), 9., device='cuda'), torch.full((n,), .25, device='cuda')).tolist())\n\
                print(torch.rrelu(torch.full((n,), -1., device='cuda'), .1, .4, True).tolist())\n\
                print(torch.cuda.get_rng_state().view(torch.int64).tolist())";
    let Some(lines) = say(code) else { return };
    let (n, mut s) = (3000, Stream::new(11));
    close(&numbers(&lines[0]), (0..n).map(|i| Words::of(&s, i).poisson(3.0)), 0.0);
    s.block += 5;
    let of = |i: u64| Words::of(&s, i % 40 * 2 + i / 40).poisson(if i < 40 { 1.0 } else { 5.0 });
    close(&numbers(&lines[1]), (0..80).map(of), 0.0);
    s.block += 5;
    close(&numbers(&lines[2]), (0..n).map(|i| Words::of(&s, i).gamma(0.5)), 1e-5);
    s.block += 3;
    close(&numbers(&lines[3]), (0..n).map(|i| Words::of(&s, i).gamma(4.0)), 1e-5);
    s.block += 3;
    // A thread draws for eight elements, one after the other.
    let mut drawn = vec![0.0; n as usize];
    for first in (0..n).filter(|i| i % 1024 < 128) {
        let mut words = Words::of(&s, first / 1024 * 128 + first % 128);
        (first..n.min(first / 1024 * 1024 + 1024))
            .step_by(128)
            .for_each(|i| drawn[i as usize] = words.binomial(9.0, 0.25));
    }
    close(&numbers(&lines[4]), drawn.into_iter(), 0.0);
    s.block += 11;
    let slopes = s.uniform32(n).into_iter().map(|u| -f64::from((f64::from(u) * (0.4 - 0.1) + 0.1) as f32));
    close(&numbers(&lines[5]), slopes, 1e-7);
    assert_eq!(numbers::<i64>(&lines[6]), [11, 4 * s.block as i64]);
}

#[test]
fn dropout_takes_as_many_neighbours_as_16_bytes_hold() {
    let code = "import torch.nn.functional as F\n_ = torch.manual_seed(3)\ndef ones(n, dtype=torch.float32):\n    return torch.ones(n, device='cuda', dtype=dtype)\n\
                for x in [ones(20000), ones(20002), ones(20001), ones(20000, torch.float64), ones(20000, torch.float16), ones(20001)[1:]]:\n    \
                    print(F.dropout(x, .25).bool().int().tolist())\n\
                x = ones(20000)\nprint(F.dropout(x, .25, inplace=True).bool().int().tolist())\n\
                out, mask = torch.native_dropout(ones(20000), .25, True)\nprint(mask.int().tolist(), torch.equal(out, mask / .75))\n\
                x = ones(8).requires_grad_()\ny = F.dropout(x, .5)\ny.sum().backward()\nprint(torch.equal(y, x.grad), y.grad_fn)";
    let Some(lines) = say(code) else { return };
    let mut s = Stream::new(3);
    let sizes = [(20000, 4), (20002, 2), (20001, 0), (20000, 2), (20000, 8), (20000, 0)];
    let plain = |s: &mut Stream, n| s.uniform32(n).into_iter().map(|u| u < 0.75).collect();
    for (i, (n, v)) in sizes.into_iter().enumerate() {
        // From the second element on, no two of them begin at 8 bytes.
        let kept: Vec<bool> = if v == 0 { plain(&mut s, n) } else { s.kept(n, v, 0.75) };
        let got: Vec<bool> = numbers::<i32>(&lines[i]).into_iter().map(|x| x != 0).collect();
        assert_eq!(got, kept, "case {i}");
    }
    let got: Vec<bool> = numbers::<i32>(&lines[6]).into_iter().map(|x| x != 0).collect();
    assert_eq!(got, plain(&mut s, 20000));
    let (mask, same) = lines[7].split_once("] ").unwrap();
    let got: Vec<bool> = numbers::<i32>(mask).into_iter().map(|x| x != 0).collect();
    assert_eq!((got, same), (s.kept(20000, 4, 0.75), "True"));
    assert!(lines[8].starts_with("True <NativeDropoutBackward0"), "{}", lines[8]);
}

#[test]
fn permutations_are_sorted_by_random_keys() {
    let code = "_ = torch.manual_seed(11)\nfor n in [1, 2, 5, 1000, 1025, 3000, 25000, 40000]:\n    print(torch.randperm(n, device='cuda').tolist())\n\
                print(torch.randperm(7, device='cuda', dtype=torch.float16).int().tolist())";
    let Some(lines) = say(code) else { return };
    let mut s = Stream::new(11);
    for (i, n) in [1, 2, 5, 1000, 1025, 3000, 25000, 40000, 7].into_iter().enumerate() {
        assert_eq!(numbers::<u64>(&lines[i]), s.permutation(n), "{n}");
    }
}

#[test]
fn samples_are_those_that_the_sums_reach() {
    let code = "_ = torch.manual_seed(2)\np = torch.tensor([[1., 0., 2., 1.], [0., 4., 4., 0.]], device='cuda')\n\
                print(torch.multinomial(p, 300, replacement=True).flatten().tolist())\n\
                print(torch.multinomial(p[:, ::2], 2).flatten().tolist())\nprint(torch.multinomial(p, 1).flatten().tolist())\n\
                print(torch.multinomial(torch.arange(3000., device='cuda').double(), 50).tolist())";
    let Some(lines) = say(code) else { return };
    let mut s = Stream::new(2);
    let sums = [[0.25, 0.25, 0.75, 1.0], [0.0, 0.5, 1.0, 1.0]];
    let of = |i: u64| {
        let (row, at) = (i / 300, i % 300);
        let u = unit(philox(2, row * 384 + at, s.block)[0]);
        sums[row as usize].partition_point(|&x| x < u)
    };
    let expected: Vec<usize> = (0..600).map(of).collect();
    assert_eq!(numbers::<usize>(&lines[0]), expected);
    s.block += 1;
    // The smallest quotient of a clock and its rate is taken first.
    let clocks = |s: &mut Stream, n| -> Vec<f32> { s.uniform32(n).into_iter().map(|u| -u.ln()).collect() };
    let first = |rates: &[f32], clocks: &[f32], samples: usize| -> Vec<usize> {
        let mut order: Vec<usize> = (0..rates.len()).collect();
        order.sort_by(|&i, &j| (rates[j] / clocks[j]).total_cmp(&(rates[i] / clocks[i])));
        order.truncate(samples);
        order
    };
    // The clocks lie as the rates do.
    let c = clocks(&mut s, 4);
    let expected = [first(&[1.0, 2.0], &c[..2], 2), first(&[0.0, 4.0], &c[2..], 2)].concat();
    assert_eq!(numbers::<usize>(&lines[1]), expected);
    let c = clocks(&mut s, 8);
    let expected = [first(&[1.0, 0.0, 2.0, 1.0], &c[..4], 1), first(&[0.0, 4.0, 4.0, 0.0], &c[4..], 1)].concat();
    assert_eq!(numbers::<usize>(&lines[2]), expected);
    let clocks: Vec<f64> = s.uniform64(3000).into_iter().map(|u| -u.ln()).collect();
    let mut order: Vec<usize> = (0..3000).collect();
    order.sort_by(|&i, &j| (j as f64 / clocks[j]).total_cmp(&(i as f64 / clocks[i])));
    assert_eq!(numbers::<usize>(&lines[3]), order[..50]);
}

#[test]
fn generators_are_the_devices_own() {
    let code = "_ = torch.manual_seed(1)\na = torch.rand(3, device='cuda')\ng = torch.Generator('cuda').manual_seed(1)\n\
                print(g.device, torch.equal(a, torch.rand(3, device='cuda', generator=g)), g.get_offset(), g.initial_seed())\n\
                state = torch.cuda.get_rng_state()\nb = torch.rand(5, device='cuda')\ntorch.cuda.set_rng_state(state)\n\
                print(torch.equal(b, torch.rand(5, device='cuda')), state.shape, state.device)\n\
                with torch.random.fork_rng():\n    c = torch.rand(2, device='cuda')\nprint(torch.equal(c, torch.rand(2, device='cuda')))\n\
                h = g.clone_state(); print(torch.equal(torch.rand(2, device='cuda', generator=g), torch.rand(2, device='cuda', generator=h)))\n\
                def said(f):\n    try:\n        f()\n    except RuntimeError as e:\n        print(e)\n\
                said(lambda: torch.rand(2, generator=g))\nsaid(lambda: torch.rand(2, device='cuda', generator=torch.Generator()))\n\
                said(lambda: g.set_offset(3))\nsaid(lambda: torch.Generator().get_offset())\n\
                _ = torch.manual_seed(1); d = torch.rand(2)\n_ = torch.manual_seed(1); _ = torch.rand(9, device='cuda'); print(torch.equal(d, torch.rand(2)))";
    let Some(lines) = say(code) else { return };
    let expected = [
        "cuda:0 True 4 1",
        "True torch.Size([16]) cpu",
        "True",
        "True",
        "Expected a 'cpu' device type for generator but found 'cuda'",
        "Expected a 'cuda' device type for generator but found 'cpu'",
        "offset must be a multiple of 4",
        "CPU Generator does not use offset",
        "True",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn seeding_needs_no_device() {
    let Some(simulated) = cuda::simulated() else { return };
    let code = "import torch\n_ = torch.manual_seed(1)\ntorch.cuda.manual_seed_all(2)\ntorch.cuda.manual_seed(3)\n\
                print(torch.cuda.is_initialized(), torch.cuda.default_generators)";
    let out = cuda::tensh(simulated).env("SIMCUDA_DEVICES", "0").args(["-c", code]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout), "False ()\n");
}

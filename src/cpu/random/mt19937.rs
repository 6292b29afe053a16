//! The Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998), the engine behind torch's CPU generator.

/// Words of state.
pub const N: usize = 624;
const M: usize = 397;
const MATRIX: u32 = 0x9908_b0df;

/// The engine: 624 words, made anew all at once, handed out one by one.
///
/// `left` and `next` are counted as torch's saved states count them: `left` is one more than the words still to be
/// handed out, and `next` the place of the next one.
#[derive(Clone, Debug)]
pub struct Mt19937 {
    state: [u32; N],
    left: u32,
    next: u32,
}

impl Mt19937 {
    /// Seeded with the low 32 bits of `seed`.
    pub fn new(seed: u64) -> Self {
        let mut state = [0; N];
        state[0] = seed as u32;
        for j in 1..N {
            let before: u32 = state[j - 1];
            state[j] = 1_812_433_253u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(j as u32);
        }
        Self { state, left: 1, next: 0 }
    }

    /// From the parts of a saved state; `None` when they cannot be one.
    pub fn from_parts(state: [u32; N], left: u32, next: u32) -> Option<Self> {
        let valid = (1..=N as u32).contains(&left) && next <= N as u32 && (left == 1 || left + next <= N as u32 + 1);
        valid.then_some(Self { state, left, next })
    }

    /// State words, `left` and `next`.
    pub fn parts(&self) -> (&[u32; N], u32, u32) {
        (&self.state, self.left, self.next)
    }

    /// The next 32 bits.
    #[inline]
    pub fn draw(&mut self) -> u32 {
        self.left -= 1;
        if self.left == 0 {
            self.twist();
        }
        let y = self.state[self.next as usize];
        self.next += 1;
        temper(y)
    }

    /// The next `out.len()` draws.
    pub fn fill(&mut self, mut out: &mut [u32]) {
        while !out.is_empty() {
            if self.left == 1 {
                self.twist();
                self.left += 1;
            }
            let n = out.len().min(self.left as usize - 1);
            let (now, later) = out.split_at_mut(n);
            let from = self.next as usize;
            for (to, &y) in now.iter_mut().zip(&self.state[from..from + n]) {
                *to = temper(y);
            }
            self.next += n as u32;
            self.left -= n as u32;
            out = later;
        }
    }

    /// Makes the next 624 words.
    fn twist(&mut self) {
        let s = &mut self.state;
        for j in 0..N - M {
            s[j] = s[j + M] ^ mix(s[j], s[j + 1]);
        }
        for j in N - M..N - 1 {
            s[j] = s[j + M - N] ^ mix(s[j], s[j + 1]);
        }
        s[N - 1] = s[M - 1] ^ mix(s[N - 1], s[0]);
        self.left = N as u32;
        self.next = 0;
    }
}

#[inline(always)]
fn mix(high: u32, low: u32) -> u32 {
    let y = (high & 0x8000_0000) | (low & 0x7fff_ffff);
    (y >> 1) ^ ((low & 1).wrapping_neg() & MATRIX)
}

#[inline(always)]
fn temper(mut y: u32) -> u32 {
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c_5680;
    y ^= (y << 15) & 0xefc6_0000;
    y ^ (y >> 18)
}

//! NumPy's newer generator: PCG64 seeded by hashing, with Lemire's bounded integers and the ziggurat for normal numbers.

use super::ziggurat_table::EDGES;

const MULTIPLIER: u128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645;

/// Where the tail of the normal curve begins.
const TAIL: f64 = 3.654_152_885_361_008_8;

/// The generator: PCG XSL-RR with 128 bits of state.
pub struct Pcg {
    state: u128,
    increment: u128,
    /// The upper half of a number whose lower half was used.
    half: Option<u32>,
}

/// One of the two hashes that seeds go through.
struct Hash {
    constant: u32,
    multiplier: u32,
}

impl Hash {
    fn next(&mut self, word: u32) -> u32 {
        let mixed = word ^ self.constant;
        self.constant = self.constant.wrapping_mul(self.multiplier);
        let mixed = mixed.wrapping_mul(self.constant);
        mixed ^ (mixed >> 16)
    }
}

/// The first words of the sequence that a seed begins.
fn words(seed: &[u32]) -> [u32; 8] {
    let mix = |x: u32, y: u32| {
        let mixed = x.wrapping_mul(0xca01_f9dd).wrapping_sub(y.wrapping_mul(0x4973_f715));
        mixed ^ (mixed >> 16)
    };
    let mut hash = Hash { constant: 0x43b0_d7e5, multiplier: 0x931e_8875 };
    let mut pool = [0u32; 4];
    for (i, slot) in pool.iter_mut().enumerate() {
        *slot = hash.next(seed.get(i).copied().unwrap_or(0));
    }
    for from in 0..4 {
        for to in (0..4).filter(|to| *to != from) {
            pool[to] = mix(pool[to], hash.next(pool[from]));
        }
    }
    for word in seed.iter().skip(4) {
        for slot in &mut pool {
            *slot = mix(*slot, hash.next(*word));
        }
    }
    let mut hash = Hash { constant: 0x8b51_f9dd, multiplier: 0x58f3_8ded };
    std::array::from_fn(|i| hash.next(pool[i % 4]))
}

impl Pcg {
    /// The generator of a seed, lowest word first.
    pub fn new(seed: &[u32]) -> Pcg {
        let words = words(seed).map(u128::from);
        let number = |at: usize| (words[at] | words[at + 1] << 32) << 64 | words[at + 2] | words[at + 3] << 32;
        let mut this = Pcg { state: 0, increment: number(4) << 1 | 1, half: None };
        this.step();
        this.state = this.state.wrapping_add(number(0));
        this.step();
        this
    }

    fn step(&mut self) {
        self.state = self.state.wrapping_mul(MULTIPLIER).wrapping_add(self.increment);
    }

    fn draw(&mut self) -> u64 {
        self.step();
        let folded = (self.state >> 64) as u64 ^ self.state as u64;
        folded.rotate_right((self.state >> 122) as u32)
    }

    /// 32 bits: each number serves twice, its lower half first.
    fn draw_half(&mut self) -> u32 {
        if let Some(half) = self.half.take() {
            return half;
        }
        let word = self.draw();
        self.half = Some((word >> 32) as u32);
        word as u32
    }

    /// A number from 0 to 1 with 53 random bits.
    pub fn double(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// An integer up to `most`, by masking and rejecting: what rows are shuffled by.
    pub fn masked(&mut self, most: u64) -> u64 {
        if most == 0 {
            return 0;
        }
        let mask = u64::MAX >> most.leading_zeros();
        loop {
            let word = if most <= u64::from(u32::MAX) { u64::from(self.draw_half()) } else { self.draw() };
            if word & mask <= most {
                return word & mask;
            }
        }
    }

    /// An integer up to `most`: a product's upper half, drawn again where that would favour some.
    pub fn integer(&mut self, most: u64) -> u64 {
        match most {
            0 => 0,
            u64::MAX => self.draw(),
            0xffff_ffff => u64::from(self.draw_half()),
            most if most < 0xffff_ffff => {
                let count = most as u32 + 1;
                let mut product = u64::from(self.draw_half()) * u64::from(count);
                if (product as u32) < count {
                    let least = (u32::MAX - most as u32) % count;
                    while (product as u32) < least {
                        product = u64::from(self.draw_half()) * u64::from(count);
                    }
                }
                product >> 32
            }
            most => {
                let count = most + 1;
                let mut product = u128::from(self.draw()) * u128::from(count);
                if (product as u64) < count {
                    let least = (u64::MAX - most) % count;
                    while (product as u64) < least {
                        product = u128::from(self.draw()) * u128::from(count);
                    }
                }
                (product >> 64) as u64
            }
        }
    }

    /// A normal number, by the ziggurat.
    pub fn normal(&mut self) -> f64 {
        let edge = |layer: usize| f64::from_bits(EDGES[layer]);
        let height = |layer: usize| if layer == 0 { 1.0 } else { (-0.5 * edge(layer) * edge(layer)).exp() };
        let unit = (1u64 << 52) as f64;
        loop {
            let word = self.draw();
            let (layer, negative, size) =
                ((word & 0xff) as usize, word >> 8 & 1 == 1, word >> 9 & 0x000f_ffff_ffff_ffff);
            let x = size as f64 * (edge(layer) / unit);
            let signed = if negative { -x } else { x };
            // Inside the layer above, all is below the curve.
            let inner = match layer {
                0 => TAIL,
                1 => 0.0,
                _ => edge(layer - 1),
            };
            if size < (inner / edge(layer) * unit) as u64 {
                return signed;
            }
            if layer == 0 {
                loop {
                    let x = -(1.0 / TAIL) * (-self.double()).ln_1p();
                    let y = -(-self.double()).ln_1p();
                    if y + y > x * x {
                        return if size >> 8 & 1 == 1 { -(TAIL + x) } else { TAIL + x };
                    }
                }
            }
            let top = height(layer - 1);
            if (top - height(layer)) * self.double() + height(layer) < (-0.5 * x * x).exp() {
                return signed;
            }
        }
    }
}

//! Walks over an index space with several operands: `struct Walk` of `kernels/walk.cu`, and what it is filled with.

use super::key::Key;
use super::launch::Parameters;
use smallvec::SmallVec;

/// Sizes or strides.
pub type Dims = SmallVec<[i64; 6]>;

/// Sizes, and each operand's strides, in as few dimensions as they allow.
#[derive(Clone, Debug)]
pub struct Walk {
    sizes: Dims,
    strides: Vec<Dims>,
    /// Number of elements.
    pub count: usize,
}

/// A dimension by itself: its size, and each operand's stride.
#[derive(Clone, Debug)]
pub struct Close {
    /// Its size.
    pub size: i64,
    /// The strides.
    pub steps: Dims,
}

/// The most bytes that move at once.
const WORD: usize = 16;

impl Walk {
    /// That of operands with these strides.
    pub fn new(sizes: &[i64], operands: &[&[i64]]) -> Walk {
        let mut walk = Walk {
            sizes: Dims::new(),
            strides: vec![Dims::new(); operands.len()],
            count: sizes.iter().product::<i64>() as usize,
        };
        for (d, &n) in sizes.iter().enumerate().filter(|(_, n)| **n != 1) {
            let joins = !walk.sizes.is_empty()
                && walk.strides.iter().zip(operands).all(|(s, own)| s.last() == Some(&(own[d] * n)));
            if joins {
                walk.sizes.last_mut().into_iter().for_each(|last| *last *= n);
                walk.strides.iter_mut().for_each(|s| _ = s.pop());
            } else {
                walk.sizes.push(n);
            }
            walk.strides.iter_mut().zip(operands).for_each(|(s, own)| s.push(own[d]));
        }
        if walk.sizes.is_empty() {
            walk.sizes.push(1);
            walk.strides.iter_mut().for_each(|s| s.push(0));
        }
        walk
    }

    /// Has the operands given (with their addresses) move several elements as one word where that keeps whole words together, and gives
    /// the bytes of a word; `steps` are other distances in the moved memory, which count words then, too.
    pub fn widen(&mut self, item: usize, moved: &[(usize, u64)], steps: &mut [i64]) -> usize {
        let last = self.sizes.len() - 1;
        let is_moved = |k: usize| moved.iter().any(|m| m.0 == k);
        let straight = self.strides.iter().enumerate().all(|(k, s)| s[last] == i64::from(is_moved(k)));
        let fits = |by: i64| {
            let whole = |s: &i64| s % by == 0;
            self.sizes[last] % by == 0
                && steps.iter().all(whole)
                && moved.iter().all(|&(k, address)| {
                    address.is_multiple_of(by as u64 * item as u64) && self.strides[k][..last].iter().all(whole)
                })
        };
        let mut by = (WORD / item) as i64;
        while by > 1 && !(straight && fits(by)) {
            by /= 2;
        }
        if by > 1 {
            self.sizes[last] /= by;
            self.count /= by as usize;
            for &(k, _) in moved {
                self.strides[k][..last].iter_mut().for_each(|s| *s /= by);
            }
            steps.iter_mut().for_each(|s| *s /= by);
        }
        item * by as usize
    }

    /// Whether all distances are multiples of a number.
    pub fn is_whole(&self, by: i64) -> bool {
        self.strides.iter().flatten().all(|s| s % by == 0)
    }

    /// Takes the two dimensions out that lie close: one for the first operand, the last of all for the second; `None`, and nothing
    /// is taken, where they are the same, there is none, or one has fewer elements than `least`.
    pub fn crossed(&mut self, from: usize, to: usize, least: i64) -> Option<(Close, Close)> {
        let last = self.sizes.len() - 1;
        let close = (0..last).find(|&d| self.strides[from][d] == 1)?;
        let fits = |d: usize| (least..i64::from(i32::MAX)).contains(&self.sizes[d]);
        if self.strides[to][last] != 1 || self.strides[from][last] <= 1 || !fits(last) || !fits(close) {
            return None;
        }
        let mut take = |d: usize| Close {
            size: self.sizes.remove(d),
            steps: self.strides.iter_mut().map(|s| s.remove(d)).collect(),
        };
        let (to, from) = (take(last), take(close));
        if self.sizes.is_empty() {
            self.sizes.push(1);
            self.strides.iter_mut().for_each(|s| s.push(0));
        }
        self.count /= (to.size * from.size) as usize;
        Some((from, to))
    }

    /// Leaves out an operand.
    pub fn forget(&mut self, operand: usize) {
        self.strides.remove(operand);
    }

    /// Whether its indices fit 32 bits; `reach` is how far other offsets go.
    fn narrow(&self, reach: i64) -> bool {
        let own = |s: &Dims| s.iter().zip(&self.sizes).map(|(s, n)| (n - 1) * s.abs()).sum::<i64>();
        let furthest = self.strides.iter().map(own).max().unwrap_or(0);
        self.count < 1 << 31 && furthest.saturating_add(reach) < 1 << 31
    }

    /// What [`text`](Self::text) depends on.
    pub fn key(&self, reach: i64) -> Key {
        let mut key = Key::new();
        key.byte(u8::from(self.narrow(reach))).word(self.sizes.len() as u32).word(self.strides.len() as u32);
        key
    }

    /// The typedefs of its indices, `I`, and of itself, `W`; `reach` is how far other offsets go.
    pub fn text(&self, reach: i64) -> String {
        let index = if self.narrow(reach) { "uint32_t" } else { "uint64_t" };
        format!("typedef {index} I;\ntypedef Walk<I, {}, {}> W;\n", self.sizes.len(), self.strides.len())
    }

    /// Adds what it is filled with.
    pub fn add_to(&self, parameters: &mut Parameters) {
        let all: SmallVec<[i64; 24]> = self.sizes.iter().chain(self.strides.iter().flatten()).copied().collect();
        parameters.ints(&all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_join_where_every_operand_goes_on() {
        let walk = Walk::new(&[2, 3, 4], &[&[12, 4, 1], &[0, 4, 1]]);
        assert_eq!(
            (&walk.sizes[..], &walk.strides[0][..], &walk.strides[1][..]),
            (&[2, 12][..], &[12, 1][..], &[0, 1][..])
        );
        assert_eq!(Walk::new(&[], &[&[]]).count, 1);
    }

    #[test]
    fn rows_move_by_the_widest_words_that_fit() {
        let mut walk = Walk::new(&[5, 6], &[&[0, 1], &[6, 1], &[1, 0]]);
        let mut steps = [6];
        assert_eq!(walk.widen(4, &[(0, 0), (1, 16)], &mut steps), 8);
        assert_eq!((walk.count, steps, &walk.strides[1][..]), (15, [3], &[3, 1][..]));
        let mut odd = Walk::new(&[5, 6], &[&[0, 1], &[6, 1]]);
        assert_eq!(odd.widen(4, &[(0, 4), (1, 16)], &mut []), 4);
    }
}

//! libstdc++'s selection and sorting, step for step.
//!
//! Which of several equal elements `topk` names depends on the algorithm that chose; this is the one PyTorch is linked
//! with. `less` may be any relation: scans stop at the ends of the slice. Comparisons hear interrupts.

use super::key::Entry;
use crate::base::interrupt;
use crate::cpu::parallel;

/// An order that hears interrupts.
fn heard<T>(less: &impl Fn(&T, &T) -> bool) -> impl Fn(&T, &T) -> bool {
    move |a, b| {
        interrupt::poll();
        less(a, b)
    }
}

/// Moves `hole` down to the bottom of the heap and then `value` up from there.
fn adjust_heap<T: Copy>(a: &mut [T], hole: usize, len: usize, value: T, less: &impl Fn(&T, &T) -> bool) {
    let top = hole;
    let mut hole = hole;
    let mut child = hole;
    while child < (len - 1) / 2 {
        child = 2 * (child + 1);
        if less(&a[child], &a[child - 1]) {
            child -= 1;
        }
        a[hole] = a[child];
        hole = child;
    }
    if len & 1 == 0 && child == (len - 2) / 2 {
        child = 2 * (child + 1);
        a[hole] = a[child - 1];
        hole = child - 1;
    }
    while hole > top {
        let parent = (hole - 1) / 2;
        if !less(&a[parent], &value) {
            break;
        }
        a[hole] = a[parent];
        hole = parent;
    }
    a[hole] = value;
}

/// Arranges the elements as a heap, the last of them in order on top.
pub fn make_heap<T: Copy>(a: &mut [T], less: &impl Fn(&T, &T) -> bool) {
    if a.len() < 2 {
        return;
    }
    for parent in (0..=(a.len() - 2) / 2).rev() {
        adjust_heap(a, parent, a.len(), a[parent], less);
    }
}

/// Sorts a heap.
pub fn sort_heap<T: Copy>(a: &mut [T], less: &impl Fn(&T, &T) -> bool) {
    for last in (1..a.len()).rev() {
        let value = a[last];
        a[last] = a[0];
        adjust_heap(a, 0, last, value, less);
    }
}

/// Puts `value` in the place of a heap's top when it comes before it.
pub fn offer<T: Copy>(heap: &mut [T], value: T, less: &impl Fn(&T, &T) -> bool) {
    if less(&value, &heap[0]) {
        adjust_heap(heap, 0, heap.len(), value, less);
    }
}

/// Brings the `k` first elements into a heap at the front.
fn heap_select<T: Copy>(a: &mut [T], k: usize, less: &impl Fn(&T, &T) -> bool) {
    make_heap(&mut a[..k], less);
    for i in k..a.len() {
        let (value, top) = (a[i], a[0]);
        if less(&value, &top) {
            a[i] = top;
            offer(&mut a[..k], value, less);
        }
    }
}

/// Puts the median of three elements first, and splits the rest around it; gives the start of the upper part.
fn partition_pivot<T: Copy>(a: &mut [T], less: &impl Fn(&T, &T) -> bool) -> usize {
    let (x, y, z) = (1, a.len() / 2, a.len() - 1);
    let median = if less(&a[x], &a[y]) {
        if less(&a[y], &a[z]) {
            y
        } else if less(&a[x], &a[z]) {
            z
        } else {
            x
        }
    } else if less(&a[x], &a[z]) {
        x
    } else if less(&a[y], &a[z]) {
        z
    } else {
        y
    };
    a.swap(0, median);
    let pivot = a[0];
    let (mut first, mut last) = exchange(a, 1, a.len(), &pivot, less);
    loop {
        while first < a.len() && less(&a[first], &pivot) {
            first += 1;
        }
        last -= 1;
        while last > 0 && less(&pivot, &a[last]) {
            last -= 1;
        }
        if first >= last {
            return first;
        }
        a.swap(first, last);
        first += 1;
    }
}

/// Elements from each end of a range that are compared before any is moved.
const BLOCK: usize = 64;

/// The exchanges of Hoare's partition of `a[first..last]` around `pivot` while both ends are far apart, and the range that
/// is left: what stops the scan from below changes places with what stops the one from above. Comparisons write down where
/// they stop instead of branching, so that none is guessed wrong.
pub fn exchange<T: Copy>(
    a: &mut [T],
    mut first: usize,
    mut last: usize,
    pivot: &T,
    less: &impl Fn(&T, &T) -> bool,
) -> (usize, usize) {
    let (mut low, mut high) = ([0u8; BLOCK], [0u8; BLOCK]);
    // The stops that wait for a partner.
    let (mut lows, mut highs) = (0..0, 0..0);
    while last - first > 2 * BLOCK {
        interrupt::poll();
        if lows.is_empty() {
            let mut n = 0;
            for (i, v) in (0..).zip(&a[first..first + BLOCK]) {
                low[n % BLOCK] = i;
                n += usize::from(!less(v, pivot));
            }
            lows = 0..n;
        }
        if highs.is_empty() {
            let mut n = 0;
            for (i, v) in (0..).zip(a[last - BLOCK..last].iter().rev()) {
                high[n % BLOCK] = i;
                n += usize::from(!less(pivot, v));
            }
            highs = 0..n;
        }
        for (l, h) in low[lows.clone()].iter().zip(&high[highs.clone()]) {
            a.swap(first + usize::from(*l), last - 1 - usize::from(*h));
        }
        let pairs = lows.len().min(highs.len());
        lows.start += pairs;
        highs.start += pairs;
        if lows.is_empty() {
            first += BLOCK;
        }
        if highs.is_empty() {
            last -= BLOCK;
        }
    }
    let waits = |stops: &[u8; BLOCK], at: &std::ops::Range<usize>| match at.is_empty() {
        true => 0,
        false => usize::from(stops[at.start]),
    };
    (first + waits(&low, &lows), last - waits(&high, &highs))
}

fn insert_back<T: Copy>(a: &mut [T], i: usize, less: &impl Fn(&T, &T) -> bool) {
    let value = a[i];
    let mut at = i;
    while at > 0 && less(&value, &a[at - 1]) {
        a[at] = a[at - 1];
        at -= 1;
    }
    a[at] = value;
}

fn insertion_sort<T: Copy>(a: &mut [T], less: &impl Fn(&T, &T) -> bool) {
    for i in 1..a.len() {
        if less(&a[i], &a[0]) {
            a[..=i].rotate_right(1);
        } else {
            insert_back(a, i, less);
        }
    }
}

fn depth(n: usize) -> u32 {
    2 * n.checked_ilog2().unwrap_or(0)
}

/// `std::nth_element`: what a sort would put at `nth` is there, with nothing larger before it.
pub fn nth_element<T: Copy>(a: &mut [T], nth: usize, less: &impl Fn(&T, &T) -> bool) {
    if nth >= a.len() {
        return;
    }
    let less = &heard(less);
    let (mut first, mut last, mut limit) = (0, a.len(), depth(a.len()));
    while last - first > 3 {
        if limit == 0 {
            heap_select(&mut a[first..last], nth + 1 - first, less);
            a.swap(first, nth);
            return;
        }
        limit -= 1;
        let cut = first + partition_pivot(&mut a[first..last], less);
        if cut <= nth {
            first = cut;
        } else {
            last = cut;
        }
    }
    insertion_sort(&mut a[first..last], less);
}

/// Elements that are sorted by insertion.
const SMALL: usize = 16;

/// `std::sort`.
pub fn sort<T: Copy>(a: &mut [T], less: &impl Fn(&T, &T) -> bool) {
    fn halves<T: Copy>(a: &mut [T], mut end: usize, mut limit: u32, less: &impl Fn(&T, &T) -> bool) {
        while end > SMALL {
            if limit == 0 {
                heap_select(&mut a[..end], end, less);
                sort_heap(&mut a[..end], less);
                return;
            }
            limit -= 1;
            let cut = partition_pivot(&mut a[..end], less);
            halves(&mut a[cut..end], end - cut, limit, less);
            end = cut;
        }
    }
    let less = &heard(less);
    let n = a.len();
    halves(a, n, depth(n), less);
    if n > SMALL {
        insertion_sort(&mut a[..SMALL], less);
        (SMALL..n).for_each(|i| insert_back(a, i, less));
    } else {
        insertion_sort(a, less);
    }
}

/// The order of entries by their keys alone.
pub fn before<E: Entry>(a: &E, b: &E) -> bool {
    a.rank() < b.rank()
}

/// Entries from which a part is worth a thread.
const FORK: usize = 1 << 14;

/// `std::sort` of entries by their keys. With an order that is one, no insertion crosses the border of two parts, so that
/// each is finished where it was made, and threads share them.
pub fn sort_keys<E: Entry>(a: &mut [E]) {
    fn halves<E: Entry>(mut a: &mut [E], mut limit: u32) {
        let less = &before;
        while a.len() > SMALL {
            interrupt::poll();
            if limit == 0 {
                heap_select(a, a.len(), &heard(less));
                return sort_heap(a, &heard(less));
            }
            limit -= 1;
            let cut = partition_pivot(a, less);
            let (low, high) = a.split_at_mut(cut);
            if low.len().min(high.len()) > FORK {
                parallel::both(|| halves(high, limit), || halves(low, limit));
                return;
            }
            halves(high, limit);
            a = low;
        }
        insertion_sort(a, less);
    }
    halves(a, depth(a.len()));
}

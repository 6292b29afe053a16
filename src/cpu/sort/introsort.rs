//! libstdc++'s selection and sorting, step for step.
//!
//! Which of several equal elements `topk` names depends on the algorithm that chose; this is the one PyTorch is linked
//! with. `less` may be any relation: scans stop at the ends of the slice. Comparisons hear interrupts.

use crate::base::interrupt;

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

fn make_heap<T: Copy>(a: &mut [T], less: &impl Fn(&T, &T) -> bool) {
    if a.len() < 2 {
        return;
    }
    for parent in (0..=(a.len() - 2) / 2).rev() {
        adjust_heap(a, parent, a.len(), a[parent], less);
    }
}

fn sort_heap<T: Copy>(a: &mut [T], less: &impl Fn(&T, &T) -> bool) {
    for last in (1..a.len()).rev() {
        let value = a[last];
        a[last] = a[0];
        adjust_heap(a, 0, last, value, less);
    }
}

/// Brings the `k` first elements into a heap at the front.
fn heap_select<T: Copy>(a: &mut [T], k: usize, less: &impl Fn(&T, &T) -> bool) {
    make_heap(&mut a[..k], less);
    for i in k..a.len() {
        if less(&a[i], &a[0]) {
            let value = a[i];
            a[i] = a[0];
            adjust_heap(a, 0, k, value, less);
        }
    }
}

/// `std::partial_sort`: the `k` first elements, sorted, at the front.
pub fn partial_sort<T: Copy>(a: &mut [T], k: usize, less: &impl Fn(&T, &T) -> bool) {
    if k > 0 {
        let less = &heard(less);
        heap_select(a, k, less);
        sort_heap(&mut a[..k], less);
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
    let (mut first, mut last) = (1, a.len());
    loop {
        while first < a.len() && less(&a[first], &a[0]) {
            first += 1;
        }
        last -= 1;
        while last > 0 && less(&a[0], &a[last]) {
            last -= 1;
        }
        if first >= last {
            return first;
        }
        a.swap(first, last);
        first += 1;
    }
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

/// `std::sort`.
pub fn sort<T: Copy>(a: &mut [T], less: &impl Fn(&T, &T) -> bool) {
    const SMALL: usize = 16;
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

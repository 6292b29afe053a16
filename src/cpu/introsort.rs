//! Introsort with the C++ library's choices of pivot and cut-off.
//!
//! An unstable sort orders equal elements by the exchanges it happens to make. Where PyTorch shows the result (the index
//! that `mode` returns), the exchanges have to be the same: quicksort with a median-of-three pivot down to runs of 16,
//! heapsort beyond `2 log2 n` levels, and one insertion sort at the end.

/// Longest run that is left to the insertion sort.
const SMALL: usize = 16;

/// Sorts `items` by the strict order `less`.
pub fn sort_by<T: Copy>(items: &mut [T], less: impl Fn(&T, &T) -> bool + Copy) {
    if items.len() < 2 {
        return;
    }
    quick(items, 2 * items.len().ilog2() as usize, less);
    for i in 1..items.len() {
        if less(&items[i], &items[0]) {
            items[..=i].rotate_right(1);
        } else {
            let mut j = i;
            while j > 0 && less(&items[j], &items[j - 1]) {
                items.swap(j, j - 1);
                j -= 1;
            }
        }
    }
}

fn quick<T: Copy>(mut items: &mut [T], mut levels: usize, less: impl Fn(&T, &T) -> bool + Copy) {
    while items.len() > SMALL {
        if levels == 0 {
            return heap_sort(items, less);
        }
        levels -= 1;
        let cut = partition(items, less);
        let (left, right) = items.split_at_mut(cut);
        quick(right, levels, less);
        items = left;
    }
}

/// Partitions around the median of the second, middle and last elements, which goes to the front first.
fn partition<T: Copy>(items: &mut [T], less: impl Fn(&T, &T) -> bool) -> usize {
    let (a, b, c) = (1, items.len() / 2, items.len() - 1);
    let (ab, bc, ac) = (less(&items[a], &items[b]), less(&items[b], &items[c]), less(&items[a], &items[c]));
    let median = match (ab, bc, ac) {
        (true, true, _) => b,
        (true, false, true) => c,
        (true, false, false) => a,
        (false, _, true) => a,
        (false, true, false) => c,
        (false, false, false) => b,
    };
    items.swap(0, median);
    let (mut i, mut j) = (1, items.len());
    loop {
        while less(&items[i], &items[0]) {
            i += 1;
        }
        j -= 1;
        while less(&items[0], &items[j]) {
            j -= 1;
        }
        if i >= j {
            return i;
        }
        items.swap(i, j);
        i += 1;
    }
}

fn heap_sort<T: Copy>(items: &mut [T], less: impl Fn(&T, &T) -> bool + Copy) {
    for parent in (0..items.len() / 2).rev() {
        let value = items[parent];
        sift(items, parent, value, less);
    }
    for end in (1..items.len()).rev() {
        let value = items[end];
        items[end] = items[0];
        sift(&mut items[..end], 0, value, less);
    }
}

/// Moves the hole at `hole` down to a leaf along the larger children, then `value` up from there.
fn sift<T: Copy>(items: &mut [T], mut hole: usize, value: T, less: impl Fn(&T, &T) -> bool) {
    let (top, n) = (hole, items.len());
    loop {
        let mut child = 2 * hole + 2;
        if child > n {
            break;
        }
        if child == n || less(&items[child], &items[child - 1]) {
            child -= 1;
        }
        items[hole] = items[child];
        hole = child;
    }
    while hole > top && less(&items[(hole - 1) / 2], &value) {
        items[hole] = items[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    items[hole] = value;
}

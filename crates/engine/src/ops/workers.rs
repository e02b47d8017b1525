//! Work on many things at once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::edge::env;

/// The results of a function for every item, in the order of the items, computed on all cores.
///
/// Starting a thread costs as much as reading several files, so fewer than `worth` items are worked on by this thread alone.
pub(super) fn map<T: Sync, R: Send>(
    items: &[T],
    worth: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    map_with(items, worth, || (), |(), item| work(item))
}

/// The same, with a state that each thread has for itself.
pub(super) fn map_with<T: Sync, S, R: Send>(
    items: &[T],
    worth: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &T) -> R + Sync,
) -> Vec<R> {
    if items.len() < worth.max(2) {
        let mut state = state();
        return items.iter().map(|item| work(&mut state, item)).collect();
    }
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let worker = || {
        let (mut state, mut mine) = (state(), Vec::new());
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { break };
            mine.push((index, work(&mut state, item)));
        }
        // Poisoned by a panic elsewhere, which the scope passes on.
        if let Ok(mut results) = results.lock() {
            results.extend(mine);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..env::threads().min(items.len()) {
            scope.spawn(|| {
                reserve_memory();
                worker();
            });
        }
        worker();
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Has the allocator get a thread's memory in one piece.
///
/// glibc gives threads an arena of their own and lets it grow by a page or two at a time, each with a system call: thousands
/// of them for a large document. A block that it had to map is, once freed, what it goes by from then on: blocks of this size
/// come from the arena, and stay there when they are freed. So the second block makes the arena large. No page of it is touched,
/// so it costs addresses and no memory. Other allocators do this by themselves, and lose two calls.
pub(super) fn reserve_memory() {
    for mebibytes in [31, 30] {
        drop(std::hint::black_box(Vec::<u8>::with_capacity(mebibytes << 20)));
    }
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn results_have_the_order_of_the_items() {
        for count in [0, 1, 2, 1000] {
            let items: Vec<usize> = (0..count).collect();
            for worth in [0, 5, 5000] {
                let doubled: Vec<usize> = items.iter().map(|item| 2 * item).collect();
                assert_eq!(map(&items, worth, |item| 2 * item), doubled);
            }
        }
    }
}

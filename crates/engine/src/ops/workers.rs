//! Runs a function on many items in parallel.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::edge::env;

/// Returns the results of a function for every item, in their order, computed on all cores.
///
/// Starting a thread costs as much as reading several files, so this thread alone works on fewer than `worth` items.
pub(super) fn map<T: Sync, R: Send>(
    items: &[T],
    worth: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    map_with(items, worth, || (), |(), item| work(item))
}

/// Returns the results of a function as [`map`] does; each thread has a state of its own.
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
        // Poisoned only by a panic in another thread, which the scope propagates.
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

/// Makes the allocator get a thread's memory in one piece.
///
/// glibc gives threads an arena of their own and lets it grow by a page or two at a time, each with a system call: thousands
/// of them for a large document. Freeing a block that it had to map raises its threshold: blocks of up to this size then come
/// from the arena, and stay there when they are freed. So the second block makes the arena large. No page of it is touched, so
/// it costs addresses and no memory. Other allocators do not need this, and lose two calls.
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

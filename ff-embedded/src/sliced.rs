//! A training step in slices, for a processor that has other things to do.
//!
//! [`step`] calls back between two slices; [`step_async`] lets other tasks run. Both learn exactly what
//! a whole step would, to the bit.

use core::task::Poll;

use ff_core::error::Error;
use ff_core::kernel::Kernel;
use ff_core::learner::Report;
use ff_core::rule::Sliced;

use crate::app::App;
use crate::digits::Digit;
use crate::nets::Net;

/// Learns one digit; `between` is called before the step is prepared, which looks at every pixel, and
/// before each slice of at most `budget` multiply-adds.
///
/// # Errors
/// As [`Learns::step`](crate::learns::Learns::step).
pub fn step<N: Net, K: Kernel + Copy>(
    app: &mut App<'_, N, K>,
    digit: Digit,
    lr_scale: f32,
    budget: usize,
    mut between: impl FnMut(),
) -> Result<Report, Error> {
    between();
    let (mut trainer, image) = app.ready(digit, lr_scale)?;
    let label = [digit.label()];
    let mut slices = trainer.begin(image, &label)?;
    loop {
        between();
        if let Poll::Ready(result) = slices.poll(budget) {
            return result;
        }
    }
}

/// The same in an async task: `yield_now` makes the future that lets others run.
///
/// # Errors
/// As [`Learns::step`](crate::learns::Learns::step).
pub async fn step_async<N: Net, K: Kernel + Copy, F: Future<Output = ()>>(
    app: &mut App<'_, N, K>,
    digit: Digit,
    lr_scale: f32,
    budget: usize,
    yield_now: impl Fn() -> F,
) -> Result<Report, Error> {
    yield_now().await;
    let (mut trainer, image) = app.ready(digit, lr_scale)?;
    let label = [digit.label()];
    let mut slices = trainer.begin(image, &label)?;
    loop {
        yield_now().await;
        if let Poll::Ready(result) = slices.poll(budget) {
            return result;
        }
    }
}

#[cfg(test)]
mod tests {
    use core::pin::pin;
    use core::task::{Context, Waker};

    use ff_core::kernel::Portable;

    use super::*;
    use crate::app::SEED;
    use crate::digits;
    use crate::learns::Learns;
    use crate::nets::Usual;

    const STEPS: usize = 30;

    fn whole() -> u32 {
        let mut memory = Usual::MEMORY;
        let mut app = App::start(&mut memory, SEED, Portable);
        digits::training().take(STEPS).for_each(|digit| drop(app.step(digit, 0.5).unwrap()));
        app.checksum()
    }

    #[test]
    fn slices_add_up_to_the_step() {
        let mut memory = Usual::MEMORY;
        let mut app = App::start(&mut memory, SEED, Portable);
        let mut slices = 0;
        for digit in digits::training().take(STEPS) {
            step(&mut app, digit, 0.5, 600, || slices += 1).unwrap();
        }
        assert!(slices > 5 * STEPS, "{slices} slices");
        assert_eq!(app.checksum(), whole());
    }

    #[test]
    fn an_async_step_pauses_and_learns_the_same() {
        let mut memory = Usual::MEMORY;
        let mut app = App::start(&mut memory, SEED, Portable);
        let mut pauses = 0;
        for digit in digits::training().take(STEPS) {
            let mut step = pin!(step_async(&mut app, digit, 0.5, 600, || {
                let mut asked = false;
                core::future::poll_fn(move |_| {
                    if core::mem::replace(&mut asked, true) { Poll::Ready(()) } else { Poll::Pending }
                })
            }));
            while step.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
                pauses += 1;
            }
        }
        assert!(pauses > 5 * STEPS, "{pauses} pauses");
        assert_eq!(app.checksum(), whole());
    }
}

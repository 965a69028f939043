//! A progress bar on standard error while files are read, where a person is looking.

use indicatif::{ProgressBar, ProgressStyle};
use intake::Progress;

/// A bar that follows how far reading has come.
pub struct Bar {
    bar: ProgressBar,
    progress: Progress,
    seen: u64,
}

/// A bar of things that are done, one by one.
pub struct Count(ProgressBar);

impl Count {
    /// A bar of so many; hidden where standard error is not a terminal.
    pub fn new(of: u64) -> Count {
        let bar = ProgressBar::new(of);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        Count(bar)
    }

    /// So many are done.
    pub fn at(&self, done: u64) {
        self.0.set_position(done);
    }

    /// The end.
    pub fn finish(self) {
        self.0.finish_and_clear();
    }
}

/// Deliveries between two looks at the bar.
const EVERY: u64 = 2_000;

impl Bar {
    /// A bar of bytes read; hidden where standard error is not a terminal.
    pub fn new(progress: &Progress) -> Bar {
        let bar = ProgressBar::new(progress.total_bytes());
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}") {
            bar.set_style(style);
        }
        Bar {
            bar,
            progress: progress.clone(),
            seen: 0,
        }
    }

    /// One more delivery.
    pub fn step(&mut self) {
        self.seen += 1;
        if self.seen.is_multiple_of(EVERY) {
            self.bar.set_length(self.progress.total_bytes());
            self.bar.set_position(self.progress.read_bytes());
        }
    }

    /// The end.
    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}

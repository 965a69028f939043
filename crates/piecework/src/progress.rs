//! A progress bar on standard error while files are read, where a person is looking.

use indicatif::{ProgressBar, ProgressStyle};
use intake::Progress;

/// A bar that follows how far reading has come.
pub struct Bar {
    bar: ProgressBar,
    progress: Progress,
    seen: u64,
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

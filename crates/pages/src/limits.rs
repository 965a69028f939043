//! How much one page holds. What is left out is counted on the page, with the command that shows it.

/// Works shown under one line of a statement.
pub const WORKS_PER_LINE_MAX: usize = 100;
/// Facts shown under one work, and causes under one adjustment.
pub const FACTS_PER_WORK_MAX: usize = 60;
/// Entries without a work shown under one line.
pub const ENTRIES_PER_LINE_MAX: usize = 60;
/// Works shown in a comparison.
pub const DIFFERING_WORKS_MAX: usize = 200;
/// Rows shown in one cut of the margin.
pub const MARGIN_ROWS_MAX: usize = 200;
/// Entries named beside a number of a proof report.
pub const ENTRIES_NAMED_MAX: usize = 12;
/// Rows drawn in one chart; its table holds the rest.
pub const CHART_ROWS_MAX: usize = 24;
/// Characters of a foreign text; longer ones end in an ellipsis.
pub const TEXT_CHARS_MAX: usize = 1_000;

//! Which spans are the calls: of all that report one call, the innermost counts.
//!
//! An SDK, a framework and an agent each report the same tokens on their own span, one inside the
//! other. A span that stands above a counted call is not counted. A request seldom holds a whole
//! trace: inner spans end first and are often sent first, so [`Above`] remembers what stands above
//! the calls of earlier requests. Invariant: whatever the order of spans in a request, the same spans
//! are counted, and no two that stand one above the other. (Where spans claim to stand above
//! themselves, the circle is cut where reading meets it.)

use std::collections::{HashMap, HashSet, VecDeque};

use super::span::{SpanId, TraceId};
use crate::limits::OTLP_ABOVE_SPANS_MAX;

/// The spans that stand above calls which were counted in earlier requests; the latest of them.
///
/// A server keeps one for all its requests. It is forgotten when the server stops: an outer span that
/// comes after that, in another request than its call, is then counted too, unless it carries the
/// same response id.
#[derive(Debug, Clone, Default)]
pub struct Above {
    known: HashSet<(TraceId, SpanId)>,
    order: VecDeque<(TraceId, SpanId)>,
}

impl Above {
    fn insert(&mut self, span: (TraceId, SpanId)) {
        if !self.known.insert(span) {
            return;
        }
        self.order.push_back(span);
        if self.order.len() > OTLP_ABOVE_SPANS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    /// How many spans are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

/// A span, as far as this choice needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) trace: TraceId,
    pub(super) id: SpanId,
    pub(super) parent: Option<SpanId>,
    pub(super) reports: Reports,
}

/// What a span reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reports {
    /// No model call.
    Nothing,
    /// A call, with what it used.
    Used,
    /// A call, without saying what it used.
    Unknown,
    /// The usage of the calls inside it.
    Sum,
}

/// What becomes of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// It reports nothing.
    Nothing,
    /// It is a call.
    Call,
    /// It reports a call that an inner, or for want of one an outer, span reports as well.
    Repeats,
    /// It reports a sum, and no call inside it is known.
    SumAlone,
}

/// Chooses the calls; one choice per span.
pub(super) fn choose(nodes: &[Node], above: &mut Above) -> Vec<Choice> {
    let (parents, order) = family(nodes);
    let key = |index: usize| (nodes[index].trace, nodes[index].id);
    let is_call = |index: usize| matches!(nodes[index].reports, Reports::Used | Reports::Unknown);

    let mut covered: Vec<bool> = (0..nodes.len())
        .map(|index| above.known.contains(&key(index)))
        .collect();
    for index in order.iter().rev().copied() {
        if covered[index] || nodes[index].reports == Reports::Used {
            if let Some(parent) = parents[index] {
                covered[parent] = true;
            }
            if let Some(parent) = nodes[index].parent {
                above.insert((nodes[index].trace, parent));
            }
        }
    }
    let mut below_call = vec![false; nodes.len()];
    for index in order {
        if let Some(parent) = parents[index] {
            below_call[index] = below_call[parent] || is_call(parent);
        }
    }
    let choice = |index: usize| match nodes[index].reports {
        Reports::Nothing => Choice::Nothing,
        Reports::Used | Reports::Sum | Reports::Unknown if covered[index] => Choice::Repeats,
        Reports::Used => Choice::Call,
        Reports::Unknown if below_call[index] => Choice::Repeats,
        Reports::Unknown => Choice::Call,
        Reports::Sum => Choice::SumAlone,
    };
    (0..nodes.len()).map(choice).collect()
}

/// The parent of each span within the request, and all spans with parents before children. Where
/// spans claim to stand above themselves, the circle is cut.
fn family(nodes: &[Node]) -> (Vec<Option<usize>>, Vec<usize>) {
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Seen {
        No,
        OnPath,
        Done,
    }
    let mut places: HashMap<(TraceId, SpanId), usize> = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        places.entry((node.trace, node.id)).or_insert(index);
    }
    let parent_of = |node: &Node| places.get(&(node.trace, node.parent?)).copied();
    let mut parents: Vec<Option<usize>> = nodes.iter().map(parent_of).collect();
    let mut seen = vec![Seen::No; nodes.len()];
    let mut order = Vec::with_capacity(nodes.len());
    for start in 0..nodes.len() {
        let mut path = Vec::new();
        let mut next = Some(start);
        while let Some(index) = next {
            match seen[index] {
                Seen::Done => break,
                Seen::OnPath => {
                    if let Some(last) = path.last() {
                        parents[*last] = None;
                    }
                    break;
                }
                Seen::No => {
                    seen[index] = Seen::OnPath;
                    path.push(index);
                    next = parents[index];
                }
            }
        }
        for index in path.into_iter().rev() {
            seen[index] = Seen::Done;
            order.push(index);
        }
    }
    (parents, order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: u8, parent: u8, reports: Reports) -> Node {
        Node {
            trace: [1; 16],
            id: [id; 8],
            parent: (parent != 0).then_some([parent; 8]),
            reports,
        }
    }

    use Reports::{Nothing, Sum, Unknown, Used};

    #[test]
    fn the_innermost_of_a_chain_is_the_call() {
        let chain = [
            node(1, 0, Sum),
            node(2, 1, Used),
            node(3, 2, Nothing),
            node(4, 3, Used),
            node(5, 4, Nothing),
            node(6, 1, Used),
        ];
        let expected = [
            Choice::Repeats,
            Choice::Repeats,
            Choice::Nothing,
            Choice::Call,
            Choice::Nothing,
            Choice::Call,
        ];
        assert_eq!(choose(&chain, &mut Above::default()), expected);
        let mut turned = chain;
        turned.reverse();
        let mut choices = choose(&turned, &mut Above::default());
        choices.reverse();
        assert_eq!(choices, expected, "the order of spans does not matter");
    }

    #[test]
    fn a_call_without_usage_counts_where_no_other_span_reports_it() {
        let check = |nodes: &[Node], expected: &[Choice]| {
            assert_eq!(choose(nodes, &mut Above::default()), expected);
        };
        check(&[node(1, 9, Unknown)], &[Choice::Call]);
        // Its wrapper knows the usage.
        check(
            &[node(1, 0, Used), node(2, 1, Unknown)],
            &[Choice::Call, Choice::Repeats],
        );
        // Nobody knows it: one unknown, not two.
        check(
            &[node(1, 0, Unknown), node(2, 1, Unknown)],
            &[Choice::Call, Choice::Repeats],
        );
        check(
            &[node(1, 0, Unknown), node(2, 1, Used)],
            &[Choice::Repeats, Choice::Call],
        );
        check(
            &[node(1, 0, Sum), node(2, 1, Unknown)],
            &[Choice::SumAlone, Choice::Call],
        );
    }

    #[test]
    fn what_stands_above_an_earlier_requests_call_repeats_it() {
        let mut above = Above::default();
        let inner = [node(4, 3, Used)];
        let outer = [node(3, 2, Nothing), node(2, 1, Used)];
        let outermost = [node(1, 0, Used)];
        for again in 0..2 {
            assert_eq!(choose(&inner, &mut above), [Choice::Call], "{again}");
            assert_eq!(
                choose(&outer, &mut above),
                [Choice::Nothing, Choice::Repeats]
            );
            assert_eq!(choose(&outermost, &mut above), [Choice::Repeats]);
        }
        // Another trace has other spans.
        let other = Node {
            trace: [2; 16],
            ..node(2, 1, Used)
        };
        assert_eq!(choose(&[other], &mut above), [Choice::Call]);
    }

    #[test]
    fn a_circle_of_spans_loses_no_call() {
        let circle = [node(1, 2, Used), node(2, 1, Used)];
        let calls = choose(&circle, &mut Above::default());
        assert_eq!(
            calls
                .iter()
                .filter(|choice| **choice == Choice::Call)
                .count(),
            1
        );
        assert_eq!(
            choose(&[node(1, 1, Used)], &mut Above::default()),
            [Choice::Call]
        );
    }

    #[test]
    fn the_memory_is_bounded() {
        let mut above = Above::default();
        for number in 0..=OTLP_ABOVE_SPANS_MAX {
            above.insert(([1; 16], (number as u64 + 1).to_be_bytes()));
        }
        assert_eq!(
            (above.len(), above.known.len()),
            (OTLP_ABOVE_SPANS_MAX, OTLP_ABOVE_SPANS_MAX)
        );
        assert!(
            !above.known.contains(&([1; 16], 1u64.to_be_bytes())),
            "the oldest is forgotten"
        );
    }
}

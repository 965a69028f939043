//! The switching rule: who fails is looked at more closely (the rule of ISO 2859-1, section 9.3).
//!
//! Two of five lots in a row refused: tightened. Five in a row accepted: normal again. Five refused
//! while tightened: stop, until somebody has done something about it.

use std::collections::VecDeque;

/// How closely lots are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Inspection {
    /// The plan as agreed.
    Normal,
    /// A stricter one.
    Tightened,
    /// No lot is accepted until the cause is removed; [`Switching::resume`] goes on, tightened.
    Stopped,
}

/// The state of the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switching {
    inspection: Inspection,
    /// Whether each of the last lots was accepted, up to five, since the last switch.
    last: VecDeque<bool>,
    refused_while_tightened: u8,
}

const WINDOW: usize = 5;
const REFUSED_TO_TIGHTEN: usize = 2;
const REFUSED_TO_STOP: u8 = 5;

impl Default for Switching {
    /// Normal, no lot seen.
    fn default() -> Switching {
        Switching {
            inspection: Inspection::Normal,
            last: VecDeque::with_capacity(WINDOW + 1),
            refused_while_tightened: 0,
        }
    }
}

impl Switching {
    /// How the next lot is looked at.
    #[must_use]
    pub fn inspection(&self) -> Inspection {
        self.inspection
    }

    /// One more lot, accepted or refused at first sight. While stopped nothing changes.
    pub fn lot(&mut self, accepted: bool) {
        if self.inspection == Inspection::Stopped {
            return;
        }
        self.last.push_back(accepted);
        if self.last.len() > WINDOW {
            self.last.pop_front();
        }
        match self.inspection {
            Inspection::Normal => {
                let refused = self.last.iter().filter(|accepted| !**accepted).count();
                if refused >= REFUSED_TO_TIGHTEN {
                    self.switch(Inspection::Tightened);
                }
            }
            Inspection::Tightened | Inspection::Stopped => {
                self.refused_while_tightened += u8::from(!accepted);
                if self.refused_while_tightened >= REFUSED_TO_STOP {
                    self.switch(Inspection::Stopped);
                } else if self.last.len() == WINDOW && self.last.iter().all(|accepted| *accepted) {
                    self.switch(Inspection::Normal);
                }
            }
        }
    }

    /// Somebody removed the cause: tightened again.
    pub fn resume(&mut self) {
        if self.inspection == Inspection::Stopped {
            self.switch(Inspection::Tightened);
        }
    }

    fn switch(&mut self, to: Inspection) {
        self.inspection = to;
        self.last.clear();
        self.refused_while_tightened = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a` accepted, `r` refused, `!` resumed; the state after each.
    #[track_caller]
    fn check(lots: &str, states: &str) {
        let mut rule = Switching::default();
        let is: String = lots
            .chars()
            .map(|lot| {
                match lot {
                    '!' => rule.resume(),
                    lot => rule.lot(lot == 'a'),
                }
                match rule.inspection() {
                    Inspection::Normal => 'N',
                    Inspection::Tightened => 'T',
                    Inspection::Stopped => 'S',
                }
            })
            .collect();
        assert_eq!(is, states);
    }

    #[test]
    fn lots_in_a_row() {
        check("aaraaar", "NNNNNNT");
        check("raaar", "NNNNT");
        check("raaaar", "NNNNNN");
        check("rraaaaa", "NTTTTTN");
        check("rraaaaraaaaa", "NTTTTTTTTTTN");
        check("rrrararrr", "NTTTTTTTS");
        check("rrrrrrraa!aaaaa", "NTTTTTSSSTTTTTN");
    }
}

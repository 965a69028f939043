//! Linear scales and round tick values.

/// A linear map from values to coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    start: f64,
    end: f64,
}

impl Scale {
    /// Maps `low..high` to `start..end`. Where all values are zero there is still a scale: everything
    /// lies at its start.
    #[must_use]
    pub fn new(values: (f64, f64), places: (f64, f64)) -> Scale {
        let (low, high) = values;
        let high = if high > low { high } else { low + 1.0 };
        Scale {
            low,
            high,
            start: places.0,
            end: places.1,
        }
    }

    /// The coordinate of a value.
    #[must_use]
    pub fn place(self, value: f64) -> f64 {
        self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)
    }

    /// Round values inside the scale, about `count` of them.
    #[must_use]
    pub fn ticks(self, count: u32) -> Vec<f64> {
        nice_ticks(self.low, self.high, count)
    }
}

/// Round values (1, 2 or 5 times a power of ten apart) from `low` to `high`, about `count` of them.
#[must_use]
pub fn nice_ticks(low: f64, high: f64, count: u32) -> Vec<f64> {
    let span = high - low;
    if !(span.is_finite() && span > 0.0) || count == 0 {
        return Vec::new();
    }
    let rough = span / f64::from(count);
    let power = 10f64.powf(rough.log10().floor());
    let step = match rough / power {
        r if r <= 1.0 => 1.0,
        r if r <= 2.0 => 2.0,
        r if r <= 5.0 => 5.0,
        _ => 10.0,
    } * power;
    let first = (low / step - 1e-9).ceil();
    let mut ticks = Vec::new();
    let mut index = 0.0;
    // step >= span / count / 1, so there are at most count + 1 ticks.
    while (first + index) * step <= high + step * 1e-9 {
        ticks.push((first + index) * step);
        index += 1.0;
    }
    ticks
}

/// A tick's value as text: `12,000`, `0.5`, `1.2M`.
pub(super) fn tick_text(value: f64, step: f64) -> String {
    let (value, step, unit) = match value.abs().max(step.abs()) {
        v if v >= 1e9 => (value / 1e9, step / 1e9, "bn"),
        v if v >= 1e6 => (value / 1e6, step / 1e6, "M"),
        _ => (value, step, ""),
    };
    let mut digits = 0;
    while digits < 9 && (step * 10f64.powi(digits)).fract().abs() > 1e-6 {
        digits += 1;
    }
    let digits = usize::try_from(digits).unwrap_or(0);
    let text = format!("{value:.digits$}");
    if value == 0.0 {
        "0".to_owned()
    } else {
        format!("{}{unit}", crate::format::grouped(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(low: f64, high: f64) -> String {
        let ticks = nice_ticks(low, high, 4);
        let step = if ticks.len() > 1 {
            ticks[1] - ticks[0]
        } else {
            1.0
        };
        ticks
            .iter()
            .map(|t| tick_text(*t, step))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(texts(0.0, 9412.0), "0 5,000");
        assert_eq!(texts(0.0, 1.0), "0 0.5 1.0");
        assert_eq!(texts(-300.0, 900.0), "0 500");
        assert_eq!(texts(0.0, 2.5), "0 1 2");
        assert_eq!(texts(0.0, 4_200_000.0), "0 2M 4M");
        assert_eq!(texts(0.0, 0.00042), "0 0.0002 0.0004");
        assert_eq!(texts(0.0, 0.0), "");
        assert_eq!(texts(f64::NAN, 1.0), "");
    }

    #[test]
    fn nothing_still_has_a_scale() {
        let scale = Scale::new((0.0, 0.0), (10.0, 110.0));
        assert!((scale.place(0.0) - 10.0).abs() < 1e-9);
    }
}

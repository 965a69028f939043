//! Every environment variable that piecework reads, in one place; one that holds a secret is named by the configuration.

use zeroize::Zeroizing;

/// An environment variable and what it does.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// The name.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
}

/// The configuration file, where `--config` is not given.
pub const CONFIG: Variable = Variable {
    name: "PIECEWORK_CONFIG",
    about: "path of the configuration file where --config is not given; default ./piecework.toml",
};

/// The instant that counts as now.
pub const NOW: Variable = Variable {
    name: "PIECEWORK_NOW",
    about: "an RFC 3339 instant that counts as now, to repeat a run exactly; default the clock",
};

/// Randomness that repeats.
pub const RANDOM: Variable = Variable {
    name: "PIECEWORK_RANDOM",
    about: "64 hexadecimal digits that stand in for randomness, to repeat a run exactly: secrets made under it are no secrets; default the system's",
};

/// How much the server logs.
pub const LOG: Variable = Variable {
    name: "PIECEWORK_LOG",
    about: "how much `piecework serve` writes to standard error: error, warn, info, debug or trace; default info",
};

/// Colour off.
pub const NO_COLOR: Variable = Variable {
    name: "NO_COLOR",
    about: "set to anything, diagnostics are printed without colour",
};

/// All of them, for `piecework schema environment` and the documentation.
pub const ALL: &[Variable] = &[CONFIG, NOW, RANDOM, LOG, NO_COLOR];

/// The secret in an environment variable that the configuration names, or `None` where it is unset or empty.
#[must_use]
pub fn named(variable: &str) -> Option<Zeroizing<String>> {
    let value = std::env::var(variable)
        .ok()
        .filter(|value| !value.is_empty());
    value.map(Zeroizing::new)
}

impl Variable {
    /// The value, or `None` where it is unset or empty.
    #[must_use]
    pub fn value(self) -> Option<String> {
        std::env::var(self.name)
            .ok()
            .filter(|value| !value.is_empty())
    }
}

//! The colours, each with its light and its dark value: the only place where colours are written.
//!
//! Invariant, held by a test: a colour that carries text reaches the contrast of WCAG 2.2 AA
//! (4.5 to 1) on every ground of its theme, one that fills a shape reaches 3 to 1.

/// A colour token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// Its name; `--name` in the style sheet.
    pub name: &'static str,
    /// What it is for.
    pub role: Role,
    /// On light ground, as `#rrggbb`.
    pub light: &'static str,
    /// On dark ground.
    pub dark: &'static str,
}

/// What a colour may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Behind everything else.
    Ground,
    /// Hairlines and tracks: decoration that carries no information.
    Line,
    /// Shapes that carry information.
    Shape,
    /// Text (and therefore also shapes).
    Text,
}

const fn colour(name: &'static str, role: Role, light: &'static str, dark: &'static str) -> Colour {
    Colour {
        name,
        role,
        light,
        dark,
    }
}

/// All colours.
pub const COLOURS: &[Colour] = &[
    colour("desk", Role::Ground, "#f5f4f0", "#0e1013"),
    colour("paper", Role::Ground, "#ffffff", "#16181c"),
    colour("wash", Role::Ground, "#f0eee9", "#202329"),
    colour("line", Role::Line, "#dcd9d2", "#343840"),
    colour("track", Role::Line, "#e6e3dc", "#2c3038"),
    colour("ink", Role::Text, "#1b1d21", "#ece9e3"),
    colour("muted", Role::Text, "#5a5f68", "#a6abb5"),
    colour("link", Role::Text, "#1d55a8", "#8fbaff"),
    colour("access", Role::Text, "#37569a", "#94b3f0"),
    colour("usage", Role::Text, "#0b6a69", "#63c4c0"),
    colour("outcome", Role::Text, "#2f6f36", "#88c98c"),
    colour("risk", Role::Text, "#90530d", "#e3a95e"),
    colour("terms", Role::Text, "#5a5f68", "#a6abb5"),
    colour("model", Role::Text, "#64489a", "#b9a0ea"),
    colour("infra", Role::Text, "#3c6277", "#90b7ca"),
    colour("human_review", Role::Text, "#a1402a", "#ef9c83"),
    colour("support", Role::Text, "#73600f", "#d3bf60"),
    colour("margin", Role::Text, "#136a55", "#64cfb0"),
    colour("price", Role::Shape, "#4a4f59", "#b6bbc5"),
    colour("calm", Role::Text, "#2f6f36", "#88c98c"),
    colour("watch", Role::Text, "#855600", "#e6b552"),
    colour("alarm", Role::Text, "#b02318", "#ff9c92"),
];

//! What a kernel's text depends on, in short.

/// All that a kernel's text depends on, written one behind the other: what has no fixed length says how long it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(Vec<u8>);

/// Bytes that few keys go beyond.
const ROOM: usize = 128;

impl Default for Key {
    fn default() -> Key {
        Key::new()
    }
}

impl Key {
    /// Nothing yet.
    #[inline]
    pub fn new() -> Key {
        Key(Vec::with_capacity(ROOM))
    }

    /// Adds a dtype, a truth or a small number.
    #[inline]
    pub fn byte(&mut self, value: u8) -> &mut Self {
        self.0.push(value);
        self
    }

    /// Adds a number.
    #[inline]
    pub fn word(&mut self, value: u32) -> &mut Self {
        self.0.extend_from_slice(&value.to_ne_bytes());
        self
    }

    /// Adds a larger number.
    #[inline]
    pub fn number(&mut self, value: usize) -> &mut Self {
        self.0.extend_from_slice(&value.to_ne_bytes());
        self
    }

    /// Adds a text.
    #[inline]
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.word(text.len() as u32);
        self.0.extend_from_slice(text.as_bytes());
        self
    }
}

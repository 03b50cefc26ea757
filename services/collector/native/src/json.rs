//! Steps over JSON, and takes nothing that is not JSON (RFC 8259). Makes no values of it.
//!
//! Stricter than it need be: what is rare in recordings (a surrogate's escape, a number longer than any that
//! is meant) is `None` as well as what is wrong. Whoever asks has a slower reader that can tell the two apart.

#![forbid(unsafe_code)]

use memchr::memchr2;

/// Deeper documents are left to the slower reader, which allows 900 levels at the least (`max_nesting`). A
/// page's document nests some hundred.
pub const MAX_DEPTH: u32 = 512;
/// Longer numbers are left to the slower reader.
pub const MAX_NUMBER_BYTES: usize = 32;

const WORD_BYTES: usize = 8;
/// A string of more words than these is stepped over in longer strides.
const SHORT_WORDS: u32 = 4;

pub struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Cursor { text, at: 0 }
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn at_end(&self) -> bool {
        self.at == self.text.len()
    }

    /// The next byte that is no white space; it is not stepped over.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.text.get(self.at)? {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    /// Step over white space and `wanted`; false where something else comes.
    #[inline]
    pub fn take(&mut self, wanted: u8) -> bool {
        // Nearly all of it is written without white space.
        if self.text.get(self.at) == Some(&wanted) || self.peek() == Some(wanted) {
            self.at += 1;
            return true;
        }
        false
    }

    /// Step over a string; what stands between its quotes, as it stands there.
    #[inline]
    pub fn string(&mut self) -> Option<&'a [u8]> {
        if !self.take(b'"') {
            return None;
        }
        let begin = self.at;
        let mut words = 0;
        while let Some(special) = self.text.get(self.at..).and_then(first_word).map(special) {
            self.at += special.trailing_zeros() as usize / 8;
            words += 1;
            match (special, self.text.get(self.at)) {
                (0, _) if words >= SHORT_WORDS => break,
                (0, _) => {}
                (_, Some(b'"')) => {
                    self.at += 1;
                    return self.text.get(begin..self.at - 1);
                }
                (_, Some(b'\\')) => self.escape()?,
                _ => return None,
            }
        }
        self.long_string()?;
        self.text.get(begin..self.at - 1)
    }

    /// Step over the rest of a string that is long, such as a style sheet, or at the end of the text.
    fn long_string(&mut self) -> Option<()> {
        let begin = self.at;
        loop {
            self.at += memchr2(b'"', b'\\', self.text.get(self.at..)?)?;
            if self.text[self.at] == b'"' {
                break;
            }
            self.escape()?;
        }
        // Looked at in one piece, which a compiler makes of wide instructions.
        let least = self.text[begin..self.at].iter().fold(u8::MAX, |least, &byte| least.min(byte));
        self.at += 1;
        (least >= b' ').then_some(())
    }

    fn escape(&mut self) -> Option<()> {
        match *self.text.get(self.at + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 2,
            b'u' => {
                let digits = self.text.get(self.at + 2..self.at + 6)?;
                // D800 to DFFF: half of a character, whose other half somebody else may look for.
                let half = matches!(digits[0], b'd' | b'D') && !digits[1].is_ascii_digit()
                    || matches!(digits[..2], [b'd' | b'D', b'8' | b'9']);
                if half || !digits.iter().all(u8::is_ascii_hexdigit) {
                    return None;
                }
                self.at += 6;
            }
            _ => return None,
        }
        Some(())
    }

    /// Step over a number; its text.
    #[inline]
    pub fn number(&mut self) -> Option<&'a [u8]> {
        self.peek()?;
        let begin = self.at;
        self.at += usize::from(self.text[begin] == b'-');
        match self.text.get(self.at)? {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if let Some(b'e' | b'E') = self.text.get(self.at) {
            self.at += 1;
            self.at += usize::from(matches!(self.text.get(self.at), Some(b'+' | b'-')));
            self.some_digits()?;
        }
        let number = self.text.get(begin..self.at)?;
        (number.len() <= MAX_NUMBER_BYTES).then_some(number)
    }

    #[inline]
    fn digits(&mut self) {
        while matches!(self.text.get(self.at), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Option<()> {
        let begin = self.at;
        self.digits();
        (self.at > begin).then_some(())
    }

    /// Step over any value, which stands inside of `depth` others.
    pub fn value(&mut self, depth: u32) -> Option<()> {
        match self.peek()? {
            b'"' => {
                self.string()?;
            }
            b'{' => self.object(depth)?,
            b'[' => self.array(depth)?,
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => {
                self.number()?;
            }
        }
        Some(())
    }

    fn object(&mut self, depth: u32) -> Option<()> {
        if depth == MAX_DEPTH {
            return None;
        }
        self.at += 1;
        if self.take(b'}') {
            return Some(());
        }
        loop {
            self.string()?;
            if !self.take(b':') {
                return None;
            }
            self.value(depth + 1)?;
            if !self.take(b',') {
                return self.take(b'}').then_some(());
            }
        }
    }

    fn array(&mut self, depth: u32) -> Option<()> {
        if depth == MAX_DEPTH {
            return None;
        }
        self.at += 1;
        if self.take(b']') {
            return Some(());
        }
        loop {
            self.value(depth + 1)?;
            if !self.take(b',') {
                return self.take(b']').then_some(());
            }
        }
    }

    fn word(&mut self, wanted: &[u8]) -> Option<()> {
        let end = self.at + wanted.len();
        let found = self.text.get(self.at..end) == Some(wanted);
        self.at = end;
        found.then_some(())
    }
}

#[inline]
fn first_word(text: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(text.get(..WORD_BYTES)?.try_into().ok()?))
}

/// The highest bit of each byte that ends a string, begins an escape, or is a control character.
///
/// The lowest such bit is exact: only bytes behind a found one can be taken for another
/// (Bit Twiddling Hacks, "determine if a word has a byte less than n").
#[inline]
fn special(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let zero_in = |word: u64| word.wrapping_sub(ONES) & !word;
    let quote = zero_in(word ^ (ONES * u64::from(b'"')));
    let backslash = zero_in(word ^ (ONES * u64::from(b'\\')));
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (quote | backslash | control) & (ONES * 0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_value(text: &str) -> bool {
        let mut cursor = Cursor::new(text.as_bytes());
        cursor.value(0).is_some() && cursor.peek().is_none() && cursor.at_end()
    }

    #[test]
    fn takes_json() {
        for text in
            ["0", "-0.5e+10", "\"\"", "[]", "{}", "[ 1 , {\"a\" : [ true,false,null ] } ]", "\"\\u00e9\\n\""]
        {
            assert!(is_value(text), "{text}");
        }
    }

    #[test]
    fn takes_nothing_else() {
        for text in [
            "",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "+1",
            "NaN",
            "tru",
            "\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\t\"",
            "[1,]",
            "[,]",
            "[1 2]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "[1",
            "{\"a\":1",
            "]",
            "1 1",
        ] {
            assert!(!is_value(text), "{text}");
        }
    }

    #[test]
    fn leaves_halves_of_characters_to_others() {
        assert!(is_value("\"\\ud7ff\\ue000\""));
        for half in ["d800", "D83D", "dbff", "dc00", "DFFF", "d900"] {
            assert!(!is_value(&format!("\"\\{}{half}\"", 'u')), "{half}");
        }
    }

    #[test]
    fn finds_what_is_special_wherever_it_stands() {
        for before in 0..200 {
            let plain = "é".repeat(before / 2) + &"x".repeat(before % 2);
            assert!(is_value(&format!("\"{plain}\"")));
            assert!(is_value(&format!("\"{plain}\\n{plain}\"")));
            for bad in ["\u{0}", "\n", "\u{1f}", "\\q"] {
                assert!(!is_value(&format!("\"{plain}{bad}{plain}\"")), "{before} {bad:?}");
            }
        }
    }

    #[test]
    fn is_bounded_in_depth_and_in_digits() {
        let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(is_value(&deep(MAX_DEPTH as usize)));
        assert!(!is_value(&deep(MAX_DEPTH as usize + 1)));
        assert!(is_value(&"1".repeat(MAX_NUMBER_BYTES)));
        assert!(!is_value(&"1".repeat(MAX_NUMBER_BYTES + 1)));
    }
}

//! As much JSON as an extension needs: the fields of an object are read, strings are written. What the host sends is JSON, so
//! that of values which nobody asked for only the end is looked for. Nothing here panics, whatever the text is.

/// The value of a field as it is written; of a name that comes twice the last one, as everywhere.
pub fn field<'a>(object: &'a str, name: &str) -> Result<Option<&'a str>, String> {
    let mut reader = Reader { text: object, at: 0 };
    let mut found = None;
    reader.expect(b'{')?;
    let mut more = !reader.take(b'}');
    while more {
        let key = reader.string()?;
        reader.expect(b':')?;
        let value = reader.value()?;
        if key == name {
            found = Some(value);
        }
        more = reader.take(b',');
        if !more {
            reader.expect(b'}')?;
        }
    }
    match reader.peek() {
        None => Ok(found),
        Some(_) => Err(reader.broken()),
    }
}

/// A field that is a string; None where it is not there, or null.
pub fn text(object: &str, name: &str) -> Result<Option<String>, String> {
    match field(object, name)? {
        None | Some("null") => Ok(None),
        Some(value) if value.starts_with('"') => Reader { text: value, at: 0 }.string().map(Some),
        Some(_) => Err(format!("\"{name}\" must be a string")),
    }
}

/// A field that is a whole number from 0 to 2^53 - 1, also as `1e3` or `5.0`; None where it is not there, or null.
pub fn whole_number(object: &str, name: &str) -> Result<Option<u64>, String> {
    let value = match field(object, name)? {
        None | Some("null") => return Ok(None),
        Some(value) => value,
    };
    // Rust also reads "inf" and "+1", which are no JSON.
    let number = match value.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        true => value.parse::<f64>().ok(),
        false => None,
    };
    match number {
        Some(number) if number.fract() == 0.0 && (0.0..9007199254740992.0).contains(&number) => Ok(Some(number as u64)),
        _ => Err(format!("\"{name}\" must be a whole number, 0 or more")),
    }
}

/// Text as a JSON string, with its quotes.
pub fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            control if control < ' ' => quoted.push_str(&format!("\\u{:04x}", control as u32)),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn broken(&self) -> String {
        format!("this is not a JSON object: byte {} was not expected", self.at)
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.text.as_bytes().get(self.at) {
            self.at += 1;
        }
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> bool {
        let there = self.peek() == Some(wanted);
        self.at += there as usize;
        there
    }

    fn expect(&mut self, wanted: u8) -> Result<(), String> {
        match self.take(wanted) {
            true => Ok(()),
            false => Err(self.broken()),
        }
    }

    fn string(&mut self) -> Result<String, String> {
        self.expect(b'"')?;
        let mut decoded = String::new();
        loop {
            // Only bytes of ASCII are looked at, so that a slice never begins or ends within a letter.
            let rest = &self.text[self.at..];
            let plain = rest.find(|c| c == '"' || c == '\\' || c < ' ').ok_or_else(|| self.broken())?;
            decoded.push_str(&rest[..plain]);
            self.at += plain + 1;
            match rest.as_bytes()[plain] {
                b'"' => return Ok(decoded),
                b'\\' => decoded.push(self.escape()?),
                _ => return Err(self.broken()),
            }
        }
    }

    /// The letter of an escape, after its backslash.
    fn escape(&mut self) -> Result<char, String> {
        let kind = self.text.as_bytes().get(self.at).copied();
        self.at += 1;
        match kind {
            Some(b'"') => Ok('"'),
            Some(b'\\') => Ok('\\'),
            Some(b'/') => Ok('/'),
            Some(b'b') => Ok('\u{8}'),
            Some(b'f') => Ok('\u{c}'),
            Some(b'n') => Ok('\n'),
            Some(b'r') => Ok('\r'),
            Some(b't') => Ok('\t'),
            Some(b'u') => self.unicode(),
            _ => {
                self.at -= 1;
                Err(self.broken())
            }
        }
    }

    /// What `\u` stands for; letters beyond U+FFFF are written as two of them.
    fn unicode(&mut self) -> Result<char, String> {
        let first = self.hex()?;
        let before = self.at;
        if (0xD800..0xDC00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            let second = self.hex()?;
            if (0xDC00..0xE000).contains(&second) {
                let letter = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(letter).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Result<u32, String> {
        let digits = self.text.get(self.at..self.at + 4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or_else(|| self.broken())?;
        self.at += 4;
        Ok(number)
    }

    /// Goes over a value. Without recursion: the depth is the sender's, and the stack is ours.
    fn value(&mut self) -> Result<&'a str, String> {
        let first = self.peek().ok_or_else(|| self.broken())?;
        let start = self.at;
        let mut depth = 0;
        loop {
            match self.peek().ok_or_else(|| self.broken())? {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b':' if depth > 0 => self.at += 1,
                _ => self.word()?,
            }
            if depth == 0 {
                break;
            }
        }
        match self.at > start && !matches!(first, b'}' | b']' | b',' | b':') {
            true => Ok(&self.text[start..self.at]),
            false => Err(self.broken()),
        }
    }

    /// Goes over a number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<(), String> {
        let rest = &self.text[self.at..];
        let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
        self.at += length;
        match length {
            0 => Err(self.broken()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_fields_wherever_they_stand() {
        let object = " { \"a\" : [1, {\"name\": \"}]\"}, \"\\\"\"] , \"name\"\n:\t\"Ada\", \"n\": 7 } ";
        assert_eq!(text(object, "name"), Ok(Some("Ada".to_string())));
        assert_eq!(whole_number(object, "n"), Ok(Some(7)));
        assert_eq!(field(object, "a"), Ok(Some("[1, {\"name\": \"}]\"}, \"\\\"\"]")));
        assert_eq!(field(object, "b"), Ok(None));
        assert_eq!(field("{}", "a"), Ok(None));
        assert_eq!(text("{\"a\":null}", "a"), Ok(None));
        assert_eq!(whole_number("{\"a\":1,\"a\":2}", "a"), Ok(Some(2)));
    }

    #[test]
    fn decodes_every_escape() {
        let object = r#"{"\u0061":"\"\\\/\b\f\n\r\t\u20AC\ud83d\ude00 ü €"}"#;
        assert_eq!(text(object, "a"), Ok(Some("\"\\/\u{8}\u{c}\n\r\t€😀 ü €".to_string())));
        assert_eq!(text(r#"{"a":"\ud83d!\ude00\ud83d\u0041"}"#, "a"), Ok(Some("\u{fffd}!\u{fffd}\u{fffd}A".to_string())));
    }

    #[test]
    fn reads_whole_numbers_and_no_others() {
        for (written, number) in [("0", 0), ("-0", 0), ("1e3", 1000), ("5.0", 5), ("9007199254740991", 9007199254740991)] {
            assert_eq!(whole_number(&format!("{{\"a\":{written}}}"), "a"), Ok(Some(number)));
        }
        for written in ["-1", "0.5", "9007199254740992", "1e999", "\"1\"", "true", "[]", "{}", "inf", "+1", "NaN", "1x"] {
            assert!(whole_number(&format!("{{\"a\":{written}}}"), "a").is_err(), "{written}");
        }
        assert!(text("{\"a\":7}", "a").is_err());
    }

    #[test]
    fn refuses_what_is_no_object() {
        let broken = [
            "", " ", "1", "[]", "\"a\"", "{", "{\"a\"", "{\"a\":", "{\"a\":}", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{\"a\":1}}", "{\"a\" 1}",
            "{a:1}", "{\"a\":,}", "{\"a\":[1}", "{\"a\":\"", "{\"a\":\"\\", "{\"a\":\"\\u12", "{\"a\":\"\\u12€\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\n\"}",
            "{\"a\":\"\\€\"}", "{\"a\":€}",
        ];
        for object in broken {
            assert!(field(object, "a").is_err(), "{object}");
        }
    }

    #[test]
    fn depth_is_no_danger() {
        let deep = format!("{{\"deep\":{}{},\"a\":1}}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(whole_number(&deep, "a"), Ok(Some(1)));
    }

    #[test]
    fn what_is_quoted_is_read_again() {
        let odd = "\u{0}\u{1f}\"\\\n\r\t/\u{7f}\u{2028}€😀";
        assert_eq!(text(&format!("{{\"a\":{}}}", quote(odd)), "a"), Ok(Some(odd.to_string())));
    }
}

package sanitize

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestIsClean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": true, "plain ä 世界": true, "a b": true, "family \U0001f468\u200d\U0001f469": true,
		"a\nb": false, "a\tb": false, "a\x00": false, "a\x1b[1m": false, "a\x7f": false, "a\u0085": false,
		"a\u2028": false, "a\u2029": false, "a\xff": false,
	} {
		if got := IsClean(text); got != want {
			t.Errorf("IsClean(%q) = %t, want %t", text, got, want)
		}
	}
}

// The result cannot move the cursor, change colours or reverse the direction of writing.
func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain ä 世界":            "plain ä 世界",
		"\x1b[31mred\x1b[0m":    "[31mred[0m",
		"two\nlines\tand\r\x00": "two lines and",
		"evil\u202etxt.exe":     "eviltxt.exe",
		"\u0085\u2028\u200b":    "",
		"\u009b31m":             "31m",
		"not \xff UTF-8":        "not \ufffd UTF-8",
	} {
		if got := Text(text); got != want {
			t.Errorf("Text(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "0123456789": "0123456789", "0123456789abc": "0123456789…", "äöüäöüäöüäöü": "äöüäöüäöüä…",
		"\x1b0123456789\x1b": "0123456789",
	} {
		if got := Short(text, 10); got != want {
			t.Errorf("Short(%q, 10) = %q, want %q", text, got, want)
		}
	}
}

// A name that a terminal would show as another one is escaped, and any other name is not changed.
func TestQuoted(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"s3://b/holiday 世界.jpg": "s3://b/holiday 世界.jpg",
		"a\u009b31m":            `"a\u009b31m"`,
		"a\x7f":                 `"a\x7f"`,
		"evil\u202egpj.exe":     `"evil\u202egpj.exe"`,
		"a\u2066b\u200e\u061c":  `"a\u2066b\u200e\u061c"`,
	} {
		if got := Quoted(name); got != want {
			t.Errorf("Quoted(%q) = %s, want %s", name, got, want)
		}
	}
}

// The document has none of the characters that a terminal acts on, and decodes to the same value.
func FuzzJSON(f *testing.F) {
	var hostile []rune
	for _, span := range [][2]rune{{0, 0x1f}, {0x7f, 0x9f}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}, {0x61c, 0x61c}, {0xe0041, 0xe0041}} {
		for r := span[0]; r <= span[1]; r++ {
			hostile = append(hostile, r)
		}
	}
	f.Add(string(hostile))
	f.Add("plain é世界 <&>")
	f.Fuzz(func(t *testing.T, text string) {
		document, err := json.MarshalIndent(map[string]string{"k": text}, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		var want, got map[string]string
		if err := json.Unmarshal(document, &want); err != nil {
			t.Fatal(err)
		}
		safe := JSON(document)
		if err := json.Unmarshal(safe, &got); err != nil || got["k"] != want["k"] {
			t.Errorf("%q is read as %q, %v", safe, got["k"], err)
		}
		if lines := strings.ReplaceAll(string(safe), "\n", ""); Text(lines) != lines {
			t.Errorf("%q has characters that a terminal acts on", safe)
		}
	})
}

// Text always returns a clean string, and changes nothing in a clean string without format characters.
func FuzzText(f *testing.F) {
	for _, text := range []string{"plain", "\x1b]0;title\x07", "\u202e", "a\r\nb", "\xff\xfe", "\U000e0041"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Text(text)
		if !IsClean(got) || Text(got) != got || strings.ContainsAny(got, "\n\t\x1b\u202e") {
			t.Errorf("Text(%q) = %q", text, got)
		}
		if utf8.RuneCountInString(Short(text, 3)) > 4 {
			t.Errorf("Short(%q, 3) = %q", text, Short(text, 3))
		}
	})
}

func Example() {
	fromTheIdP := "Not\x1b[31m today\u202e."
	fmt.Println(Text(fromTheIdP), IsClean(fromTheIdP))
	// Output: Not[31m today. false
}

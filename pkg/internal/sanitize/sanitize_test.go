package sanitize

import (
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

package exchange

import (
	"regexp"
	"strings"
	"testing"
)

func TestLegalSessionName(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, want string }{
		{"alice@example.com", "alice@example.com"},
		{"a_+=,.@-Z9", "a_+=,.@-Z9"},
		{"ab", "ab"},
		{"a", "a-ca978112"},
		{"", "-e3b0c442"},
		{"auth0|1102", "auth0-1102-f7310db5"},
		{strings.Repeat("x", 64), strings.Repeat("x", 64)},
		{strings.Repeat("x", 65), strings.Repeat("x", 55) + "-" + sumOf(strings.Repeat("x", 65))},
	} {
		if got := legalSessionName(row.name); got != row.want {
			t.Errorf("legalSessionName(%q) = %q, want %q", row.name, got, row.want)
		}
	}
}

func sumOf(name string) string {
	altered := legalSessionName(name)
	return altered[len(altered)-8:]
}

// Names that differ only in illegal characters stay different.
func TestAlteredNamesDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, name := range []string{"a b", "a|b", "a:b", "ä", "ö", "\xff\xff", "\xff", strings.Repeat("y", 70), strings.Repeat("y", 71), "y", "yy"} {
		got := legalSessionName(name)
		if other, taken := seen[got]; taken {
			t.Errorf("%q and %q share the name %q", name, other, got)
		}
		seen[got] = name
	}
}

func FuzzLegalSessionName(f *testing.F) {
	legal := regexp.MustCompile(`\A[\w+=,.@-]{2,64}\z`)
	for _, seed := range [][2]string{{"alice@example.com", "bob"}, {"a b", "a|b"}, {"", "a"}, {"ä", "\xff"},
		{strings.Repeat("x", 64), strings.Repeat("x", 65)}, {"new\nline", "new line"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		nameA, nameB := legalSessionName(a), legalSessionName(b)
		if !legal.MatchString(nameA) {
			t.Errorf("legalSessionName(%q) = %q, which is not legal", a, nameA)
		}
		if legal.MatchString(a) && nameA != a {
			t.Errorf("legalSessionName(%q) = %q, want it unchanged", a, nameA)
		}
		// Two altered names differ unless 32 bits of SHA-256 collide. An unaltered name may equal an altered one.
		if a != b && nameA == nameB && legal.MatchString(a) == legal.MatchString(b) {
			t.Errorf("%q and %q share the name %q", a, b, nameA)
		}
	})
}

package cli

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestCut(t *testing.T) {
	t.Parallel()
	long := "110212345678901234567"
	for _, row := range []struct {
		text string
		room int
		want string
	}{
		{long, 0, long}, {long, 21, long}, {long, 20, "1102123456…901234567"}, {long, 9, "1102…4567"},
		{long, 1, "1102…567"}, {"", 5, ""}, {"äöüäöüäöüäöü", 9, "äöüä…üäöü"},
	} {
		if got := cut(row.text, row.room); got != row.want {
			t.Errorf("cut(%q, %d) = %q, want %q", row.text, row.room, got, row.want)
		}
		if got := cut(row.text, row.room); row.room >= 8 && utf8.RuneCountInString(got) > row.room {
			t.Errorf("cut(%q, %d) has %d runes", row.text, row.room, utf8.RuneCountInString(got))
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	text := "the role's trust policy does not name this audience"
	for room, want := range map[int][]string{
		0:  {text},
		80: {text},
		25: {"the role's trust policy", "does not name this", "audience"},
		3:  strings.Fields(text),
	} {
		if got := wrap(text, room); !slices.Equal(got, want) {
			t.Errorf("wrap at %d: %q, want %q", room, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 13, 33, 0, 0, time.Local)
	for left, want := range map[time.Duration]string{
		-time.Second:                  "in 0 s (13:32)",
		59 * time.Second:              "in 59 s (13:33)",
		59*time.Minute + time.Second:  "in 59 min (14:32)",
		12 * time.Hour:                "in 12 h (01:33)",
		9 * 24 * time.Hour:            "in 9 days (2 Dec 13:33)",
		100*time.Minute - time.Second: "in 99 min (15:12)",
	} {
		if got := clock(now.Add(left), now); got != want {
			t.Errorf("clock in %s: %q, want %q", left, got, want)
		}
	}
}

func TestShellName(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]string{
		"bash": "bash", "-zsh": "zsh", "/usr/bin/fish": "fish", "pwsh.exe": "pwsh", "": ".", "make": "make",
	} {
		if got := shellName(program); got != want {
			t.Errorf("shellName(%q) = %q, want %q", program, got, want)
		}
	}
}

// At 40 columns a value is cut in the middle, a sentence is wrapped, and no line is wider.
func TestLayOut(t *testing.T) {
	t.Parallel()
	lines := []pair{
		{label: "answer", text: "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
		{label: "token", text: "iss https://accounts.google.com/some/tenant"},
		{text: "aud daypass"},
		{label: "nothing"},
		{label: "expires", text: "in 59 min (08:23); renews by itself"},
	}
	for width, want := range map[int]string{
		40: "  answer   Not authorized to perform\n" +
			"           sts:AssumeRoleWithWebIdentity\n" +
			"  token    iss https://ac…om/some/tenant\n" +
			"           aud daypass\n" +
			"  expires  in 59 min (08:23); renews by\n" +
			"           itself\n",
		0: "  answer   Not authorized to perform sts:AssumeRoleWithWebIdentity\n" +
			"  token    iss https://accounts.google.com/some/tenant\n" +
			"           aud daypass\n" +
			"  expires  in 59 min (08:23); renews by itself\n",
	} {
		var out strings.Builder
		layOut(&out, "  ", 0, width, newStyle(&out).dim.Render, lines)
		if out.String() != want {
			t.Errorf("width %d:\n%s\nwant\n%s", width, out.String(), want)
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); width > 0 && n > width {
				t.Errorf("width %d: %q has %d characters", width, line, n)
			}
		}
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for bytes, want := range map[int64]string{0: "0 B", 4: "4 B", 1023: "1023 B", 1024: "1 KiB", 300 << 20: "300 MiB",
		3650722202: "3.4 GiB", 1<<20 - 1: "1 MiB", 1<<63 - 1: "8 EiB"} {
		if got := size(bytes); got != want {
			t.Errorf("size(%d) = %q, want %q", bytes, got, want)
		}
	}
}

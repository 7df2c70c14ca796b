package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
)

// columns is the terminal's width, 0 where it is none or unknown.
func columns(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(file.Fd())
	if err != nil {
		return 0
	}
	return width
}

// cut takes the middle out of a text that is longer than room; room ≤ 0 means that there is no limit.
func cut(text string, room int) string {
	runes := []rune(text)
	if room <= 0 || len(runes) <= room {
		return text
	}
	room = max(room, 8)
	head := room / 2
	return string(runes[:head]) + "…" + string(runes[len(runes)-(room-head-1):])
}

// wrap breaks a sentence at its spaces; room ≤ 0 means that there is no limit.
func wrap(text string, room int) []string {
	var lines []string
	for _, word := range strings.Fields(text) {
		last := len(lines) - 1
		if last < 0 || room > 0 && len([]rune(lines[last]))+1+len([]rune(word)) > room {
			lines = append(lines, word)
			continue
		}
		lines[last] += " " + word
	}
	return lines
}

// clock writes a time both ways: «in 59 min (14:32)».
func clock(at, now time.Time) string {
	left := at.Sub(now)
	format := "15:04"
	if left > 20*time.Hour {
		format = "2 Jan 15:04"
	}
	return fmt.Sprintf("in %s (%s)", span(left), at.Local().Format(format))
}

// span writes a duration as a person would say it.
func span(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", max(0, int(d.Seconds())))
	case d < 100*time.Minute:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

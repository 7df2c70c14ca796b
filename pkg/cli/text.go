package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// columns is the terminal's width, 0 where it is none or unknown.
func columns(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
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

// pair is a line of two columns.
type pair struct{ label, text string }

// lines breaks a sentence at its spaces where it does not fit. One value, with its name perhaps, is cut.
func (p pair) lines(room int) []string {
	if strings.Count(p.text, " ") > 1 {
		return wrap(p.text, room)
	}
	return []string{cut(p.text, room)}
}

// layOut writes two columns within width (≤ 0: no limit), the first at least so wide, and leaves out what has
// no text. dim shows a label.
func layOut(w io.Writer, indent string, least, width int, dim func(...string) string, pairs []pair) {
	for _, p := range pairs {
		if p.text != "" {
			least = max(least, len(p.label))
		}
	}
	room := width - len(indent) - least - 2
	if width > 0 {
		room = max(room, 8)
	}
	for _, p := range pairs {
		if p.text == "" {
			continue
		}
		p.text = sanitize.Text(p.text)
		label := dim(fmt.Sprintf("%-*s", least, p.label))
		for _, line := range p.lines(room) {
			fmt.Fprintf(w, "%s%s  %s\n", indent, label, line)
			label = strings.Repeat(" ", least)
		}
	}
}

// undecorated shows a label on stdout, which has no styles.
func undecorated(words ...string) string { return strings.Join(words, " ") }

// wrap breaks a sentence at its spaces, and never a word: one that is longer than room, a URL or a
// command's argument, is of use only whole. Room ≤ 0 means that there is no limit.
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
	return fmt.Sprintf("in %s (%s)", remedy.Span(left), at.Local().Format(format))
}

// size writes a number of bytes as a person would say it: «4 B», «3.4 GiB».
func size(bytes int64) string {
	if bytes < 1024 {
		return fmt.Sprintf("%d B", bytes)
	}
	value, units := float64(bytes)/1024, []string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	for value >= 1023.95 && len(units) > 1 {
		value, units = value/1024, units[1:]
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", value), ".0") + " " + units[0]
}

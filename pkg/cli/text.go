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

// columns returns the terminal's width; 0 if w is not a terminal.
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

// cut replaces the middle of a text that is longer than room by «…»; room ≤ 0 means no limit.
func cut(text string, room int) string {
	runes := []rune(text)
	if room <= 0 || len(runes) <= room {
		return text
	}
	room = max(room, 8)
	head := room / 2
	return string(runes[:head]) + "…" + string(runes[len(runes)-(room-head-1):])
}

// pair is a label and its text.
type pair struct{ label, text string }

// lines wraps a sentence. A text of one or two words is a value, perhaps with its name: lines cuts it.
func (p pair) lines(room int) []string {
	if strings.Count(p.text, " ") > 1 {
		return wrap(p.text, room)
	}
	return []string{cut(p.text, room)}
}

// layOut writes pairs in two columns within width (≤ 0: no limit), the first at least that wide. It leaves out pairs
// without a text. Dim renders a label.
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

// wrap breaks a sentence at its spaces. A word longer than room stays whole: it may be a URL or an argument, which people
// copy. Room ≤ 0 means no limit.
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

// clock returns a time as a duration and a clock time: «in 59 min (14:32)».
func clock(at, now time.Time) string {
	left := at.Sub(now)
	format := "15:04"
	if left > 20*time.Hour {
		format = "2 Jan 15:04"
	}
	return fmt.Sprintf("in %s (%s)", remedy.Span(left), at.Local().Format(format))
}

// size returns a number of bytes in its largest unit: «4 B», «3.4 GiB».
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

package cli

import (
	"fmt"
	"strings"
)

// roff writes a manual page with the macros of man(7).
type roff struct{ strings.Builder }

// toRoff escapes characters that roff would interpret or replace.
var toRoff = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, "…", "...")

func (r *roff) section(title string) { r.WriteString(".SH " + title + "\n") }

// text writes a paragraph, in lines that are short even after escaping.
func (r *roff) text(text string) {
	for _, line := range wrap(text, 68) {
		r.WriteString(guarded(toRoff.Replace(line)) + "\n")
	}
}

// item writes an entry of a list; its name contains its font changes.
func (r *roff) item(name, text string) {
	r.WriteString(".TP\n" + name + "\n")
	r.text(text)
}

// literal writes text without filling.
func (r *roff) literal(text string) {
	r.WriteString(".EX\n")
	for line := range strings.Lines(text) {
		r.WriteString(guarded(toRoff.Replace(strings.TrimRight(line, "\n"))) + "\n")
	}
	r.WriteString(".EE\n")
}

// pages writes references to other pages of section 1.
func (r *roff) pages(names ...string) {
	for i, name := range names {
		comma := ","
		if i == len(names)-1 {
			comma = ""
		}
		fmt.Fprintf(r, ".BR %s (1)%s\n", toRoff.Replace(name), comma)
	}
}

// guarded keeps roff from reading a line as a request.
func guarded(line string) string {
	if strings.HasPrefix(line, ".") {
		return `\&` + line
	}
	return line
}

func bold(text string) string   { return `\fB` + toRoff.Replace(text) + `\fR` }
func italic(text string) string { return `\fI` + toRoff.Replace(text) + `\fR` }

// sentence turns the usage of a flag or key into a sentence.
func sentence(text string) string {
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

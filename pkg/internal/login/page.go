package login

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"html"
	"net/http"
	"strconv"
	"strings"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

// page is one card. Its texts are escaped where they are written.
type page struct {
	title  string
	lines  []string
	failed bool
	form   *form // sent by itself; nil for none
}

func (o outcome) page() page {
	if o.err != nil {
		return page{title: "You are not signed in", lines: []string{o.reason(), "Go back to the terminal."}, failed: true}
	}
	p := page{title: "Signed in as " + o.who}
	switch o.result {
	case Refused:
		return page{title: "Signed in, but AWS refused: see the terminal", failed: true}
	case Failed:
		return page{title: "Signed in, but there are no AWS credentials: see the terminal", failed: true}
	case Unknown:
		return page{title: "Signed in at " + o.host, lines: []string{"Go back to the terminal."}}
	}
	if o.profile != "" {
		p.lines = append(p.lines, "Profile "+o.profile)
	}
	p.lines = append(p.lines, "Back in the terminal, daypass goes on.", "You can close this tab.")
	return p
}

// reason names who refused, where that was a person's or an administrator's will.
func (o outcome) reason() string {
	told, ok := errors.AsType[*IdPError](o.err)
	if !ok || told.Code != "access_denied" {
		return o.err.Error()
	}
	return strings.TrimSuffix(o.host+" did not let you in: "+told.Description, ": ")
}

// refuse answers a request that is not ours; the sign-in waits on.
func refuse(w http.ResponseWriter, status int, why ...string) {
	write(w, status, page{title: "Nothing happened here", lines: why, failed: true})
}

// render fills the page. Texts stand between tags only, where html.EscapeString is all it takes;
// html/template would make the linker keep every exported method of every package.
func (p page) render() string {
	var lines strings.Builder
	for _, line := range p.lines {
		lines.WriteString("<p>" + html.EscapeString(line) + "</p>\n")
	}
	mark, kind := "✓", "done"
	switch {
	case p.failed:
		mark, kind = "✗", "failed"
	case p.form != nil:
		mark = "→"
		p.form.render(&lines)
	}
	return strings.NewReplacer("{{style}}", pageCSS, "{{title}}", html.EscapeString(p.title),
		"{{mark}}", mark, "{{kind}}", kind, "{{lines}}", lines.String()).Replace(pageHTML)
}

func write(w http.ResponseWriter, status int, p page) {
	body := p.render()
	setSafety(w.Header())
	if p.form != nil {
		w.Header().Set("Content-Security-Policy", contentPolicy(formPolicy()))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write([]byte(body)) // a browser that has gone is no concern of the sign-in
}

// goTo redirects without the body that http.Redirect writes, which would repeat the URL.
func goTo(w http.ResponseWriter, status int, to string) {
	setSafety(w.Header())
	w.Header().Set("Location", to)
	w.WriteHeader(status)
}

// setSafety lets the page load nothing, send nothing on and, unless that was allowed, stay nowhere.
func setSafety(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy("form-action 'none'"))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}

// contentPolicy is one without any script and form but what more allows.
func contentPolicy(more string) string {
	return "default-src 'none'; img-src data:; style-src " + hashOf(pageCSS) + "; base-uri 'none'; frame-ancestors 'none'; " + more
}

// hashOf names a text of ours to the browser (Content Security Policy 3 §2.3.1).
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

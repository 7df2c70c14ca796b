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

// page is one card. render escapes its texts.
type page struct {
	title  string
	lines  []string
	failed bool
	form   *form  // submits itself; may be nil
	next   string // the path that the person can continue to; may be empty
}

// outcome is what the last page of a sign-in shows.
type outcome struct {
	user, profile string
	host          string // of the IdP
	err           error  // why the sign-in failed
	result        Result // if it succeeded
}

func (o outcome) page() page {
	if o.err != nil {
		return page{title: "You are not signed in", lines: []string{o.reason(), "Go back to the terminal."}, failed: true}
	}
	switch o.result {
	case Refused:
		return page{title: "Signed in, but AWS refused: see the terminal", failed: true}
	case Failed:
		return page{title: "Signed in, but there are no AWS credentials: see the terminal", failed: true}
	case Unknown:
		return page{title: "Signed in at " + o.host, lines: []string{"Go back to the terminal."}}
	}
	p := page{title: "Signed in as " + o.user}
	if o.profile != "" {
		p.lines = append(p.lines, "Profile "+o.profile)
	}
	p.lines = append(p.lines, "The command in the terminal continues.", "You can close this tab.")
	return p
}

// reason names the IdP if a person or an administrator denied the sign-in.
func (o outcome) reason() string {
	idpErr, ok := errors.AsType[*IdPError](o.err)
	if !ok || idpErr.Code != "access_denied" {
		return o.err.Error()
	}
	return strings.TrimSuffix(o.host+" denied the sign-in: "+idpErr.Description, ": ")
}

// refuse answers a request that has no effect.
func refuse(w http.ResponseWriter, status int, reason ...string) {
	write(w, status, page{title: "Request refused", lines: reason, failed: true})
}

// render fills the page. Texts are only between tags, where html.EscapeString is sufficient. html/template would make
// the linker keep every exported method of every package.
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
	case p.next != "":
		mark = "→"
		// A form would need a form-action that allows the IdP, to which the next page redirects.
		lines.WriteString(`<a class="button" href="` + html.EscapeString(p.next) + "\">Continue</a>\n")
	}
	return strings.NewReplacer("{{style}}", pageCSS, "{{title}}", html.EscapeString(p.title),
		"{{mark}}", mark, "{{kind}}", kind, "{{lines}}", lines.String()).Replace(pageHTML)
}

func write(w http.ResponseWriter, status int, p page) {
	body := p.render()
	setSecurityHeaders(w.Header())
	if p.form != nil {
		w.Header().Set("Content-Security-Policy", contentPolicy(formPolicy()))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write([]byte(body)) // the sign-in does not depend on whether the browser is still there
}

// redirect sends no body. The body of http.Redirect would repeat the URL.
func redirect(w http.ResponseWriter, status int, to string) {
	setSecurityHeaders(w.Header())
	w.Header().Set("Location", to)
	w.WriteHeader(status)
}

// setSecurityHeaders forbids the page to load anything, to run scripts and to send a referrer. The page is not cached
// unless Cache-Control has been set already.
func setSecurityHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy("form-action 'none'"))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}

// contentPolicy forbids scripts and forms, except for what the additional directives allow.
func contentPolicy(additional string) string {
	return "default-src 'none'; img-src data:; style-src " + hashSource(pageCSS) + "; base-uri 'none'; frame-ancestors 'none'; " + additional
}

// hashSource allows a script or style with this text (Content Security Policy 3 §2.3.1).
func hashSource(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

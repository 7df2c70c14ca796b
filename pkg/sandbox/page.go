package sandbox

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS template.CSS

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// card is the one page that users see. Its parts are shown in this order; empty ones are left out.
type card struct {
	Title    string
	Failed   bool
	Done     bool
	App      string // the client that sent the request
	Wants    []want
	Fault    string // what was wrong with the user's input
	Lines    []string
	Code     string // the device's code, to be compared
	Users    []choice
	AskCode  bool // shows a field for the device's code
	AskLeave bool // asks whether to sign out
	Action   string
	Ticket   string
	// ReturnTo is the URI that the response to the form may redirect to. The CSP directive form-action applies to
	// that redirect too.
	ReturnTo string
}

// want is a scope in words.
type want struct{ Scope, Meaning string }

// choice is the button of a user.
type choice struct {
	Key, Name, Email, Initial string
	SignedIn                  bool
}

// Mark is the symbol in the page's circle.
func (c card) Mark() string {
	switch {
	case c.Failed:
		return "✗"
	case c.Done:
		return "✓"
	}
	return "?"
}

// Kind is the CSS class that colors the page.
func (c card) Kind() string {
	switch {
	case c.Failed:
		return "failed"
	case c.Done:
		return "done"
	}
	return "asking"
}

// Style is the page's inline stylesheet.
func (c card) Style() template.CSS { return pageCSS }

// show writes the card, and the reason of a refusal to the request log. The page loads nothing, is not cached and
// cannot be framed.
func (c card) show(w http.ResponseWriter, status int) {
	var body bytes.Buffer
	if err := pageTemplate.Execute(&body, c); err != nil {
		http.Error(w, "The page cannot be written.", http.StatusInternalServerError)
		return
	}
	logWhy(w, c.Fault)
	if c.Failed && status >= http.StatusBadRequest {
		logWhy(w, c.Lines[0])
	}
	sum := sha256.Sum256([]byte(pageCSS))
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; img-src data:; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
		"'; base-uri 'none'; form-action 'self'"+formTarget(c.ReturnTo)+"; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(body.Bytes())
}

// formTarget is the origin of a redirect URI, for form-action. For an IPv6 address or a private-use scheme it is the
// scheme only, because CSP cannot express more.
func formTarget(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme == "" {
		return ""
	}
	if u.Host == "" || strings.Contains(u.Hostname(), ":") {
		return " " + u.Scheme + ":"
	}
	return " " + u.Scheme + "://" + u.Host
}

// failure is the card for a request that must not be answered to the client (RFC 6749 §4.1.2.1). The first line is
// the reason.
func failure(lines ...string) card {
	return card{Title: "This request cannot be answered", Failed: true, Lines: append(lines, "Go back to the app and start again.")}
}

var meanings = map[string]string{
	"openid": "your identity", "email": "your email address", "profile": "your name",
	"offline_access": "access while you are away", "public_profile": "your name",
}

// wants describes scopes in words; unknown ones by their own name.
func wants(scopes []string) []want {
	var list []want
	for _, scope := range scopes {
		meaning, known := meanings[scope]
		if !known {
			meaning = scope
		}
		list = append(list, want{scope, meaning})
	}
	return list
}

// choices returns the users' buttons by name, the signed-in user first.
func choices(users map[string]User, signedIn string) []choice {
	var list []choice
	for key, user := range users {
		initial, _ := utf8.DecodeRuneInString(user.Name)
		list = append(list, choice{key, user.Name, user.Email, strings.ToUpper(string(initial)), user.Subject == signedIn})
	}
	slices.SortFunc(list, func(a, b choice) int {
		if a.SignedIn != b.SignedIn {
			if a.SignedIn {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Key, b.Key)
	})
	return list
}

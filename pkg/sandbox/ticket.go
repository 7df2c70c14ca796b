package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// ticketLife is how long a page's form may be sent.
const ticketLife = 10 * time.Minute

// tickets store the request of a page while a person looks at it. The page contains only the ticket, which is valid
// only in the browser that was given the page (by a cookie) and only at the form's address: another site can neither
// read nor send it. It may be sent twice, because people double-click.
type tickets struct {
	mu   sync.Mutex
	open map[string]ticket
}

type ticket struct {
	browser string
	action  string
	form    url.Values
	until   time.Time
}

// issue stores form until the page's form is sent to action.
func (t *tickets) issue(w http.ResponseWriter, r *http.Request, s *server, action string, form url.Values, now time.Time) string {
	browser := s.cookieOf(r, "form")
	if browser == "" {
		browser = random(16)
		http.SetCookie(w, s.cookie("form", browser))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open == nil {
		t.open = map[string]ticket{}
	}
	for id, old := range t.open {
		if !now.Before(old.until) {
			delete(t.open, id)
		}
	}
	id := random(16)
	t.open[id] = ticket{browser, action, form, now.Add(ticketLife)}
	return id
}

// request returns an app's request or, if a page's form was sent (pressed), the request that its ticket stands for.
// If it cannot be read, request responds itself and returns false.
func (t *tickets) request(w http.ResponseWriter, r *http.Request, s *server, now time.Time) (form url.Values, pressed, ok bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		failure("The request cannot be parsed.").show(w, http.StatusBadRequest)
		return nil, false, false
	}
	if !r.PostForm.Has("ticket") {
		return r.Form, false, true
	}
	if form, ok = t.form(r, s, now); !ok {
		staleTicket(w)
	}
	return form, true, ok
}

// form returns the stored request of a ticket.
func (t *tickets) form(r *http.Request, s *server, now time.Time) (url.Values, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	kept, ok := t.open[r.PostForm.Get("ticket")]
	ok = ok && now.Before(kept.until) && kept.action == r.URL.Path && kept.browser == s.cookieOf(r, "form")
	return kept.form, ok
}

// staleTicket responds to a form that was open for too long, or came from elsewhere.
func staleTicket(w http.ResponseWriter) {
	failure("This page is too old, or it was opened in another browser.").show(w, http.StatusForbidden)
}

// cookie returns a cookie of this server. Browsers share cookies between the ports of a host, so the name contains
// the port: two sandboxes do not overwrite each other's.
func (s *server) cookie(kind, value string) *http.Cookie {
	return &http.Cookie{Name: s.cookieName(kind), Value: value, Path: "/", HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(s.url, "https:")}
}

func (s *server) cookieOf(r *http.Request, kind string) string {
	c, err := r.Cookie(s.cookieName(kind))
	if err != nil {
		return ""
	}
	return c.Value
}

func (s *server) cookieName(kind string) string {
	return "sandbox-" + kind + "-" + s.url[strings.LastIndexByte(s.url, ':')+1:]
}

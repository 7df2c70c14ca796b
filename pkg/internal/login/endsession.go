package login

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/peercred"
)

// EndSession sends the person's browser to the IdP to end the session there (OpenID Connect RP-Initiated
// Logout 1.0 §2), and returns when the browser has what takes it there: what the IdP makes of it, it tells the
// person. The ID token, which may be zero, says whose session that is. The error wraps ErrNoEndSession where the
// IdP has no endpoint for it.
func (l *Login) EndSession(ctx context.Context, kept identity.Token) error {
	if err := l.endSession(ctx, kept); err != nil {
		return fmt.Errorf("ending the session at %s: %w", hostOf(l.Issuer), err)
	}
	return nil
}

func (l *Login) endSession(ctx context.Context, kept identity.Token) error {
	_, m, done, err := l.ask(ctx)
	if err != nil {
		return err
	}
	done()
	if m.LogoutURL == "" {
		return ErrNoEndSession
	}
	port, err := listen(ctx, nil)
	if err != nil {
		return err
	}
	herald := &herald{notify: l.Notify}
	defer herald.hush()
	f := newFarewell(port, herald.tell)
	f.to, f.clientID, f.loginHint = m.LogoutURL, l.ClientID, l.LoginHint
	f.token, f.byForm = kept, l.EndSessionForm
	f.expired = kept.Claims.Expiry.Add(clockLeeway).Before(l.now())
	f.serveWith(f)
	defer f.close()
	go l.open(herald, BrowserOpening{StartURL: port.startURL(), Host: hostOf(l.Issuer), SignOut: true})
	select {
	case <-f.shown:
		return nil
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return errNoTab
		}
		return context.Cause(ctx)
	}
}

var errNoTab = errors.New("no browser came to the page that leads there")

// farewell is the page of this process that sends one browser on to the end-session endpoint.
type farewell struct {
	*attempt
	to        string
	token     identity.Token // zero for none
	expired   bool           // the token, also by a clock that is slow
	loginHint string
	// byForm sends the token in a form, else the browser is redirected: some IdPs take GET alone.
	byForm bool
	// isOurs reports whether the system says that this user makes the request.
	isOurs func(*http.Request) bool
}

func newFarewell(p *port, notify func(Event)) *farewell {
	f := &farewell{attempt: newAttempt(p, notify), isOurs: peercred.IsOurs}
	f.what = "sign-out"
	return f
}

// ServeHTTP knows one page, and it is for one browser. Its address is in the launcher's arguments, which every user
// of the machine can see: what the token says goes only to a browser that is known to be this user's.
func (f *farewell) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case f.turnedAway(w, r):
	case r.URL.Path != f.port.path("/start"):
		refuse(w, http.StatusNotFound, "There is nothing here.")
	case f.isPersons(w, r) && f.isFirst(w, r):
		w.Header().Set("Connection", "close")
		if sent := f.params(f.isOurs(r)); f.byForm {
			write(w, http.StatusOK, page{title: "Signing out at " + hostOf(f.to),
				lines: []string{"This sign-in is forgotten on your machine."}, form: &form{f.to, sent}})
		} else {
			goTo(w, http.StatusFound, withParams(f.to, sent))
		}
		f.pushOut(w)
	}
}

// params are those of §2. AWS takes an ID token for credentials until it expires, and a URL stays in the browser's
// history and in the IdP's logs: there the token stands only once it has expired, which §2 has IdPs accept.
func (f *farewell) params(ours bool) url.Values {
	sent := url.Values{"client_id": {f.clientID}}
	hint := f.loginHint
	if ours {
		c := f.token.Claims
		hint = cmp.Or(hint, c.Text("login_hint"), c.Email, c.Subject)
	}
	if hint != "" {
		sent.Set("logout_hint", hint)
	}
	if ours && !f.token.IsZero() && (f.byForm || f.expired) {
		sent.Set("id_token_hint", f.token.Raw.Reveal())
	}
	return sent
}

// withParams adds to the query that the URL has.
func withParams(to string, more url.Values) string {
	u, err := url.Parse(to)
	if err != nil { // it was checked when it was read
		return to
	}
	query := u.Query()
	maps.Copy(query, more)
	u.RawQuery = query.Encode()
	return u.String()
}

// form is sent on by the page that it stands on, or by the person where no script runs.
type form struct {
	to     string
	fields url.Values
}

const sendForm = "document.forms[0].submit()"

func (f *form) render(w io.StringWriter) {
	w.WriteString(`<form method="post" action="` + html.EscapeString(f.to) + "\">\n")
	for _, name := range slices.Sorted(maps.Keys(f.fields)) {
		w.WriteString(`<input type="hidden" name="` + html.EscapeString(name) + `" value="` + html.EscapeString(f.fields.Get(name)) + "\">\n")
	}
	w.WriteString("<button>Go on</button>\n</form>\n<script>" + sendForm + "</script>\n")
}

// formPolicy lets the form go anywhere: browsers look at what the IdP redirects to as well, and that may be
// another IdP behind it.
func formPolicy() string { return "script-src " + hashOf(sendForm) + "; form-action https: http:" }

package login

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/peer"
	"github.com/daypass/daypass/pkg/secret"
)

// EndSession sends the person's browser to the IdP to end the session there (OpenID Connect RP-Initiated
// Logout 1.0 §2), and returns when the browser has what takes it on: what the IdP makes of it, it tells the
// person. The ID token says whose session that is; the zero Token has the IdP ask. The error wraps
// ErrNoEndSession where the IdP has no endpoint for it.
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
	f.to, f.hint, f.clientID, f.loginHint = m.LogoutURL, kept.Raw, l.ClientID, l.LoginHint
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
	hint      secret.String // the ID token; zero for none
	loginHint string
	// isOurs reports whether the system says that this user makes the request.
	isOurs func(*http.Request) bool
}

func newFarewell(p *port, notify func(Event)) *farewell {
	f := &farewell{attempt: newAttempt(p, notify), isOurs: peer.IsOurs}
	f.what = "sign-out"
	return f
}

// ServeHTTP knows one page, and it is for one browser. AWS takes an ID token for credentials, and the
// page's address stands in the launcher's arguments for every user of the machine to see: so the token goes
// only to a browser that is known to be this user's. Any other goes on without, and the IdP asks whom to
// sign out.
func (f *farewell) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case f.turnedAway(w, r):
	case r.URL.Path != f.port.path("/start"):
		refuse(w, http.StatusNotFound, "There is nothing here.")
	case f.isPersons(w, r) && f.isFirst(w, r):
		w.Header().Set("Connection", "close")
		write(w, http.StatusOK, f.page(f.isOurs(r)))
		f.pushOut(w)
	}
}

// page has the parameters of §2. It is a form and no redirect, for a URL with the ID token would stay in
// the browser's history and in the IdP's logs.
func (f *farewell) page(ours bool) page {
	sent := &form{to: f.to}
	if ours && !f.hint.IsZero() {
		sent.add("id_token_hint", f.hint.Reveal())
	}
	sent.add("client_id", f.clientID)
	if f.loginHint != "" {
		sent.add("logout_hint", f.loginHint)
	}
	return page{title: "Signing out at " + hostOf(f.to), lines: []string{"This sign-in is forgotten on your machine."}, form: sent}
}

// form is sent on by the page that it stands on, or by the person where no script runs.
type form struct {
	to     string
	fields [][2]string
}

func (f *form) add(name, value string) { f.fields = append(f.fields, [2]string{name, value}) }

const sendForm = "document.forms[0].submit()"

func (f *form) render(w io.StringWriter) {
	w.WriteString(`<form method="post" action="` + html.EscapeString(f.to) + "\">\n")
	for _, field := range f.fields {
		w.WriteString(`<input type="hidden" name="` + html.EscapeString(field[0]) + `" value="` + html.EscapeString(field[1]) + "\">\n")
	}
	w.WriteString("<button>Go on</button>\n</form>\n<script>" + sendForm + "</script>\n")
}

// formPolicy lets the form go anywhere: browsers look at what the IdP redirects to as well, and that may be
// another IdP behind it.
func formPolicy() string { return "script-src " + hashOf(sendForm) + "; form-action https: http:" }

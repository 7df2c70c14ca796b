package login

import (
	"cmp"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/daypass/daypass/pkg/identity"
)

// logoutPage redirects one browser to the IdP's end-session endpoint.
type logoutPage struct {
	*pageServer
	to        string         // the end-session endpoint
	token     identity.Token // may be zero
	expired   bool           // the token has expired, even if the local clock is fast
	clientID  string
	loginHint string
	// byForm posts the parameters in a form instead of a redirect: some IdPs accept only GET.
	byForm bool
}

// ServeHTTP implements http.Handler. Every user of the machine can read the page's address in the launcher's arguments,
// so what the token says is sent only to a browser that is known to be this user's.
func (p *logoutPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case p.refuseForeign(w, r):
	case r.URL.Path != p.port.path("/start"):
		refuse(w, http.StatusNotFound, "Page not found.")
	case p.admitTab(w, r) && p.admitBrowser(w, r):
		w.Header().Set("Connection", "close")
		peer, err := p.peer(r)
		if params := p.params(err == nil && p.isKnownPerson(peer)); p.byForm {
			write(w, http.StatusOK, page{title: "Signing out at " + hostOf(p.to),
				lines: []string{"You are already signed out on this machine."}, form: &form{p.to, params}})
		} else {
			redirect(w, http.StatusFound, withParams(p.to, params))
		}
		p.finish(w)
	}
}

// params returns the parameters of RP-Initiated Logout §2. AWS accepts an ID token until it expires, and a URL stays in
// the browser's history and in the IdP's logs. A URL therefore contains the token only after it has expired; §2 requires
// IdPs to accept it then.
func (p *logoutPage) params(ours bool) url.Values {
	params := url.Values{"client_id": {p.clientID}}
	hint := p.loginHint
	if ours {
		c := p.token.Claims
		hint = cmp.Or(hint, c.Text("login_hint"), c.Email, c.Subject)
	}
	if hint != "" {
		params.Set("logout_hint", hint)
	}
	if ours && !p.token.IsZero() && (p.byForm || p.expired) {
		params.Set("id_token_hint", p.token.Raw.Reveal())
	}
	return params
}

// withParams adds parameters to the URL's own query.
func withParams(to string, more url.Values) string {
	u, err := url.Parse(to)
	if err != nil { // readMetadata has checked it
		return to
	}
	query := u.Query()
	maps.Copy(query, more)
	u.RawQuery = query.Encode()
	return u.String()
}

// form is submitted by its page, or by the person if the browser runs no scripts.
type form struct {
	to     string
	fields url.Values
}

const submitForm = "document.forms[0].submit()"

func (f *form) render(w io.StringWriter) {
	w.WriteString(`<form method="post" action="` + html.EscapeString(f.to) + "\">\n")
	for _, name := range slices.Sorted(maps.Keys(f.fields)) {
		w.WriteString(`<input type="hidden" name="` + html.EscapeString(name) + `" value="` + html.EscapeString(f.fields.Get(name)) + "\">\n")
	}
	w.WriteString("<button>Continue</button>\n</form>\n<script>" + submitForm + "</script>\n")
}

// formPolicy allows every form target: browsers also check the URLs that the IdP redirects to, which may be another IdP.
func formPolicy() string {
	return "script-src " + hashSource(submitForm) + "; form-action https: http:"
}

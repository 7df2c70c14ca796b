package sandbox

import (
	"html/template"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// authorize is the authorization endpoint (OIDC Core §3.1.2). The sign-in page posts back to it.
func (p *IdP) authorize(w http.ResponseWriter, r *http.Request) {
	p.count("authorize")
	knobs := p.currentKnobs()
	if knobs.Silent {
		select {
		case <-r.Context().Done():
		case <-p.done:
		}
		panic(http.ErrAbortHandler)
	}
	if !p.wait(r.Context(), knobs.Delay) {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The request cannot be read.", http.StatusBadRequest)
		return
	}
	client, known := p.Clients[r.Form.Get("client_id")]
	redirectURI := r.Form.Get("redirect_uri")
	if !known || !client.mayReturnTo(redirectURI) {
		// Never redirect to an address that is not the client's own (RFC 6749 §4.1.2.1).
		http.Error(w, "The client or its redirect_uri is unknown here.", http.StatusBadRequest)
		return
	}
	answer := authorizationAnswer{issuer: p.url, redirectURI: redirectURI, state: r.Form.Get("state"), knobs: knobs}
	if knobs.Error != "" {
		answer.refuse(w, r, knobs.Error, knobs.ErrorDescription)
		return
	}
	if fault, description := faultOfAuthorization(r.Form); fault != "" {
		answer.refuse(w, r, fault, description)
		return
	}
	p.signIn(w, r, answer)
}

// signIn lets a person in who is named, and asks otherwise.
func (p *IdP) signIn(w http.ResponseWriter, r *http.Request, answer authorizationAnswer) {
	if r.PostForm.Get("cancel") != "" {
		answer.refuse(w, r, "access_denied", "The person pressed Cancel.")
		return
	}
	user, named := p.userOf(r.Form, answer.knobs)
	switch {
	case named:
		answer.accept(w, r, p.grants.issueCode(agreed(r.Form, user), p.Now()))
	case r.Form.Get("prompt") == "none":
		answer.refuse(w, r, "login_required", "Nobody is signed in.")
	default:
		p.showPage(w, r)
	}
}

// agreed is what the sign-in gives. Only who asks to stay signed in gets a refresh token
// (OIDC Core §11; access_type=offline is Google's way).
func agreed(form url.Values, user User) signIn {
	scopes := strings.Fields(form.Get("scope"))
	return signIn{
		clientID:    form.Get("client_id"),
		redirectURI: form.Get("redirect_uri"),
		challenge:   form.Get("code_challenge"),
		nonce:       form.Get("nonce"),
		scopes:      scopes,
		offline:     slices.Contains(scopes, "offline_access") || form.Get("access_type") == "offline",
		user:        user,
	}
}

// userOf finds the user by the page's button, user=, the knob or login_hint (a name or an email).
func (p *IdP) userOf(form url.Values, knobs Knobs) (User, bool) {
	for _, name := range []string{form.Get("user"), knobs.AutoSignIn, form.Get("login_hint")} {
		for key, user := range p.Users {
			if name != "" && (name == key || name == user.Email) {
				return user, true
			}
		}
	}
	return User{}, false
}

// faultOfAuthorization says what is wrong with an authorization request, as RFC 6749 §4.1.2.1 and
// RFC 7636 §4.4.1 name it. PKCE with S256 is demanded of everybody.
func faultOfAuthorization(form url.Values) (code, description string) {
	switch {
	case form.Get("response_type") != "code":
		return "unsupported_response_type", "response_type must be code."
	case !slices.Contains(strings.Fields(form.Get("scope")), "openid"):
		return "invalid_scope", "The scope openid is missing."
	case form.Get("code_challenge_method") != "S256" || len(form.Get("code_challenge")) != 43:
		return "invalid_request", "A code_challenge with the method S256 is required."
	}
	return "", ""
}

// mayReturnTo reports whether the redirect URI is the client's.
func (c Client) mayReturnTo(redirectURI string) bool {
	if len(c.RedirectURIs) > 0 {
		return slices.Contains(c.RedirectURIs, redirectURI)
	}
	u, err := url.Parse(redirectURI)
	if err != nil || u.Scheme != "http" || u.User != nil || u.Fragment != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip.Equal(net.IPv4(127, 0, 0, 1)) || ip.Equal(net.IPv6loopback)
}

// authorizationAnswer is the way back to the client.
type authorizationAnswer struct {
	issuer, redirectURI, state string
	knobs                      Knobs
}

func (a authorizationAnswer) accept(w http.ResponseWriter, r *http.Request, code string) {
	a.send(w, r, url.Values{"code": {code}})
}

func (a authorizationAnswer) refuse(w http.ResponseWriter, r *http.Request, code, description string) {
	answer := url.Values{"error": {code}}
	if description != "" {
		answer.Set("error_description", description)
	}
	a.send(w, r, answer)
}

// send redirects with state and with the issuer (RFC 9207 §2).
func (a authorizationAnswer) send(w http.ResponseWriter, r *http.Request, answer url.Values) {
	if a.state != "" {
		answer.Set("state", a.state)
	}
	if a.knobs.WrongState {
		answer.Set("state", random(16))
	}
	switch {
	case a.knobs.WrongIss:
		answer.Set("iss", "https://mallory.example.com")
	case !a.knobs.MissingIss && !a.knobs.NoIssAdvertised:
		answer.Set("iss", a.issuer)
	}
	u, err := url.Parse(a.redirectURI)
	if err != nil {
		http.Error(w, "The redirect_uri cannot be read.", http.StatusBadRequest)
		return
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += answer.Encode()
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
}

// signInPage is plain on purpose: no script, and buttons that a test can press.
var signInPage = template.Must(template.New("sign-in").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sign in: sandbox</title>
<h1>Who are you?</h1>
<form method="post" action="/authorize?{{.Query}}">
{{range .Users}}<p><button name="user" value="{{.}}">{{.}}</button></p>
{{end}}<p><button name="cancel" value="yes">Cancel</button></p>
</form>
`))

func (p *IdP) showPage(w http.ResponseWriter, r *http.Request) {
	var names []string
	for name := range p.Users {
		names = append(names, name)
	}
	slices.Sort(names)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	signInPage.Execute(w, struct {
		Query template.URL
		Users []string
	}{template.URL(r.Form.Encode()), names})
}

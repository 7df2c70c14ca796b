package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// authorize is the authorization endpoint (OIDC Core §3.1.2). The sign-in page posts to it too, with a ticket instead
// of the request's parameters.
func (p *IdP) authorize(w http.ResponseWriter, r *http.Request) {
	knobs := p.currentKnobs()
	form, pressed, ok := p.tickets.request(w, r, &p.server, p.now())
	p.countRequest(pressed)
	if knobs.Silent {
		p.hang(r)
	}
	if !ok || !p.wait(r.Context(), knobs.Delay) {
		return
	}
	if fault := faultOfReturn(p.Clients, form); fault != "" {
		failure(fault).show(w, http.StatusBadRequest)
		return
	}
	answer := authorizationAnswer{issuer: p.url, redirectURI: form.Get("redirect_uri"), state: form.Get("state"), knobs: knobs}
	fault, description := faultOfAuthorization(form)
	switch {
	case knobs.Error != "":
		answer.refuse(w, r, knobs.Error, knobs.ErrorDescription)
	case knobs.RefuseScope != "" && slices.Contains(strings.Fields(form.Get("scope")), knobs.RefuseScope):
		answer.refuse(w, r, "invalid_scope", "This client may not have a scope that it asked for.")
	case fault != "":
		answer.refuse(w, r, fault, description)
	case pressed:
		p.pressed(w, r, form, answer)
	default:
		p.signInOrAsk(w, r, form, answer)
	}
}

// countRequest counts forms sent from a page separately from apps' requests.
func (s *server) countRequest(pressed bool) {
	if pressed {
		s.count("page")
		return
	}
	s.count("authorize")
}

// hang never answers.
func (p *IdP) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-p.done:
	}
	panic(http.ErrAbortHandler)
}

// signInOrAsk signs the user in if one is named or already signed in, and shows the sign-in page otherwise.
func (p *IdP) signInOrAsk(w http.ResponseWriter, r *http.Request, form url.Values, answer authorizationAnswer) {
	session, signedIn := p.sessions.current(r, &p.server)
	silent := form.Get("prompt") == "none"
	user, named := p.userOf(form, answer.knobs)
	switch {
	case named:
		p.admit(w, r, form, answer, p.sessions.begin(w, r, &p.server, user, p.now()))
	case signedIn && (silent || answer.knobs.SingleSignOn) && session.answers(form, p.now()):
		p.admit(w, r, form, answer, session)
	case silent:
		answer.refuse(w, r, "login_required", "Nobody is signed in.")
	default:
		scopes := strings.Fields(form.Get("scope"))
		card{Title: "Who are you?", App: form.Get("client_id"), Wants: wants(scopes),
			Users: choices(p.Users, session.user.Subject), Action: "/authorize", ReturnTo: answer.redirectURI,
			Ticket: p.tickets.issue(w, r, &p.server, "/authorize", form, p.now())}.show(w, http.StatusOK)
	}
}

// pressed handles the page's buttons.
func (p *IdP) pressed(w http.ResponseWriter, r *http.Request, form url.Values, answer authorizationAnswer) {
	if r.PostForm.Has("cancel") {
		answer.refuse(w, r, "access_denied", "The user pressed Cancel.")
		return
	}
	user, ok := p.Users[r.PostForm.Get("user")]
	if !ok {
		failure("The user is unknown here.").show(w, http.StatusBadRequest)
		return
	}
	p.admit(w, r, form, answer, p.sessions.begin(w, r, &p.server, user, p.now()))
}

func (p *IdP) admit(w http.ResponseWriter, r *http.Request, form url.Values, answer authorizationAnswer, s ssoSession) {
	answer.accept(w, r, p.grants.issueCode(newSignIn(form, s), p.now()))
}

// newSignIn returns the sign-in for a request. It allows a refresh token only if the request asks for offline access
// (OIDC Core §11; Google uses access_type=offline).
func newSignIn(form url.Values, s ssoSession) signIn {
	scopes := strings.Fields(form.Get("scope"))
	return signIn{
		clientID:    form.Get("client_id"),
		redirectURI: form.Get("redirect_uri"),
		challenge:   form.Get("code_challenge"),
		nonce:       form.Get("nonce"),
		scopes:      scopes,
		offline:     slices.Contains(scopes, "offline_access") || form.Get("access_type") == "offline",
		user:        s.user,
		session:     s.id,
		at:          s.at,
	}
}

// userOf returns the user who signs in without the page: Knobs.AutoSignIn, or the user that login_hint names by name
// or email, who is treated as already signed in.
func (p *IdP) userOf(form url.Values, knobs Knobs) (User, bool) {
	for _, name := range []string{knobs.AutoSignIn, form.Get("login_hint")} {
		for key, user := range p.Users {
			if name != "" && (name == key || name == user.Email) {
				return user, true
			}
		}
	}
	return User{}, false
}

// faultOfAuthorization says what is wrong with an authorization request, in the terms of RFC 6749 §4.1.2.1, RFC 7636
// §4.4.1 and OIDC Core §3.1.2.1. Every client must use PKCE with S256.
func faultOfAuthorization(form url.Values) (code, description string) {
	prompts := strings.Fields(form.Get("prompt"))
	switch {
	case form.Get("response_type") != "code":
		return "unsupported_response_type", "response_type must be code."
	case !slices.Contains(strings.Fields(form.Get("scope")), "openid"):
		return "invalid_scope", "The scope openid is missing."
	case form.Get("code_challenge_method") != "S256" || len(form.Get("code_challenge")) != 43:
		return "invalid_request", "A code_challenge with the method S256 is required."
	case len(prompts) > 1 && slices.Contains(prompts, "none"):
		return "invalid_request", "prompt=none goes with no other."
	}
	return "", ""
}

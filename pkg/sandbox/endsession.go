package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-jose/go-jose/v4/jwt"
)

// endSession is the end_session_endpoint (RP-Initiated Logout §2). A valid hint ends the session at once. Without one
// the user is asked, because any site can send a browser here (§6). Ending a session revokes its refresh tokens.
func (p *IdP) endSession(w http.ResponseWriter, r *http.Request) {
	p.count("end-session")
	form, pressed, ok := p.tickets.request(w, r, &p.server, p.now())
	if !ok || !p.wait(r.Context(), p.currentKnobs().Delay) {
		return
	}
	hint, fault := p.faultOfLogout(form)
	session, signedIn := p.sessions.current(r, &p.server)
	switch {
	case fault != "":
		failure(fault).show(w, http.StatusBadRequest)
	case pressed && r.PostForm.Has("cancel"):
		card{Title: "You are still signed in", Done: true, Lines: []string{"You can close this tab."}}.show(w, http.StatusOK)
	case pressed, hint.Session != "" && (!signedIn || session.id == hint.Session):
		p.leave(w, r, form, session.id, hint.Session)
	case !signedIn:
		p.leave(w, r, form)
	default:
		card{Title: "Sign out?", Lines: []string{session.user.Email + " is signed in here."}, AskLeave: true,
			Action: "/end-session", ReturnTo: form.Get("post_logout_redirect_uri"),
			Ticket: p.tickets.issue(w, r, &p.server, "/end-session", form, p.now())}.show(w, http.StatusOK)
	}
}

// leave ends the sessions and redirects the browser to the client's post_logout_redirect_uri.
func (p *IdP) leave(w http.ResponseWriter, r *http.Request, form url.Values, sessions ...string) {
	for _, id := range sessions {
		if id != "" {
			p.sessions.end(id)
			p.grants.revokeSession(id)
		}
	}
	uri := form.Get("post_logout_redirect_uri")
	if uri == "" {
		card{Title: "You are signed out", Done: true, Lines: []string{"You can close this tab."}}.show(w, http.StatusOK)
		return
	}
	answer := url.Values{}
	if state := form.Get("state"); state != "" {
		answer.Set("state", state)
	}
	redirect(w, r, uri, answer)
}

// hintJSON are the claims of an id_token_hint.
type hintJSON struct {
	jwt.Claims
	Session string `json:"sid"`
}

// faultOfLogout says what is wrong with a logout request. The redirect URI must belong to the client that client_id
// or the hint names (§2, §3).
func (p *IdP) faultOfLogout(form url.Values) (hint hintJSON, fault string) {
	if token := form.Get("id_token_hint"); token != "" {
		payload, ok := p.keys.verify(token)
		if !ok || json.Unmarshal(payload, &hint) != nil || hint.Issuer != p.url {
			return hintJSON{}, "The id_token_hint was not issued by this IdP."
		}
	}
	clientID := form.Get("client_id")
	switch {
	case clientID == "" && len(hint.Audience) > 0:
		clientID = hint.Audience[0]
	case len(hint.Audience) > 0 && !slices.Contains(hint.Audience, clientID):
		return hint, "The id_token_hint was issued to another client."
	}
	uri := form.Get("post_logout_redirect_uri")
	client, known := p.Clients[clientID]
	switch {
	case uri == "":
		return hint, ""
	case !known:
		return hint, fmt.Sprintf("The client_id %q is unknown here.", clientID)
	case !client.mayLeaveTo(uri):
		return hint, fmt.Sprintf("The post_logout_redirect_uri %q is not registered for the client %s.", withoutQuery(uri), clientID)
	}
	return hint, ""
}

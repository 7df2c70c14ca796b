package sandbox

import (
	"net/http"
	"net/url"
)

// authorizationAnswer is the authorization response: how the browser returns to the client.
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

// send redirects with state and iss (RFC 9207 §2).
func (a authorizationAnswer) send(w http.ResponseWriter, r *http.Request, answer url.Values) {
	if a.state != "" {
		answer.Set("state", a.state)
	}
	if a.knobs.WrongState {
		answer.Set("state", random(16))
	}
	if code := answer.Get("error"); code != "" {
		logCode(w, code)
		logWhy(w, answer.Get("error_description"))
	}
	switch {
	case a.knobs.WrongIss:
		answer.Set("iss", "https://mallory.example.com")
	case a.issuer != "" && !a.knobs.MissingIss && !a.knobs.NoIssAdvertised:
		answer.Set("iss", a.issuer)
	}
	redirect(w, r, a.redirectURI, answer)
}

// redirect adds the response to the URI's query. The browser follows with a GET and sends no Referer.
func redirect(w http.ResponseWriter, r *http.Request, uri string, answer url.Values) {
	u, err := url.Parse(uri)
	if err != nil {
		failure("The redirect_uri cannot be parsed.").show(w, http.StatusBadRequest)
		return
	}
	if u.RawQuery != "" && len(answer) > 0 {
		u.RawQuery += "&"
	}
	u.RawQuery += answer.Encode()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
}

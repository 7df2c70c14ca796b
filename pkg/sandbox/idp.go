package sandbox

import (
	"cmp"
	"encoding/json"
	"net/http"
	"time"
)

// IdP is an OpenID Connect provider: the authorization code flow with PKCE and a sign-in page, the
// device flow, refresh tokens that rotate and notice reuse, revocation and end-session. It counts
// "discovery", "jwks", "authorize" (an app's requests), "page" (forms sent from its pages),
// "device_authorization", "device" (its page), "token:authorization_code", "token:refresh_token",
// "token:device_code", "revoke" and "end-session"; discovery and keys that the sandbox's own AWS
// fetched are "discovery:aws" and "jwks:aws".
type IdP struct {
	server

	// Clients by client ID; at first "daypass", public; "daypass-exact", public with
	// http://localhost:8400/callback alone; "daypass-secret", with the secret
	// "sandbox-secret-that-is-none". Change before the first request.
	Clients map[string]Client
	// Users by name; at first alice and bob. Change before the first request.
	Users map[string]User

	knobs    Knobs
	keys     keySet
	grants   grantBook
	devices  deviceBook
	sessions ssoBook
	tickets  tickets
}

// NewIdP starts an IdP. Close ends it.
func NewIdP() (*IdP, error) { return startIdP(0) }

func startIdP(port int) (*IdP, error) {
	p := &IdP{Clients: defaultClients(), Users: defaultUsers(), knobs: Knobs{TokenLife: time.Hour}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.jwks)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /authorize", p.authorize)
	mux.HandleFunc("POST /device_authorization", p.deviceAuthorization)
	mux.HandleFunc("GET /device", p.devicePage)
	mux.HandleFunc("POST /device", p.deviceAnswer)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("POST /revoke", p.revoke)
	mux.HandleFunc("GET /end-session", p.endSession)
	mux.HandleFunc("POST /end-session", p.endSession)
	if err := p.start(p.redated(mux), port); err != nil {
		return nil, err
	}
	return p, nil
}

// now is the IdP's clock as the knob ClockOff sets it.
func (p *IdP) now() time.Time { return p.Now().Add(p.currentKnobs().ClockOff) }

// redated sends that clock's time.
func (p *IdP) redated(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", cmp.Or(p.currentKnobs().Date, p.now().UTC().Format(http.TimeFormat)))
		h.ServeHTTP(w, r)
	})
}

// outOfOrder answers with a status and a body that is no JSON, if there is a status.
func outOfOrder(w http.ResponseWriter, status int) bool {
	if status == 0 {
		return false
	}
	http.Error(w, "<html>out of order", status)
	return true
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	writeJSONAs(w, "application/json", status, v)
}

func writeJSONAs(w http.ResponseWriter, contentType string, status int, v any) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

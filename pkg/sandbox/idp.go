package sandbox

import (
	"cmp"
	"encoding/json"
	"net/http"
	"time"
)

// IdP is an OpenID Connect provider: the authorization code flow with PKCE and a sign-in page (OpenID Connect Core
// 1.0, RFC 7636), discovery, the device flow (RFC 8628), rotating refresh tokens with reuse detection (RFC 9700
// §4.14.2), revocation (RFC 7009) and RP-Initiated Logout.
//
// Count counts "discovery", "jwks", "authorize" (an app's requests), "page" (forms sent from its pages),
// "device_authorization", "device" (its page), "token:authorization_code", "token:refresh_token",
// "token:device_code", "revoke" and "end-session". What the sandbox's own AWS fetches is counted as "discovery:aws"
// and "jwks:aws".
type IdP struct {
	server

	// Clients are the registered clients by client ID. The defaults are "daypass", which is public; "daypass-exact",
	// which is public and has only the redirect URI http://localhost:8400/callback; and "daypass-secret", with the
	// secret "sandbox-secret-that-is-none". Change them only before the first request.
	Clients map[string]Client
	// Users are the users by name. The defaults are alice and bob. Change them only before the first request.
	Users map[string]User

	knobs    Knobs
	keys     keySet
	grants   grantStore
	devices  deviceStore
	sessions ssoStore
	tickets  tickets
}

// NewIdP starts an IdP on 127.0.0.1. Call Close when done.
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
	if err := p.start(p.withClock(mux), port); err != nil {
		return nil, err
	}
	return p, nil
}

// now returns the time of the IdP's clock, which Knobs.ClockOff sets.
func (p *IdP) now() time.Time { return p.Now().Add(p.currentKnobs().ClockOff) }

// withClock sets the Date header to that clock's time.
func (p *IdP) withClock(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", cmp.Or(p.currentKnobs().Date, p.now().UTC().Format(http.TimeFormat)))
		h.ServeHTTP(w, r)
	})
}

// writeBroken responds with the status and a body that is not JSON, unless the status is 0.
func writeBroken(w http.ResponseWriter, status int) bool {
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

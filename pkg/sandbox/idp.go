package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

// IdP is an OpenID Connect provider: the authorization code flow with PKCE, refresh tokens that rotate
// and notice reuse, and revocation. It counts "discovery", "jwks", "authorize" (the page or its
// redirect), "token:authorization_code", "token:refresh_token" and "revoke"; discovery and keys that
// the sandbox's own AWS fetched are "discovery:aws" and "jwks:aws".
type IdP struct {
	server

	// Clients by client ID; at first the public "daypass". Change before the first request.
	Clients map[string]Client
	// Users by name; at first alice and bob. Change before the first request.
	Users map[string]User

	knobs  Knobs
	keys   keySet
	grants grantBook
}

// Client is an application that the IdP knows.
type Client struct {
	ID     string
	Secret secret.String // demanded at the token endpoint when set
	// RedirectURIs match exactly. With none, any port and path on loopback is right (RFC 8252 §7.3).
	RedirectURIs []string
}

// User is a person who can sign in.
type User struct {
	Subject string // opaque and awkward, as in life
	Email   string // in the ID token when the scope email was asked for
	Name    string
}

// NewIdP starts an IdP. Close ends it.
func NewIdP() (*IdP, error) {
	p := &IdP{
		Clients: map[string]Client{"daypass": {ID: "daypass"}},
		Users: map[string]User{
			"alice": {Subject: "auth0|a1ice+x/=1", Email: "alice@example.com", Name: "Alice Example"},
			"bob":   {Subject: "auth0|b0b+y/=2", Email: "bob@example.com", Name: "Bob Example"},
		},
		knobs: Knobs{TokenLife: time.Hour},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.jwks)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("POST /revoke", p.revoke)
	if err := p.start(mux); err != nil {
		return nil, err
	}
	return p, nil
}

// discoveryJSON is the provider's metadata (OIDC Discovery §3, RFC 8414, RFC 9207 §3).
type discoveryJSON struct {
	Issuer           string   `json:"issuer"`
	Authorization    string   `json:"authorization_endpoint"`
	Token            string   `json:"token_endpoint"`
	JWKS             string   `json:"jwks_uri"`
	Revocation       string   `json:"revocation_endpoint,omitempty"`
	Scopes           []string `json:"scopes_supported"`
	ResponseTypes    []string `json:"response_types_supported"`
	GrantTypes       []string `json:"grant_types_supported"`
	SubjectTypes     []string `json:"subject_types_supported"`
	SigningAlgs      []string `json:"id_token_signing_alg_values_supported"`
	AuthMethods      []string `json:"token_endpoint_auth_methods_supported"`
	ChallengeMethods []string `json:"code_challenge_methods_supported"`
	Claims           []string `json:"claims_supported"`
	IssParameterSent bool     `json:"authorization_response_iss_parameter_supported"`
}

func (p *IdP) discovery(w http.ResponseWriter, r *http.Request) {
	p.countFetch("discovery", r)
	knobs := p.currentKnobs()
	if !p.wait(r.Context(), knobs.Delay) {
		return
	}
	d := discoveryJSON{
		Issuer:           p.url,
		Authorization:    p.url + "/authorize",
		Token:            p.url + "/token",
		JWKS:             p.url + "/keys",
		Revocation:       p.url + "/revoke",
		Scopes:           []string{"openid", "email", "profile", "offline_access"},
		ResponseTypes:    []string{"code"},
		GrantTypes:       []string{"authorization_code", "refresh_token"},
		SubjectTypes:     []string{"public"},
		SigningAlgs:      []string{"RS256"},
		AuthMethods:      []string{"none", "client_secret_basic", "client_secret_post"},
		ChallengeMethods: []string{"S256"},
		Claims:           []string{"iss", "sub", "aud", "exp", "iat", "nonce", "at_hash", "email", "email_verified", "name"},
		IssParameterSent: !knobs.NoIssAdvertised,
	}
	if alg := knobs.Alg; alg != "" && !slices.Contains(d.SigningAlgs, alg) {
		d.SigningAlgs = append(d.SigningAlgs, alg)
	}
	if knobs.NoOfflineAccess {
		d.Scopes = []string{"openid", "email", "profile"}
	}
	if knobs.NoRevocation {
		d.Revocation = ""
	}
	writeJSON(w, http.StatusOK, d)
}

func (p *IdP) jwks(w http.ResponseWriter, r *http.Request) {
	p.countFetch("jwks", r)
	if !p.wait(r.Context(), p.currentKnobs().Delay) {
		return
	}
	set, err := p.keys.published(p.currentKnobs().Alg)
	if err != nil {
		http.Error(w, "no key", http.StatusInternalServerError)
		return
	}
	writeJSON(w, http.StatusOK, set)
}

// countFetch keeps what the sandbox's AWS fetches apart from what the client under test fetches.
func (p *IdP) countFetch(name string, r *http.Request) {
	if r.UserAgent() == awsUserAgent {
		name += ":aws"
	}
	p.count(name)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

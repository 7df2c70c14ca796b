package sandbox

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

// discoveryJSON is the provider metadata (OIDC Discovery §3, RFC 8414 §2, RFC 8628 §4, RP-Initiated Logout §2.1, RFC
// 9207 §3).
type discoveryJSON struct {
	Issuer           string   `json:"issuer"`
	Authorization    string   `json:"authorization_endpoint"`
	Token            string   `json:"token_endpoint"`
	JWKS             string   `json:"jwks_uri"`
	Revocation       string   `json:"revocation_endpoint,omitempty"`
	Device           string   `json:"device_authorization_endpoint,omitempty"`
	EndSession       string   `json:"end_session_endpoint,omitempty"`
	Scopes           []string `json:"scopes_supported"`
	ResponseTypes    []string `json:"response_types_supported"`
	GrantTypes       []string `json:"grant_types_supported"`
	SubjectTypes     []string `json:"subject_types_supported"`
	SigningAlgs      []string `json:"id_token_signing_alg_values_supported"`
	AuthMethods      []string `json:"token_endpoint_auth_methods_supported"`
	ChallengeMethods []string `json:"code_challenge_methods_supported"`
	Claims           []string `json:"claims_supported"`
	Prompts          []string `json:"prompt_values_supported,omitempty"`
	IssParameterSent bool     `json:"authorization_response_iss_parameter_supported"`
}

func (p *IdP) discovery(w http.ResponseWriter, r *http.Request) {
	p.countFetch("discovery", r)
	knobs := p.currentKnobs()
	if !p.wait(r.Context(), knobs.Delay) || writeBroken(w, knobs.DiscoveryStatus) {
		return
	}
	d := discoveryJSON{
		Issuer:           p.url,
		Authorization:    p.url + "/authorize",
		Token:            p.url + "/token",
		JWKS:             p.url + "/keys",
		Revocation:       p.url + "/revoke",
		Device:           p.url + "/device_authorization",
		EndSession:       p.url + "/end-session",
		Scopes:           []string{"openid", "email", "profile", "offline_access"},
		ResponseTypes:    []string{"code"},
		GrantTypes:       []string{"authorization_code", "refresh_token", deviceGrantType},
		SubjectTypes:     []string{"public"},
		SigningAlgs:      []string{"RS256"},
		AuthMethods:      []string{"none", "client_secret_basic", "client_secret_post"},
		ChallengeMethods: []string{"S256"},
		Claims: []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid",
			"email", "email_verified", "name"},
		Prompts:          []string{"none", "login", "consent", "select_account"},
		IssParameterSent: !knobs.NoIssAdvertised,
	}
	knobs.restrict(&d)
	if knobs.Odd && !isAWS(r) {
		writeJSON(w, http.StatusOK, withMembers(d, map[string]any{
			"scopes_supported": "openid email", "claims_supported": 5, "ui_locales_supported": map[string]any{},
			"revocation_endpoint": "http://idp.example.com/revoke", "end_session_endpoint": []string{d.EndSession},
			"authorization_response_iss_parameter_supported": "true",
		}))
		return
	}
	writeJSON(w, http.StatusOK, d)
}

// withMembers returns v as JSON, with some members replaced.
func withMembers(v any, odd map[string]any) map[string]any {
	all := map[string]any{}
	if b, err := json.Marshal(v); err == nil {
		_ = json.Unmarshal(b, &all) // cannot fail: it was just marshaled
	}
	maps.Copy(all, odd)
	return all
}

func isAWS(r *http.Request) bool { return r.UserAgent() == awsUserAgent }

// restrict changes the metadata to those of an IdP with fewer features, or with another signature algorithm.
func (k Knobs) restrict(d *discoveryJSON) {
	if alg := k.Alg; alg != "" && !slices.Contains(d.SigningAlgs, alg) {
		d.SigningAlgs = append(d.SigningAlgs, alg)
	}
	if k.NoOfflineAccess {
		d.Scopes = []string{"openid", "email", "profile"}
	}
	if k.NoPrompts {
		d.Prompts = nil
	}
	if k.NoRevocation {
		d.Revocation = ""
	}
	if k.NoDeviceFlow {
		d.Device, d.GrantTypes = "", d.GrantTypes[:2]
	}
	if k.NoEndSession {
		d.EndSession = ""
	}
}

func (p *IdP) jwks(w http.ResponseWriter, r *http.Request) {
	p.countFetch("jwks", r)
	knobs := p.currentKnobs()
	if !p.wait(r.Context(), knobs.Delay) || writeBroken(w, knobs.KeysStatus) {
		return
	}
	set, err := p.keys.published(knobs.Alg)
	if err != nil {
		http.Error(w, "no key", http.StatusInternalServerError)
		return
	}
	if knobs.Odd && !isAWS(r) {
		keys := []any{"odd", map[string]any{"kty": "odd", "kid": "odd-key"}}
		for _, key := range set.Keys {
			keys = append(keys, withMembers(key, map[string]any{"x5t": "not base64url", "x5c": []string{"odd"}, "key_ops": "verify"}))
		}
		writeJSON(w, http.StatusOK, map[string]any{"keys": keys})
		return
	}
	writeJSON(w, http.StatusOK, set)
}

// countFetch counts what the sandbox's AWS fetches separately from what the client under test fetches.
func (p *IdP) countFetch(name string, r *http.Request) {
	if isAWS(r) {
		name += ":aws"
	}
	p.count(name)
}

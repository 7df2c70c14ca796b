package login

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/plain"
)

// documentLife is how long discovery and JWKS are kept. A key that is not among the kept ones is
// looked for anew at once.
const documentLife = 12 * time.Hour

// metadata is what daypass reads of a discovery document (OpenID Connect Discovery §3, RFC 8414 §2,
// RFC 9207 §3, OpenID Connect RP-Initiated Logout §2.1).
type metadata struct {
	Issuer      string   `json:"issuer"`
	AuthURL     string   `json:"authorization_endpoint"`
	TokenURL    string   `json:"token_endpoint"`
	JWKSURL     string   `json:"jwks_uri"`
	RevokeURL   string   `json:"revocation_endpoint"`
	LogoutURL   string   `json:"end_session_endpoint"`
	Scopes      []string `json:"scopes_supported"`
	Algs        []string `json:"id_token_signing_alg_values_supported"`
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	SendsIssuer bool     `json:"authorization_response_iss_parameter_supported"`
}

func (idp *issuer) discover(ctx context.Context) (metadata, error) {
	m, err := document(ctx, idp, "discovery", discoveryURL(idp.login.Issuer), kept, idp.login.readMetadata)
	if err != nil {
		return metadata{}, fmt.Errorf("reading the identity provider's discovery document: %w", err)
	}
	return m, nil
}

func discoveryURL(issuer string) string {
	return strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration"
}

func (l *Login) readMetadata(body []byte) (metadata, error) {
	var m metadata
	if err := json.Unmarshal(body, &m); err != nil {
		return metadata{}, ErrNoDiscovery
	}
	if m.Issuer != l.Issuer {
		return metadata{}, &IssuerMismatchError{Configured: l.Issuer, Advertised: plain.Short(m.Issuer, maxDescription)}
	}
	err := errors.Join(secureURL("authorization endpoint", m.AuthURL),
		secureURL("token endpoint", m.TokenURL), secureURL("JWKS URI", m.JWKSURL))
	if m.RevokeURL != "" {
		err = errors.Join(err, secureURL("revocation endpoint", m.RevokeURL))
	}
	if err != nil {
		return metadata{}, err
	}
	if len(m.Algs) > 0 && !slices.ContainsFunc(m.Algs, takenBySTS) {
		return metadata{}, &UnsupportedAlgError{Alg: plain.Short(m.Algs[0], maxCode)}
	}
	return m, nil
}

// freshness says whether a kept document will do.
type freshness bool

const (
	kept  freshness = true
	fresh freshness = false
)

// document returns what read makes of the document at that URL: a kept one if it will do, else a
// fetched one, which is then kept.
func document[T any](ctx context.Context, idp *issuer, kind, from string, f freshness, read func([]byte) (T, error)) (T, error) {
	key, cache := kind+" "+from, idp.login.Cache
	if f == kept && cache != nil {
		body, err := cache.Get(ctx, key)
		if err != nil {
			idp.warn(fmt.Errorf("looking for the kept %s: %w", kind, err))
		}
		if v, err := read(body); body != nil && err == nil {
			return v, nil
		}
	}
	var none T
	body, err := get(ctx, idp.client, from)
	if err != nil {
		return none, err
	}
	v, err := read(body)
	if err != nil {
		return none, err
	}
	if cache != nil {
		if err := cache.Put(ctx, key, body, idp.login.now().Add(documentLife)); err != nil {
			idp.warn(fmt.Errorf("keeping the %s: %w", kind, err))
		}
	}
	return v, nil
}

package login

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// documentLife is how long discovery and JWKS are kept. A key that is not among the kept ones is
// looked for anew at once.
const documentLife = 12 * time.Hour

// metadata is what daypass reads of a discovery document (OpenID Connect Discovery §3, RFC 8414 §2,
// RFC 9207 §3).
type metadata struct {
	Issuer      string   `json:"issuer"`
	AuthURL     string   `json:"authorization_endpoint"`
	TokenURL    string   `json:"token_endpoint"`
	JWKSURL     string   `json:"jwks_uri"`
	RevokeURL   string   `json:"revocation_endpoint"`
	Scopes      []string `json:"scopes_supported"`
	Algs        []string `json:"id_token_signing_alg_values_supported"`
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	SendsIssuer bool     `json:"authorization_response_iss_parameter_supported"`
}

// provider is one issuer as one call sees it: what it says of itself and, on their way behind that,
// its keys.
type provider struct {
	login     *Login
	client    *http.Client
	warn      func(error)
	discovery *later[metadata]
	keys      *later[jwks]
}

// provider begins to ask the issuer, in the background, until ctx ends.
func (l *Login) provider(ctx context.Context, herald *herald) *provider {
	p := &provider{login: l, client: l.client()}
	p.warn = func(err error) { herald.tell(Warning{Err: err}) }
	p.discovery = start(func() (metadata, error) { return p.discover(ctx) })
	return p
}

// prefetchKeys has the keys there when a token comes.
func (p *provider) prefetchKeys(ctx context.Context) {
	p.keys = start(func() (jwks, error) {
		m, err := p.discovery.wait(ctx)
		if err != nil {
			return nil, err
		}
		return p.fetchKeys(ctx, m, kept)
	})
}

// failsWithin returns why the issuer cannot be used, if that is known within the limit.
func (p *provider) failsWithin(ctx context.Context, limit time.Duration) error {
	return p.discovery.failure(ctx, limit)
}

func (p *provider) discover(ctx context.Context) (metadata, error) {
	m, err := document(ctx, p, "discovery", discoveryURL(p.login.Issuer), kept, p.login.readMetadata)
	if err != nil {
		return metadata{}, fmt.Errorf("reading the IdP's discovery document: %w", err)
	}
	return m, nil
}

func discoveryURL(issuer string) string {
	return strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration"
}

func (l *Login) readMetadata(body []byte) (metadata, error) {
	var m metadata
	if err := json.Unmarshal(body, &m); err != nil {
		return metadata{}, errors.New("it is not a JSON object of OpenID Connect Discovery")
	}
	if m.Issuer != l.Issuer {
		return metadata{}, &IssuerMismatchError{Configured: l.Issuer, Advertised: printable(m.Issuer, maxDescription)}
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
		return metadata{}, &UnsupportedAlgError{Alg: printable(m.Algs[0], maxCode)}
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
func document[T any](ctx context.Context, p *provider, kind, from string, f freshness, read func([]byte) (T, error)) (T, error) {
	key, cache := kind+" "+from, p.login.Cache
	if f == kept && cache != nil {
		body, err := cache.Get(ctx, key)
		if err != nil {
			p.warn(fmt.Errorf("looking for the kept %s: %w", kind, err))
		}
		if v, err := read(body); body != nil && err == nil {
			return v, nil
		}
	}
	var none T
	body, err := get(ctx, p.client, from)
	if err != nil {
		return none, err
	}
	v, err := read(body)
	if err != nil {
		return none, err
	}
	if cache != nil {
		if err := cache.Put(ctx, key, body, p.login.now().Add(documentLife)); err != nil {
			p.warn(fmt.Errorf("keeping the %s: %w", kind, err))
		}
	}
	return v, nil
}

package login

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// documentLife is how long discovery and JWKS are cached. If a signature needs a key that is not cached, JWKS is fetched
// again immediately.
const documentLife = 12 * time.Hour

// metadata is what daypass reads from a discovery document (OpenID Connect Discovery §3, RFC 8414 §2,
// RFC 9207 §3, OpenID Connect RP-Initiated Logout §2.1).
type metadata struct {
	Issuer, AuthURL, TokenURL, JWKSURL string
	// The following members are optional. They are zero if they are missing or cannot be used.
	RevokeURL, LogoutURL               string
	Scopes, Algs, AuthMethods, Prompts []string
	SendsIssuer                        bool
	// ignored lists the members that cannot be used, and why.
	ignored []string
}

func (idp *issuer) discover(ctx context.Context, c caching) (metadata, error) {
	m, err := document(ctx, idp, "discovery", discoveryURL(idp.login.Issuer), c, idp.login.readMetadata)
	if err != nil {
		return metadata{}, fmt.Errorf("reading the identity provider's discovery document: %w", err)
	}
	for _, reason := range m.ignored {
		idp.login.step("discovery: " + reason)
	}
	return m, nil
}

func discoveryURL(issuer string) string {
	return strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration"
}

// readMetadata fails if a member that a sign-in needs is missing or invalid. It ignores other invalid members.
func (l *Login) readMetadata(body []byte) (metadata, error) {
	var all members
	if err := json.Unmarshal(body, &all); err != nil || all.text("issuer") == "" {
		return metadata{}, ErrNoDiscovery
	}
	m := metadata{Issuer: all.text("issuer"), AuthURL: all.text("authorization_endpoint"),
		TokenURL: all.text("token_endpoint"), JWKSURL: all.text("jwks_uri")}
	if m.Issuer != l.Issuer {
		return metadata{}, &IssuerMismatchError{Configured: l.Issuer, Advertised: sanitize.Short(m.Issuer, maxDescription)}
	}
	if err := errors.Join(l.checkEndpoint("authorization endpoint", m.AuthURL),
		l.checkEndpoint("token endpoint", m.TokenURL), l.checkEndpoint("JWKS URI", m.JWKSURL)); err != nil {
		return metadata{}, err
	}
	m.readOptional(all, l.checkEndpoint)
	if len(m.Algs) > 0 && !slices.ContainsFunc(m.Algs, acceptedBySTS) {
		return metadata{}, &UnsupportedAlgError{Alg: sanitize.Short(m.Algs[0], maxCode)}
	}
	return m, nil
}

// checkEndpoint requires https if the issuer is https: a program on this machine must not receive what is meant for a
// provider elsewhere.
func (l *Login) checkEndpoint(what, raw string) error {
	if err := secureURL(what, raw); err != nil {
		return err
	}
	if hasHTTPS(l.Issuer) && !hasHTTPS(raw) {
		return fmt.Errorf("the %s %q does not use https, but the issuer does", what, withoutQuery(raw))
	}
	return nil
}

func hasHTTPS(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && u.Scheme == "https"
}

func (m *metadata) readOptional(all members, check func(what, raw string) error) {
	ignore := func(name, reason string) { m.ignored = append(m.ignored, name+" is ignored: "+reason) }
	address := func(name string, to *string) {
		if all[name] == nil || all[name] == "" {
			return
		}
		if err := check("URL", all.text(name)); err != nil {
			ignore(name, err.Error())
			return
		}
		*to = all.text(name)
	}
	list := func(name string, to *[]string) {
		items, ok := all[name].([]any)
		if !ok && all[name] != nil {
			ignore(name, "it is not a list")
		}
		for _, item := range items {
			if text, ok := item.(string); ok {
				*to = append(*to, text)
			}
		}
	}
	address("revocation_endpoint", &m.RevokeURL)
	address("end_session_endpoint", &m.LogoutURL)
	list("scopes_supported", &m.Scopes)
	list("id_token_signing_alg_values_supported", &m.Algs)
	list("prompt_values_supported", &m.Prompts)
	list("token_endpoint_auth_methods_supported", &m.AuthMethods)
	const sendsIssuer = "authorization_response_iss_parameter_supported"
	sends, ok := all[sendsIssuer].(bool)
	if m.SendsIssuer = sends; !ok && all[sendsIssuer] != nil {
		ignore(sendsIssuer, "it is not a boolean")
	}
}

// caching says whether a cached document may be used.
type caching bool

const (
	cached caching = true
	fresh  caching = false
)

// document returns the parsed document at that URL. It fetches and caches the document unless a cached one may be used.
func document[T any](ctx context.Context, idp *issuer, kind, from string, c caching, read func([]byte) (T, error)) (T, error) {
	key, cache := kind+" "+from, idp.login.Cache
	if c == cached && cache != nil {
		body, err := cache.Get(ctx, key)
		if err != nil {
			idp.warn(fmt.Errorf("reading the cached %s: %w", kind, err))
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
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) // a byte order mark, which readers may ignore (RFC 8259 §8.1)
	v, err := read(body)
	if err != nil {
		return none, err
	}
	if cache != nil {
		if err := cache.Put(ctx, key, body, idp.login.now().Add(documentLife)); err != nil {
			idp.warn(fmt.Errorf("caching the %s: %w", kind, err))
		}
	}
	return v, nil
}

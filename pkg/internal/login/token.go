package login

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// newGrant verifies the ID token of a token response and returns the grant of a sign-in. The nonce is "" for a flow
// that sends none.
func (idp *issuer) newGrant(ctx context.Context, m metadata, response tokenResponse, nonce string) (identity.Grant, error) {
	if response.idToken == "" {
		return identity.Grant{}, identity.ErrNoIDToken
	}
	token, err := idp.verify(ctx, m, response.idToken, response.accessToken, nonce)
	if err != nil {
		return identity.Grant{}, err
	}
	grant := idp.login.grantWithoutID(response)
	grant.ID, grant.ClockOffset, grant.Scopes = token, idp.clock.offset(), response.granted(idp.login.scopes(m))
	return grant, nil
}

func (l *Login) grantWithoutID(response tokenResponse) identity.Grant {
	grant := identity.Grant{Access: secret.New(response.accessToken), Refresh: secret.New(response.refreshToken)}
	if response.refreshLife > 0 {
		grant.RefreshExpiry = l.now().Add(response.refreshLife).UTC()
	}
	return grant
}

// tokenResponse is what daypass reads from a response of the token endpoint (RFC 6749 §5.1, OpenID Connect Core
// §3.1.3.3). A member that is missing or of another type is empty: AWS needs only the ID token.
type tokenResponse struct {
	idToken, accessToken, refreshToken string
	scopes                             []string
	refreshLife                        time.Duration // 0: unknown or unlimited
}

// granted returns the scopes in the response, or the requested ones if it has none (RFC 6749 §5.1). Some IdPs list
// only the scopes of the access token. The ID token proves that openid was granted, and a refresh token proves
// offline_access.
func (r tokenResponse) granted(requested []string) []string {
	if len(r.scopes) == 0 {
		return requested
	}
	scopes := slices.Clone(r.scopes)
	for _, scope := range requested {
		proven := scope == "openid" || scope == "offline_access" && r.refreshToken != ""
		if proven && !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// requestTokens sends a token request once. status is the HTTP status of the response, or 0 if none came.
func (idp *issuer) requestTokens(ctx context.Context, m metadata, form url.Values) (response tokenResponse, status int, err error) {
	status, body, err := idp.postForm(ctx, m, m.TokenURL, form)
	if err == nil {
		response, err = parseTokens(status, body, m.TokenURL)
	}
	return response, status, err
}

// parseTokens parses a response of the token endpoint. It ignores the Content-Type. Its errors never quote the body,
// which may contain tokens even if it is not a token response.
func parseTokens(status int, body []byte, from string) (tokenResponse, error) {
	o := parseObject(body)
	switch {
	case o.text("error") != "" || status < 200 || status > 299:
		return tokenResponse{}, oauthError(status, o, from)
	case o == nil:
		return tokenResponse{}, fmt.Errorf("the response of %s is not a JSON object with tokens", hostOf(from))
	}
	return tokenResponse{
		idToken: o.text("id_token"), accessToken: o.text("access_token"), refreshToken: o.text("refresh_token"),
		scopes: strings.Fields(o.text("scope")),
		// Keycloak sends the first name, Entra the second.
		refreshLife: max(o.seconds("refresh_expires_in"), o.seconds("refresh_token_expires_in")),
	}, nil
}

// oauthError returns the error in the response (RFC 6749 §5.2), or the HTTP status if there is none. It also returns
// the status if a proxy or an overloaded server sent it.
func oauthError(status int, o object, from string) error {
	if code := o.text("error"); code != "" && !transientStatus(status) {
		return newIdPError(code, o.text("error_description"))
	}
	return statusError(status, from)
}

// transientStatus reports whether the status is from a proxy or an overloaded server, so that it says nothing about the
// request.
func transientStatus(status int) bool {
	return status == http.StatusProxyAuthRequired || status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
}

// object is a JSON object whose members are decoded one by one, so that a member of an unexpected type does not affect
// the others.
type object map[string]json.RawMessage

// parseObject returns nil if body is not a JSON object.
func parseObject(body []byte) (o object) {
	if json.Unmarshal(body, &o) != nil {
		return nil
	}
	return o
}

// text returns a string member, or "".
func (o object) text(name string) (s string) {
	if json.Unmarshal(o[name], &s) != nil {
		return ""
	}
	return s
}

// seconds returns a member that is a number of seconds, perhaps with a fraction or as a string, or 0.
func (o object) seconds(name string) time.Duration {
	var n float64
	if json.Unmarshal(o[name], &n) != nil {
		n, _ = strconv.ParseFloat(o.text(name), 64)
	}
	if n > 0 && n < 1e9 {
		return time.Duration(n * float64(time.Second))
	}
	return 0
}

// postForm sends a form with client authentication once and returns the response. The status is 0 if there was no
// complete response. With an error, it is the status of a redirect, which is never followed.
func (idp *issuer) postForm(ctx context.Context, m metadata, to string, form url.Values) (status int, body []byte, err error) {
	req, err := idp.login.clientRequest(ctx, m, to, form)
	if err != nil {
		return 0, nil, withoutURL(err)
	}
	resp, err := idp.client.Do(req)
	switch {
	case ctx.Err() != nil && err != nil:
		return 0, nil, ctx.Err()
	case err != nil && resp != nil:
		return resp.StatusCode, nil, withoutURL(err)
	case err != nil:
		return 0, nil, withoutURL(err)
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(resp.Body); err != nil {
		return 0, nil, fmt.Errorf("reading the response of %s: %w", hostOf(to), cmp.Or(ctx.Err(), err))
	}
	return resp.StatusCode, body, nil
}

// clientRequest returns a request with client authentication if the client has a secret (RFC 6749 §2.3.1, §3.2.1).
func (l *Login) clientRequest(ctx context.Context, m metadata, to string, form url.Values) (*http.Request, error) {
	basic := l.usesBasic(m)
	if !basic {
		form.Set("client_id", l.ClientID)
		if !l.ClientSecret.IsZero() {
			form.Set("client_secret", l.ClientSecret.Reveal())
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if basic { // RFC 6749 §2.3.1 requires form encoding of both
		req.SetBasicAuth(url.QueryEscape(l.ClientID), url.QueryEscape(l.ClientSecret.Reveal()))
	}
	return req, nil
}

// usesBasic reports whether the client authenticates with HTTP Basic: if it has a secret, unless the IdP advertises only
// client_secret_post. daypass never tries both, because the second request would have a code that is used up.
func (l *Login) usesBasic(m metadata) bool {
	basic := len(m.AuthMethods) == 0 || slices.Contains(m.AuthMethods, "client_secret_basic")
	post := slices.Contains(m.AuthMethods, "client_secret_post")
	return !l.ClientSecret.IsZero() && (basic || !post)
}

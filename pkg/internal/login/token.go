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

// redeem exchanges the code for a grant, once (RFC 6749 §4.1.3, RFC 7636 §4.5).
func (l *Login) redeem(ctx context.Context, idp *issuer, m metadata, a *attempt, code string) (identity.Grant, error) {
	answer, _, err := idp.requestTokens(ctx, m, url.Values{"grant_type": {"authorization_code"}, "code": {code},
		"redirect_uri": {a.port.redirectURI()}, "code_verifier": {a.codeVerifier}})
	if err != nil {
		return identity.Grant{}, fmt.Errorf("redeeming the code: %w", err)
	}
	if answer.idToken == "" {
		return identity.Grant{}, identity.ErrNoIDToken
	}
	token, err := idp.verify(ctx, m, answer.idToken, answer.accessToken, a.nonce)
	if err != nil {
		return identity.Grant{}, err
	}
	grant := l.grant(answer)
	grant.ID, grant.ClockOffset, grant.Scopes = token, idp.clock.offset(), answer.granted(l.scopes(m))
	return grant, nil
}

// grant is what the answer gives besides the ID token.
func (l *Login) grant(answer tokenAnswer) identity.Grant {
	grant := identity.Grant{Access: secret.New(answer.accessToken), Refresh: secret.New(answer.refreshToken)}
	if answer.refreshLife > 0 {
		grant.RefreshExpiry = l.now().Add(answer.refreshLife).UTC()
	}
	return grant
}

// tokenAnswer is what daypass reads of a token endpoint's answer (RFC 6749 §5.1, OpenID Connect Core
// §3.1.3.3). A member that is missing or of another type is empty: AWS needs the ID token and nothing else.
type tokenAnswer struct {
	idToken, accessToken, refreshToken string
	scopes                             []string
	refreshLife                        time.Duration // 0: unknown or unlimited
}

// granted returns the scopes that the answer names, or those requested if it names none (RFC 6749 §5.1).
// Some IdPs name only the access token's scopes: the ID token proves that openid was granted, and a refresh
// token proves offline_access.
func (a tokenAnswer) granted(requested []string) []string {
	if len(a.scopes) == 0 {
		return requested
	}
	scopes := slices.Clone(a.scopes)
	for _, scope := range requested {
		proven := scope == "openid" || scope == "offline_access" && a.refreshToken != ""
		if proven && !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// requestTokens sends a token request once. status is the HTTP status of the answer, 0 if none came.
func (idp *issuer) requestTokens(ctx context.Context, m metadata, form url.Values) (answer tokenAnswer, status int, err error) {
	status, body, err := idp.postForm(ctx, m, m.TokenURL, form)
	if err == nil {
		answer, err = readTokens(status, body, m.TokenURL)
	}
	return answer, status, err
}

// readTokens reads a token endpoint's answer. A JSON object is one whatever its Content-Type. The body is
// never quoted: it may contain tokens even if it is not a token response.
func readTokens(status int, body []byte, from string) (tokenAnswer, error) {
	o := parseObject(body)
	switch {
	case o.text("error") != "" || status < 200 || status > 299:
		return tokenAnswer{}, oauthError(status, o, from)
	case o == nil:
		return tokenAnswer{}, fmt.Errorf("the answer of %s is not a token response", hostOf(from))
	}
	return tokenAnswer{
		idToken: o.text("id_token"), accessToken: o.text("access_token"), refreshToken: o.text("refresh_token"),
		scopes: strings.Fields(o.text("scope")),
		// Keycloak uses the first name, Entra the second.
		refreshLife: max(o.seconds("refresh_expires_in"), o.seconds("refresh_token_expires_in")),
	}, nil
}

// oauthError is the IdP's own error (RFC 6749 §5.2), or the HTTP status if it sent none. A gateway's status
// counts more than any body.
func oauthError(status int, o object, from string) error {
	if code := o.text("error"); code != "" && !transientStatus(status) {
		return newIdPError(code, o.text("error_description"))
	}
	return statusError(status, from)
}

// transientStatus reports whether a proxy or an overloaded server answered, and not the IdP to what it was asked.
func transientStatus(status int) bool {
	return status == http.StatusProxyAuthRequired || status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
}

// object is a JSON object whose members are read one by one, so that a member of an unexpected type does not
// make the others unreadable.
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

// seconds returns a member that is a number of seconds, fractional or in a string, or 0.
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

// postForm sends an authenticated form once and returns the answer. The status is 0 if no complete answer
// came. Beside an error it is that of a redirect, which is never followed.
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
		return 0, nil, fmt.Errorf("reading the answer of %s: %w", hostOf(to), cmp.Or(ctx.Err(), err))
	}
	return resp.StatusCode, body, nil
}

// clientRequest is a request by this client, authenticated if the client has a secret (RFC 6749 §2.3.1, §3.2.1).
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
	if basic { // RFC 6749 §2.3.1 requires both to be form-encoded first
		req.SetBasicAuth(url.QueryEscape(l.ClientID), url.QueryEscape(l.ClientSecret.Reveal()))
	}
	return req, nil
}

// usesBasic reports whether the client authenticates by HTTP Basic: if it has a secret, unless the IdP
// advertises only the request body. It never tries both, because the second try would come with a spent code.
func (l *Login) usesBasic(m metadata) bool {
	basic := len(m.AuthMethods) == 0 || slices.Contains(m.AuthMethods, "client_secret_basic")
	post := slices.Contains(m.AuthMethods, "client_secret_post")
	return !l.ClientSecret.IsZero() && (basic || !post)
}

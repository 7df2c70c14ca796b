package login

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/daypass/daypass/pkg/identity"
)

// Revoke ends the grant at the IdP by its refresh token, or its access token where there is no other
// (RFC 7009 §2.1). It returns an error that wraps ErrNoRevocation where the IdP has no endpoint for it,
// and nil for a grant without tokens.
func (l *Login) Revoke(ctx context.Context, grant identity.Grant) error {
	form := url.Values{"token": {grant.Refresh.Reveal()}, "token_type_hint": {"refresh_token"}}
	if grant.Refresh.IsZero() {
		form = url.Values{"token": {grant.Access.Reveal()}, "token_type_hint": {"access_token"}}
	}
	if form.Get("token") == "" {
		return nil
	}
	if err := l.revoke(ctx, form); err != nil {
		return fmt.Errorf("revoking the sign-in at %s: %w", hostOf(l.Issuer), err)
	}
	return nil
}

func (l *Login) revoke(ctx context.Context, form url.Values) error {
	idp, m, done, err := l.ask(ctx)
	if err != nil {
		return err
	}
	defer done()
	if m.RevokeURL == "" {
		return ErrNoRevocation
	}
	req, err := l.revocation(ctx, m, form)
	if err != nil {
		return withoutURL(err)
	}
	resp, err := idp.client.Do(req)
	if err != nil {
		return withoutURL(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK { // for an unknown token too
		return nil
	}
	var wire struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || json.Unmarshal(body, &wire) != nil || wire.Error == "" {
		return statusError(resp.StatusCode, m.RevokeURL)
	}
	return newIdPError(wire.Error, wire.Description)
}

func (l *Login) revocation(ctx context.Context, m metadata, form url.Values) (*http.Request, error) {
	inHeader := l.authStyle(m) == oauth2.AuthStyleInHeader
	if !inHeader {
		form.Set("client_id", l.ClientID)
		if !l.ClientSecret.IsZero() {
			form.Set("client_secret", l.ClientSecret.Reveal())
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.RevokeURL, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if inHeader { // RFC 6749 §2.3.1 wants both form-encoded first
		req.SetBasicAuth(url.QueryEscape(l.ClientID), url.QueryEscape(l.ClientSecret.Reveal()))
	}
	return req, nil
}

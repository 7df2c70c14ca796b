package login

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/daypass/daypass/pkg/identity"
)

// Revoke revokes the grant's refresh token at the IdP, or its access token if there is no refresh token (RFC 7009 §2.1).
// It returns nil for a grant without tokens. The error wraps ErrNoRevocation if the IdP has no such endpoint.
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
	idp, m, done, err := l.discovered(ctx)
	if err != nil {
		return err
	}
	defer done()
	if m.RevokeURL == "" {
		return ErrNoRevocation
	}
	status, body, err := idp.postForm(ctx, m, m.RevokeURL, form)
	if err != nil {
		return err
	}
	if status == http.StatusOK { // for an unknown token too
		return nil
	}
	return oauthError(status, parseObject(body), m.RevokeURL)
}

package login

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// redeem trades the code for a grant, once (RFC 6749 §4.1.3, RFC 7636 §4.5).
func (l *Login) redeem(ctx context.Context, idp *issuer, m metadata, a *attempt, code string) (identity.Grant, error) {
	config := l.config(m, a.port.redirectURI())
	answer, err := config.Exchange(idp.context(ctx), code, oauth2.VerifierOption(a.codeVerifier))
	if err != nil {
		return identity.Grant{}, fmt.Errorf("redeeming the code: %w", tokenError(ctx, err, m.TokenURL))
	}
	raw, _ := answer.Extra("id_token").(string)
	if raw == "" {
		return identity.Grant{}, identity.ErrNoIDToken
	}
	token, err := idp.verify(ctx, m, raw, answer.AccessToken, a.nonce)
	if err != nil {
		return identity.Grant{}, err
	}
	grant := l.grant(answer)
	grant.ID, grant.ClockOffset = token, idp.clock.offset()
	return grant, nil
}

func (l *Login) grant(answer *oauth2.Token) identity.Grant {
	return identity.Grant{
		Access:        secret.New(answer.AccessToken),
		Refresh:       secret.New(answer.RefreshToken),
		RefreshExpiry: l.refreshExpiry(answer),
	}
}

// refreshExpiry reads what Keycloak and Entra call it; 0 means that it does not end.
func (l *Login) refreshExpiry(answer *oauth2.Token) time.Time {
	for _, name := range []string{"refresh_expires_in", "refresh_token_expires_in"} {
		if seconds, ok := answer.Extra(name).(float64); ok && seconds > 0 && seconds < 1e9 {
			return l.now().Add(time.Duration(seconds) * time.Second).UTC()
		}
	}
	return time.Time{}
}

// tokenError keeps the protocol's own words and the status; x/oauth2's errors may quote the body, and a
// body that is no error answer may have tokens in it.
func tokenError(ctx context.Context, err error, from string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if told, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		status := told.Response.StatusCode
		if told.ErrorCode != "" && status < http.StatusInternalServerError {
			return newIdPError(told.ErrorCode, told.ErrorDescription)
		}
		return statusError(status, from)
	}
	if _, ok := errors.AsType[*url.Error](err); ok {
		return withoutURL(err)
	}
	return fmt.Errorf("the answer of %s is not a token response", hostOf(from))
}

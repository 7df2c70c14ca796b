package login

import (
	"context"
	"errors"
	"fmt"

	"github.com/daypass/daypass/pkg/identity"
)

// EndSession opens the IdP's sign-out page in the person's browser (OpenID Connect RP-Initiated Logout 1.0 §2). It
// returns when the browser has been redirected there; only the person sees the result. The ID token, which may be
// zero, identifies the session. The error wraps ErrNoEndSession if the IdP has no such endpoint.
func (l *Login) EndSession(ctx context.Context, token identity.Token) error {
	if err := l.endSession(ctx, token); err != nil {
		return fmt.Errorf("ending the session at %s: %w", hostOf(l.Issuer), err)
	}
	return nil
}

func (l *Login) endSession(ctx context.Context, token identity.Token) error {
	_, m, done, err := l.discovered(ctx)
	if err != nil {
		return err
	}
	done()
	if m.LogoutURL == "" {
		return ErrNoEndSession
	}
	port, err := listen(ctx, nil)
	if err != nil {
		return err
	}
	events := &notifier{notify: l.Notify}
	defer events.stop()
	page := &logoutPage{
		pageServer: newPageServer(port, "sign-out", events.send),
		to:         m.LogoutURL, clientID: l.ClientID, loginHint: l.LoginHint,
		token: token, expired: token.Claims.Expiry.Add(clockLeeway).Before(l.now()), byForm: l.EndSessionForm,
	}
	page.serve(page)
	defer page.close()
	go l.openBrowser(events, page.pageServer, BrowserOpening{StartURL: port.startURL(), Host: hostOf(l.Issuer), SignOut: true})
	select {
	case <-page.shown:
		return nil
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return errNoBrowser
		}
		return context.Cause(ctx)
	}
}

var errNoBrowser = errors.New("timed out: no browser opened the sign-out page")

package remedy

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/login"
	"github.com/daypass/daypass/pkg/internal/upload"
)

// known finds the values and types that our own packages give.
func known(err error) (advice, bool) {
	for _, row := range []struct {
		is error
		advice
	}{
		{identity.ErrGrantRevoked, advice{"the sign-in ran out, or was revoked at the identity provider",
			"", "daypass login{flags}", ExitSignInNeeded}},
		{broker.ErrSignInNeeded, advice{"", "", "daypass login{flags}", ExitSignInNeeded}},
		{login.ErrOtherSignIn, advice{"the answer belongs to another sign-in", "", "daypass login{flags} --again", ExitFailed}},
		{login.ErrNoDiscovery, notIssuer},
		{upload.ErrChanged, advice{"another program is writing to it", "", "again when that one is done", ExitFailed}},
		{identity.ErrTokenRejected, tokenExpired},
		{identity.ErrNoIDToken, advice{"AWS needs an ID token, and the identity provider gave none",
			"openid among the scopes in the profile", "", ExitRefused}},
		{login.ErrNoRevocation, advice{"the refresh token is forgotten here and lives on at the identity provider",
			"the sessions in your account at the identity provider", "", ExitFailed}},
		{login.ErrNoEndSession, advice{"this sign-in is forgotten here; the browser stays signed in there",
			"", "to sign out on the identity provider's own page", ExitFailed}},
	} {
		if errors.Is(err, row.is) {
			return row.advice, true
		}
	}
	if isType[*upload.PlanError](err) {
		return advice{exit: ExitUsage}, true
	}
	for _, table := range []func(error) (advice, bool){ofWaiting, ofClock, ofClaim, ofDiscovery, ofStatus, ofValue, ofDirectory, ofVerify} {
		if found, ok := table(err); ok {
			return found, true
		}
	}
	return advice{}, false
}

// notIssuer is for what answers, but not as an issuer.
var notIssuer = advice{"this is not an issuer: " + discovery + " is not there",
	"login.issuer with the provider's documentation", "", ExitFailed}

// ofWaiting finds what keeps a browser's answer from coming.
func ofWaiting(err error) (advice, bool) {
	if e, ok := errors.AsType[*login.UnansweredError](err); ok && e.Elsewhere {
		return advice{"you came back in another browser, browser profile or container than the one where the sign-in began",
			"", "daypass login{flags} --no-browser, and open its address in that other one", ExitSignInNeeded}, true
	}
	if isType[*login.UnansweredError](err) {
		return advice{"the tab was closed; or it shows an error of the identity provider: then this client or redirect URI is unknown there",
			"", "daypass login{flags}", ExitSignInNeeded}, true
	}
	if isType[*login.PortInUseError](err) {
		return advice{"another sign-in waits, or another program has the port",
			"", "a second redirect_uri, registered at the identity provider too", ExitFailed}, true
	}
	return advice{}, false
}

// ofStatus finds answers of the IdP that are none.
func ofStatus(err error) (advice, bool) {
	e, ok := errors.AsType[*login.StatusError](err)
	switch {
	case !ok:
		return advice{}, false
	case e.Status >= http.StatusInternalServerError, e.Status == http.StatusTooManyRequests:
		return advice{"the identity provider is in trouble just now", "", againInAMinute, ExitFailed}, true
	case strings.HasSuffix(e.URL, wellKnown):
		return notIssuer, true
	}
	return advice{"a proxy, or a server that is not the identity provider, answered", "the issuer and HTTPS_PROXY", "", ExitFailed}, true
}

// ofValue finds placeholders that the token or AWS's answer has no value for.
func ofValue(err error) (advice, bool) {
	e, ok := errors.AsType[*identity.NoValueError](err)
	switch {
	case !ok:
		return advice{}, false
	case e.Placeholder == "email" || strings.HasPrefix(e.Placeholder, "claim:"):
		return advice{"the token has no such claim", "role.session_name with the token's claims; scopes may lack profile or email", "", ExitFailed}, true
	}
	return advice{"this role or identity pool gives no such value", "upload.prefix in the profile", "", ExitFailed}, true
}

// ofDirectory finds a private directory that is none.
func ofDirectory(err error) (advice, bool) {
	e, ok := errors.AsType[*agent.DirError](err)
	switch {
	case !ok:
		return advice{}, false
	case e.TooOpen:
		return advice{"", "", "chmod 700 " + shellWord(e.Dir), ExitFailed}, true
	}
	return advice{"", "", "DAYPASS_RUNTIME_DIR=DIR, a directory of mode 0700", ExitFailed}, true
}

// ofClaim finds tokens that are not whole.
func ofClaim(err error) (advice, bool) {
	if isType[*identity.ClaimError](err) {
		return advice{"the identity provider's ID tokens are not what OpenID Connect and AWS require: iss, sub, aud, exp and iat",
			"the claims that the identity provider gives this client", "", ExitRefused}, true
	}
	return advice{}, false
}

// signInEvidence is what a sign-in was asked with, or the clocks.
func signInEvidence(err error, now time.Time) []Line {
	if e, ok := errors.AsType[*login.UnansweredError](err); ok {
		return block("asked", []string{named("client", e.ClientID), named("redirect", e.RedirectURI)})
	}
	if e, ok := errors.AsType[*login.IdPError](err); ok && len(e.Scopes) > 0 {
		return block("asked", []string{"scopes " + strings.Join(e.Scopes, " ")})
	}
	if e, ok := errors.AsType[*login.ClockError](err); ok {
		return clocks(e, now)
	}
	return nil
}

// clocks tells the token's time and every clock apart, all of them in the time zone of now.
func clocks(e *login.ClockError, now time.Time) []Line {
	said := validity(e.At, e.Now)
	switch {
	case e.Early:
		said = "not valid before " + clock(e.At, now)
	case e.At.After(e.Now): // by the identity provider's clock alone
		said = "expires at " + clock(e.At, now)
	}
	lines := []Line{{Label: "token", Text: said}, {Label: "here", Text: clock(e.Now, now)}}
	if !e.IdP.IsZero() {
		lines = append(lines, Line{Label: "IdP", Text: clock(e.IdP, now)})
	}
	return lines
}

// ofClock finds tokens that do not fit a clock.
func ofClock(err error) (advice, bool) {
	e, ok := errors.AsType[*login.ClockError](err)
	switch {
	case !ok:
		return advice{}, false
	case e.IdP.IsZero():
		return advice{"the clock here, or the identity provider's, is wrong", "the clock here", "", ExitFailed}, true
	}
	return advice{"the clock here and the identity provider's are " + Span(e.IdP.Sub(e.Now).Abs()) + " apart: one of them is wrong",
		"both with a clock that is right", "", ExitFailed}, true
}

func ofDiscovery(err error) (advice, bool) {
	if other, ok := errors.AsType[*login.IssuerMismatchError](err); ok {
		return ofMismatch(other), true
	}
	if isType[*login.UnsupportedAlgError](err) {
		return advice{"the identity provider signs this client's ID tokens in another way",
			"at the identity provider: RS256 for this client's ID tokens", "", ExitFailed}, true
	}
	return advice{}, false
}

// tenant is what Microsoft Entra ID puts into the issuer of documents that stand for every tenant.
const tenant = "{tenantid}"

func ofMismatch(e *login.IssuerMismatchError) advice {
	if strings.Contains(e.Advertised, tenant) {
		return advice{"this address stands for every tenant; your ID tokens have your tenant's own issuer",
			fmt.Sprintf("login.issuer = %q, GUID being your tenant's ID, in the profile and in IAM",
				strings.ReplaceAll(e.Advertised, tenant, "GUID")), "", ExitFailed}
	}
	return advice{"the issuer is spelled differently, be it by a slash",
		fmt.Sprintf("login.issuer = %q in the profile and in IAM", e.Advertised), "", ExitFailed}
}

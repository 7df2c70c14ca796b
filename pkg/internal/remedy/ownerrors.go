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

// adviceForOwn is for the errors of our own packages.
func adviceForOwn(err error) (advice, bool) {
	for _, row := range []struct {
		target error
		advice
	}{
		{identity.ErrGrantRevoked, advice{
			likely: "the sign-in has expired, or was revoked at the identity provider",
			try:    "daypass login{flags}",
			exit:   ExitSignInNeeded,
		}},
		{broker.ErrSignInNeeded, advice{try: "daypass login{flags}", exit: ExitSignInNeeded}},
		{login.ErrOtherSignIn, advice{
			likely: "the response belongs to another sign-in",
			try:    "daypass login{flags} --again",
			exit:   ExitFailed,
		}},
		{login.ErrNoDiscovery, notIssuer},
		{upload.ErrChanged, advice{likely: "another program is writing to it", try: "again when that one is done", exit: ExitFailed}},
		{identity.ErrTokenRejected, tokenExpired},
		{identity.ErrNoIDToken, advice{
			likely:  "AWS needs an ID token, but the identity provider issued none",
			compare: "openid in login.scopes",
			exit:    ExitRefused,
		}},
		{login.ErrNoRevocation, advice{
			likely:  "the refresh token is deleted here, but still valid at the identity provider",
			compare: "the sessions in your account at the identity provider",
			exit:    ExitFailed,
		}},
		{login.ErrNoEndSession, advice{
			likely: "you are signed out here, but the browser is still signed in there",
			try:    "to sign out on the identity provider's own page",
			exit:   ExitFailed,
		}},
	} {
		if errors.Is(err, row.target) {
			return row.advice, true
		}
	}
	if isType[*upload.PlanError](err) {
		return advice{exit: ExitUsage}, true
	}
	for _, table := range []func(error) (advice, bool){adviceForWaiting, adviceForClock, adviceForClaim, adviceForDiscovery, adviceForStatus, adviceForValue, adviceForDirectory, adviceForVerify} {
		if found, ok := table(err); ok {
			return found, true
		}
	}
	return advice{}, false
}

// notIssuer is for a server that has no discovery document.
var notIssuer = advice{
	likely:  "this is not an issuer: there is no " + discovery + "",
	compare: "login.issuer with the provider's documentation",
	exit:    ExitFailed,
}

// adviceForWaiting is for a sign-in to which the browser did not come back.
func adviceForWaiting(err error) (advice, bool) {
	if e, ok := errors.AsType[*login.UnansweredError](err); ok && e.Elsewhere {
		return advice{
			likely: "you came back in another browser, browser profile or container than the one where the sign-in began",
			try:    "daypass login{flags} --no-browser, and open the printed address in that other browser",
			exit:   ExitSignInNeeded,
		}, true
	}
	if isType[*login.UnansweredError](err) {
		return advice{
			likely: "the tab was closed, or shows an error: the identity provider does not know this client or redirect URI",
			try:    "daypass login{flags}",
			exit:   ExitSignInNeeded,
		}, true
	}
	if isType[*login.PortInUseError](err) {
		return advice{
			likely: "another sign-in is pending, or another program uses the port",
			try:    "a second redirect_uri, also registered at the identity provider",
			exit:   ExitFailed,
		}, true
	}
	return advice{}, false
}

// adviceForStatus is for unexpected HTTP statuses of the IdP.
func adviceForStatus(err error) (advice, bool) {
	e, ok := errors.AsType[*login.StatusError](err)
	switch {
	case !ok:
		return advice{}, false
	case e.Status >= http.StatusInternalServerError, e.Status == http.StatusTooManyRequests:
		return advice{likely: "the identity provider has a temporary problem", try: againInAMinute, exit: ExitFailed}, true
	case strings.HasSuffix(e.URL, wellKnown):
		return notIssuer, true
	}
	return advice{
		likely:  "the response is from a proxy, or from a server that is not the identity provider",
		compare: "the issuer and HTTPS_PROXY",
		exit:    ExitFailed,
	}, true
}

// adviceForValue is for placeholders without a value in the token or in AWS's response.
func adviceForValue(err error) (advice, bool) {
	e, ok := errors.AsType[*identity.NoValueError](err)
	switch {
	case !ok:
		return advice{}, false
	case e.Placeholder == "email" || strings.HasPrefix(e.Placeholder, "claim:"):
		return advice{
			likely:  "the token lacks this claim",
			compare: "role.session_name with the token's claims; the scopes may lack profile or email",
			exit:    ExitFailed,
		}, true
	}
	return advice{
		likely:  "this role or identity pool provides no such value",
		compare: "upload.prefix in the profile",
		exit:    ExitFailed,
	}, true
}

// adviceForDirectory is for a runtime directory that is not private.
func adviceForDirectory(err error) (advice, bool) {
	e, ok := errors.AsType[*agent.DirError](err)
	switch {
	case !ok:
		return advice{}, false
	case e.TooOpen:
		return advice{try: "chmod 700 " + shellWord(e.Dir), exit: ExitFailed}, true
	}
	return advice{try: "DAYPASS_RUNTIME_DIR=DIR, a directory of mode 0700", exit: ExitFailed}, true
}

// adviceForClaim is for tokens that lack a required claim.
func adviceForClaim(err error) (advice, bool) {
	if isType[*identity.ClaimError](err) {
		return advice{
			likely:  "the ID token lacks a claim that OpenID Connect and AWS require: iss, sub, aud, exp and iat",
			compare: "the claims that the identity provider issues to this client",
			exit:    ExitRefused,
		}, true
	}
	return advice{}, false
}

// signInEvidence lists the parameters of the authorization request, or the clocks.
func signInEvidence(err error, now time.Time) []Line {
	if e, ok := errors.AsType[*login.UnansweredError](err); ok {
		return block("request", []string{named("client", e.ClientID), named("redirect", e.RedirectURI)})
	}
	if e, ok := errors.AsType[*login.IdPError](err); ok && len(e.Scopes) > 0 {
		return block("request", []string{"scopes " + strings.Join(e.Scopes, " ")})
	}
	if e, ok := errors.AsType[*login.ClockError](err); ok {
		return clocks(e, now)
	}
	return nil
}

// clocks lists the token's time and every clock, in the time zone of now.
func clocks(e *login.ClockError, now time.Time) []Line {
	text := validity(e.At, e.Now)
	switch {
	case e.Early:
		text = "not valid before " + clock(e.At, now)
	case e.At.After(e.Now): // by the identity provider's clock alone
		text = "expires at " + clock(e.At, now)
	}
	lines := []Line{{Label: "token", Text: text}, {Label: "local", Text: clock(e.Now, now)}}
	if !e.IdP.IsZero() {
		lines = append(lines, Line{Label: "IdP", Text: clock(e.IdP, now)})
	}
	return lines
}

// adviceForClock is for tokens that have expired or are not valid yet by some clock.
func adviceForClock(err error) (advice, bool) {
	e, ok := errors.AsType[*login.ClockError](err)
	switch {
	case !ok:
		return advice{}, false
	case e.IdP.IsZero():
		return advice{
			likely:  "the local clock or the identity provider's clock is wrong",
			compare: "the local clock with the correct time",
			exit:    ExitFailed,
		}, true
	}
	return advice{
		likely:  "the local clock and the identity provider's differ by " + Span(e.IdP.Sub(e.Now).Abs()) + "",
		compare: "both with a correct clock",
		exit:    ExitFailed,
	}, true
}

func adviceForDiscovery(err error) (advice, bool) {
	if other, ok := errors.AsType[*login.IssuerMismatchError](err); ok {
		return adviceForMismatch(other), true
	}
	if isType[*login.UnsupportedAlgError](err) {
		return advice{
			likely:  "the identity provider signs this client's ID tokens with another algorithm",
			compare: "at the identity provider: RS256 for this client's ID tokens",
			exit:    ExitFailed,
		}, true
	}
	return advice{}, false
}

// tenant is the placeholder that Microsoft Entra ID puts into the issuer of discovery documents for all tenants.
const tenant = "{tenantid}"

func adviceForMismatch(e *login.IssuerMismatchError) advice {
	if strings.Contains(e.Advertised, tenant) {
		return advice{
			likely: "this issuer is for all tenants; your ID tokens have the issuer of your tenant",
			compare: fmt.Sprintf("login.issuer = %q in the profile and in IAM, where GUID is your tenant's ID",
				strings.ReplaceAll(e.Advertised, tenant, "GUID")),
			exit: ExitFailed,
		}
	}
	return advice{
		likely:  "the issuer is spelled differently, perhaps only by a slash",
		compare: fmt.Sprintf("login.issuer = %q in the profile and in IAM", e.Advertised),
		exit:    ExitFailed,
	}
}

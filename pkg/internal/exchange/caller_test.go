package exchange

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/awsclient"
	"github.com/daypass/daypass/pkg/sandbox"
	"github.com/daypass/daypass/pkg/secret"
)

// issued returns a credential and the sandbox STS that issued it.
func issued(t *testing.T) (*sandbox.STS, AWS, credential.Credential) {
	t.Helper()
	p := newIdP(t)
	server := newSTS(t, p, &sandbox.Sessions{})
	a := AWS{Options: awsclient.Options{Region: "us-east-1", Endpoint: server.URL()}}
	c, err := (&STS{RoleARN: roleARN, AWS: a}).Exchange(t.Context(), proof(signedToken(t, p)))
	if err != nil {
		t.Fatal(err)
	}
	return server, a, c
}

func TestVerify(t *testing.T) {
	t.Parallel()
	_, a, c := issued(t)
	if got, err := a.Verify(t.Context(), c); err != nil || got != c.Principal {
		t.Errorf("Verify = %+v, %v; want %+v", got, err, c.Principal)
	}
	unnamed := c
	unnamed.Principal = credential.Principal{} // as Cognito returns it
	if got, err := a.Verify(t.Context(), unnamed); err != nil || got != c.Principal {
		t.Errorf("Verify without a principal = %+v, %v; want %+v", got, err, c.Principal)
	}
}

// Verify reports a credential that, according to AWS, was issued to another principal.
func TestVerifyOtherHolder(t *testing.T) {
	t.Parallel()
	_, a, c := issued(t)
	for _, cached := range []credential.Principal{
		{ARN: strings.Replace(c.Principal.ARN, "111122223333", "444455556666", 1), UserID: c.Principal.UserID},
		{ARN: strings.Replace(c.Principal.ARN, "/alice", "/mallory", 1)},
		{ARN: c.Principal.ARN, UserID: "AROAANOTHER:alice"},
	} {
		other := c
		other.Principal = cached
		got, err := a.Verify(t.Context(), other)
		mismatch, ok := errors.AsType[*OtherHolderError](err)
		if !ok || mismatch.Cached != cached || mismatch.Reported != c.Principal || got != c.Principal {
			t.Errorf("cached %+v: %v, want both principals in the error", cached, err)
		}
	}
}

func TestVerifyRefused(t *testing.T) {
	t.Parallel()
	server, a, c := issued(t)
	unknown, forged := c, c
	unknown.AccessKeyID = "ASIAUNKNOWN"
	forged.SecretAccessKey = secret.New("another-secret")
	for want, tried := range map[string]credential.Credential{"InvalidClientTokenId": unknown, "SignatureDoesNotMatch": forged} {
		_, err := a.Verify(t.Context(), tried)
		refused, ok := errors.AsType[*VerifyError](err)
		if !ok || refused.Code != want || refused.HTTPStatus != http.StatusForbidden {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	server.Break(sandbox.Fault{Status: http.StatusForbidden, Code: "ExpiredToken", Message: "expired: " + c.SessionToken.Reveal()})
	_, err := a.Verify(t.Context(), c)
	if refused, ok := errors.AsType[*VerifyError](err); !ok || refused.Code != "ExpiredToken" ||
		strings.Contains(err.Error(), c.SessionToken.Reveal()) {
		t.Errorf("got %v, want ExpiredToken and no token", err)
	}
}

func TestVerifyUnreachable(t *testing.T) {
	t.Parallel()
	server, a, c := issued(t)
	server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err := a.Verify(ctx, c)
	if refused, ok := errors.AsType[*VerifyError](err); !ok || refused.Code != "" || refused.HTTPStatus != 0 {
		t.Errorf("got %v, want an error without a code", err)
	}
}

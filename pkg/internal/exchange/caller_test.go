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

// given returns a credential of the sandbox's, with its STS.
func given(t *testing.T) (*sandbox.STS, AWS, credential.Credential) {
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
	_, a, c := given(t)
	if got, err := a.Verify(t.Context(), c); err != nil || got != c.Principal {
		t.Errorf("Verify = %+v, %v; want %+v", got, err, c.Principal)
	}
	unnamed := c
	unnamed.Principal = credential.Principal{} // as Cognito gives it
	if got, err := a.Verify(t.Context(), unnamed); err != nil || got != c.Principal {
		t.Errorf("Verify without a name = %+v, %v; want %+v", got, err, c.Principal)
	}
}

// A credential of somebody else's, by AWS's word, is told as that.
func TestVerifyAnother(t *testing.T) {
	t.Parallel()
	_, a, c := given(t)
	for _, kept := range []credential.Principal{
		{ARN: strings.Replace(c.Principal.ARN, "111122223333", "444455556666", 1), UserID: c.Principal.UserID},
		{ARN: strings.Replace(c.Principal.ARN, "/alice", "/mallory", 1)},
		{ARN: c.Principal.ARN, UserID: "AROAANOTHER:alice"},
	} {
		other := c
		other.Principal = kept
		told, err := a.Verify(t.Context(), other)
		mismatch, ok := errors.AsType[*OtherHolderError](err)
		if !ok || mismatch.Kept != kept || mismatch.Told != c.Principal || told != c.Principal {
			t.Errorf("kept %+v: %v, want both principals in the error", kept, err)
		}
	}
}

func TestVerifyRefused(t *testing.T) {
	t.Parallel()
	server, a, c := given(t)
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

func TestVerifyNotReached(t *testing.T) {
	t.Parallel()
	server, a, c := given(t)
	server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err := a.Verify(ctx, c)
	if refused, ok := errors.AsType[*VerifyError](err); !ok || refused.Code != "" || refused.HTTPStatus != 0 {
		t.Errorf("got %v, want an error without an answer", err)
	}
}

package broker

import (
	"errors"
	"slices"
	"testing"
)

func TestSignOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.want(t, "ASIA1", 1, 0, 1)
	gone, err := b.another().SignOut(t.Context())
	if err != nil || !gone.WasSignedIn || !gone.Revoked || gone.Claims.Email != "alice@example.com" {
		t.Errorf("SignOut = %+v, %v", gone, err)
	}
	b.wantSignedOut(t)
	if len(b.idp.revoked) != 1 || b.idp.revoked[0] != "refresh-1" {
		t.Errorf("revoked %v, want refresh-1", b.idp.revoked)
	}
	if gone, err := b.another().SignOut(t.Context()); err != nil || gone.WasSignedIn {
		t.Errorf("a second SignOut = %+v, %v; want nothing found", gone, err)
	}
}

// SignOut deletes everything here even if the IdP does not answer.
func TestSignOutWithoutIdP(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.want(t, "ASIA1", 1, 0, 1)
	b.idp.revokeErr = errors.New("unreachable")
	gone, err := b.another().SignOut(t.Context())
	if err != nil || gone.Revoked || gone.RevokeErr == nil {
		t.Errorf("SignOut = %+v, %v; want success with RevokeErr", gone, err)
	}
	b.wantSignedOut(t)
}

// Each step that may take long is reported before it begins. A cached credential needs none.
func TestSteps(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var steps []string
	b.Step = func(step string) { steps = append(steps, step) }
	b.want(t, "ASIA1", 1, 0, 1)
	if _, err := b.another().SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{StepLocking, StepLooking, StepSigningIn, StepLocking, StepLooking, StepExchanging, StepLocking, StepLooking, StepRevoking}
	if !slices.Equal(steps, want) {
		t.Errorf("steps %q, want %q", steps, want)
	}
}

package login

import (
	"errors"
	"testing"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/sandbox"
)

func TestRevoke(t *testing.T) {
	t.Parallel()
	idp, l, grant := signedIn(t, nil)
	if err := l.Revoke(t.Context(), grant); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Renew(t.Context(), grant); !errors.Is(err, identity.ErrGrantRevoked) {
		t.Errorf("renewing a revoked grant: %v", err)
	}
	if err := l.Revoke(t.Context(), identity.Grant{}); err != nil || idp.Count("revoke") != 1 {
		t.Errorf("revoking a grant without tokens: %v, %d requests", err, idp.Count("revoke"))
	}
	idp.Set(func(k *sandbox.Knobs) { k.NoRevocation = true })
	if err := l.Revoke(t.Context(), grant); !errors.Is(err, ErrNoRevocation) {
		t.Errorf("without an endpoint: %v, want ErrNoRevocation", err)
	}
}

package daypass

import (
	"context"
	"errors"
	"testing"

	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/signin"
)

// A pending sign-in that has been answered, and one that the person starts at that moment, do not block each other: the
// first needs the login's lock, which the second holds while it waits for the end of the first.
func TestTakeOverAnsweredSignIn(t *testing.T) {
	t.Parallel()
	cloud := startSandbox(t)
	p := profileOf(t, cloud)
	p.Agent = false
	o := options(t)
	now, err := Open(p, o)
	if err != nil {
		t.Fatal(err)
	}
	o.InBackground = true
	before, err := Open(p, o)
	if err != nil {
		t.Fatal(err)
	}
	done, taken := make(chan struct{}), make(chan struct{})
	session := before.session.(*broker.PersonSession)
	lock := session.Locker
	session.Locker = func(ctx context.Context) (func(), error) {
		close(done)
		<-taken
		return lock(ctx)
	}
	now.signIns.LoginLock = func(ctx context.Context) (func(), error) {
		defer close(taken)
		return lock(ctx)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := before.SignIn(t.Context())
		ended <- err
	}()
	<-done
	if c, err := now.SignIn(t.Context()); err != nil || c.IsZero() {
		t.Errorf("the new sign-in: %v", err)
	}
	if err := <-ended; !errors.Is(err, signin.ErrWithdrawn) {
		t.Errorf("the earlier sign-in: %v, want ErrWithdrawn", err)
	}
	if got := cloud.IdP.Count("revoke"); got != 1 {
		t.Errorf("%d tokens were revoked, want one, which was not stored", got)
	}
}

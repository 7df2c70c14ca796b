package daypass

import (
	"context"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/loginindex"
	"github.com/daypass/daypass/pkg/profile"
)

// Status is all that is kept on this machine.
type Status struct {
	Logins []LoginStatus
	// Agent is what the agent says of itself; AgentErr is agent.ErrNotRunning where there is none.
	Agent    agent.Status
	AgentErr error
	// KeyringErr says why the keyring does not answer, IndexErr why the index cannot be read.
	KeyringErr, IndexErr error
}

// LoginStatus is what is kept of a login, and of the credentials below it.
type LoginStatus struct {
	Login
	broker.Kept
	// Sealed says that what the keyring keeps is too long for it, and rests in a file that it holds the key of.
	Sealed      bool
	Credentials []CredentialStatus
}

// CredentialStatus is a kept credential.
type CredentialStatus struct {
	Of         loginindex.Credential
	Credential credential.Credential
}

// StatusOf asks memory and keyring what they keep of the known logins (see Logins). It starts no agent,
// opens no connection to anybody else, and waits for no lock. A configured profile of which nothing is kept is
// left out.
func StatusOf(ctx context.Context, o Options, configured []profile.Profile) (Status, error) {
	dir, err := agent.Dir(o.RuntimeDir)
	if err != nil {
		return Status{}, err
	}
	memory, ring := &agent.Client{Dir: dir}, systemKeyring(o) // no command: none is started
	var s Status
	s.Agent, s.AgentErr = memory.Status(ctx)
	_, s.KeyringErr = ring.Get(ctx, "status") // so that it is known where no login is
	logins, err := Logins(o, configured)
	s.IndexErr = err
	for _, l := range logins {
		b := &broker.Broker{Memory: memory, LoginKey: l.Key, Anonymous: l.IdentityPoolID != "", Now: o.Now}
		if s.KeyringErr == nil { // else each call would take its time
			b.Keyring = ring
		}
		found := LoginStatus{Login: l, Kept: b.Look(ctx)}
		found.Sealed = found.InKeyring && ring.Sealed(l.Key)
		for _, c := range l.Credentials {
			b.CredentialKey = c.Key
			if kept := b.LookForCredential(ctx); !kept.IsZero() {
				found.Credentials = append(found.Credentials, CredentialStatus{c, kept})
			}
		}
		if l.indexed || found.SignedIn() || len(found.Credentials) > 0 {
			s.Logins = append(s.Logins, found)
		}
	}
	return s, nil
}

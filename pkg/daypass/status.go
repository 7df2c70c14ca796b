package daypass

import (
	"context"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/profile"
)

// Status is everything that is stored on this machine.
type Status struct {
	Logins []LoginStatus
	// Agent is the agent's status; AgentErr says why there is none.
	Agent    AgentStatus
	AgentErr error
	// KeyringErr says why the keyring does not answer, IndexErr why the index cannot be read.
	KeyringErr, IndexErr error
}

// AgentStatus describes an agent.
type AgentStatus struct {
	PID   int
	Since time.Time
	// SignIns and Credentials count what it holds; Until is when the last of these expires, zero if there are none or
	// if one does not expire.
	SignIns, Credentials int
	Until                time.Time
	// Locked says that its memory is never swapped out.
	Locked bool
}

// LoginStatus is what is stored of a login and of the credentials below it.
type LoginStatus struct {
	Login
	// Claims are the person's; zero when nobody is signed in, and for a guest.
	Claims identity.Claims
	// SignedIn says that a credential can be got without a person. Renews says that this continues after the ID token
	// has expired: until RenewsUntil, if the identity provider limits it.
	SignedIn, Renews bool
	RenewsUntil      time.Time
	// InKeyring says that the keyring stores the refresh token or guest's identity ID; else memory does. Sealed says
	// that it is too long for the keyring: a file stores it, encrypted with a key from the keyring.
	InKeyring, Sealed bool
	Credentials       []CredentialStatus
}

// CredentialStatus is a cached credential, and what the profile asked for.
type CredentialStatus struct {
	Profile, RoleARN, IdentityPoolID string
	Credential                       credential.Credential
}

// StatusOf reads what memory and keyring hold of the known logins (see Logins). It starts no agent, sends no
// request, and waits for no lock. Configured profiles of which nothing is stored are left out.
func StatusOf(ctx context.Context, o Options, configured []profile.Profile) (Status, error) {
	dir, err := agent.Dir(o.RuntimeDir)
	if err != nil {
		return Status{}, err
	}
	memory, ring := &agent.Client{Dir: dir}, systemKeyring(o) // without a command: none is started
	var s Status
	var of agent.Status
	of, s.AgentErr = memory.Status(ctx)
	s.Agent = AgentStatus(of)
	_, s.KeyringErr = ring.Get(ctx, "status") // so that its state is known even without a login
	logins, err := Logins(o, configured)
	s.IndexErr = err
	var keyring broker.Store = ring
	if s.KeyringErr != nil { // each further call would take as long
		keyring = nil
	}
	for _, l := range logins {
		var stored broker.Stored
		if l.IdentityPoolID != "" {
			stored = (&broker.GuestSession{Memory: memory, Keyring: keyring, LoginKey: l.key}).Stored(ctx)
		} else {
			stored = (&broker.PersonSession{Memory: memory, Keyring: keyring, LoginKey: l.key}).Stored(ctx)
		}
		found := LoginStatus{Login: l, Claims: stored.Grant.ID.Claims, SignedIn: stored.SignedIn(), Renews: stored.Renews(),
			RenewsUntil: stored.Grant.RefreshExpiry, InKeyring: stored.InKeyring, Sealed: stored.InKeyring && ring.Sealed(l.key)}
		for _, c := range l.credentials {
			if cached := broker.CachedCredential(ctx, memory, c.Key, o.Now()); !cached.IsZero() {
				found.Credentials = append(found.Credentials, CredentialStatus{c.Profile, c.RoleARN, c.IdentityPoolID, cached})
			}
		}
		if l.indexed || found.SignedIn || len(found.Credentials) > 0 {
			s.Logins = append(s.Logins, found)
		}
	}
	return s, nil
}

package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/internal/keyring"
	"github.com/daypass/daypass/pkg/internal/sanitize"
	"github.com/daypass/daypass/pkg/profile"
)

func newStatusCommand(app *App) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the sign-ins and credentials stored on this machine",
		Long: "Shows what is stored on this machine: each sign-in, until when it renews by itself, and the\n" +
			"credentials that came from it. It asks only the agent and the keyring: it uses no network, opens no\n" +
			"browser and starts no agent. It succeeds even if nothing is stored. ! marks a credential that is\n" +
			"about to be refreshed. With --all it also shows logins that are signed out.\n" +
			stableJSON,
		Example: "  daypass status\n  daypass status --all\n  daypass status --output json",
		Args:    app.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := profile.CheckHome(app.Getenv("HOME")); err != nil {
				return err
			}
			ctx, cancel := app.within(cmd.Context(), callerTimeout)
			defer cancel()
			return app.status(ctx, all)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "also show logins that are signed out")
	documentJSON(cmd, statusFields())
	return cmd
}

func (app *App) status(ctx context.Context, all bool) error {
	t := app.terminal()
	s, err := daypass.StatusOf(ctx, app.options(profile.Profile{}, t), app.configured())
	if err != nil {
		return err
	}
	if s.IndexErr != nil {
		t.warn(s.IndexErr)
	}
	document := newStatusDocument(s, all, app.Now())
	if app.global.output == "json" {
		return writeJSON(app.Out, document)
	}
	return document.print(app.Out, newStyle(app.Out), columns(app.Out), app.Now())
}

// configured returns the profiles of the configuration file, or the one that flags and variables describe. It leaves out
// profiles that cannot be loaded: status and logout work without them.
func (app *App) configured() []profile.Profile {
	var all []profile.Profile
	source := profile.Source{Getenv: app.getenv, File: app.global.config, Flags: app.keys.given()}
	names, _ := profile.Names(source)
	if len(names) == 0 {
		names = []string{""}
	}
	for _, name := range names {
		source.Name = name
		if p, err := profile.Load(source); err == nil {
			all = append(all, p)
		}
	}
	return all
}

// The states of a login.
const (
	signedIn  = "signed-in"
	signedOut = "signed-out"
	unknown   = "unknown" // it may be stored in a keyring that cannot be read
)

// statusDocument is the JSON of status. It is stable: fields are added, never renamed. statusFields describes them. It
// contains no secret.
type statusDocument struct {
	Logins  []statusLogin `json:"logins"`
	Agent   agentDocument `json:"agent"`
	Keyring statusKeyring `json:"keyring"`
}

type statusLogin struct {
	State          string             `json:"state"`
	Issuer         string             `json:"issuer,omitempty"`
	ClientID       string             `json:"client_id,omitempty"`
	LoginHint      string             `json:"login_hint,omitempty"`
	IdentityPoolID string             `json:"identity_pool_id,omitempty"`
	Guest          bool               `json:"guest,omitempty"`
	Subject        string             `json:"subject,omitempty"`
	Email          string             `json:"email,omitempty"`
	Renews         bool               `json:"renews"`
	RenewsUntil    time.Time          `json:"renews_until,omitzero"`
	StoredIn       string             `json:"stored_in,omitempty"`
	SignedOut      time.Time          `json:"signed_out,omitzero"`
	Credentials    []statusCredential `json:"credentials"`
}

type statusCredential struct {
	Profile        string    `json:"profile,omitempty"`
	RoleARN        string    `json:"role_arn,omitempty"`
	RoleName       string    `json:"role_name,omitempty"`
	AccountID      string    `json:"account_id,omitempty"`
	IdentityPoolID string    `json:"identity_pool_id,omitempty"`
	IdentityID     string    `json:"identity_id,omitempty"`
	Expiration     time.Time `json:"expiration"`
	ExpiringSoon   bool      `json:"expiring_soon"`
	StoredIn       string    `json:"stored_in"`
}

type statusKeyring struct {
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
}

func statusFields() []pair {
	fields := []pair{
		{"logins[].state", "signed-in, signed-out, or unknown if the sign-in may be in a keyring that cannot be read; without --all a signed-out login is listed only if it has credentials"},
		{"logins[].issuer", "the identity provider's URL; absent for a guest"},
		{"logins[].client_id", "daypass's client ID there; absent for a guest"},
		{"logins[].login_hint", "the profile's login_hint, if it has one"},
		{"logins[].identity_pool_id", "the identity pool of a guest"},
		{"logins[].guest", "true for a guest of an identity pool; otherwise absent"},
		{"logins[].subject", "the person's sub claim, while signed in"},
		{"logins[].email", "the person's email claim, while signed in and if the token has one"},
		{"logins[].renews", "whether credentials can be refreshed without a browser"},
		{"logins[].renews_until", "until when they can, if the identity provider says so"},
		{"logins[].stored_in", "keyring, memory, or sealed file (its key is in the keyring); absent if nothing is stored"},
		{"logins[].signed_out", "when daypass logout was run, for 30 days; only with --all"},
		{"logins[].credentials", "the cached credentials; an empty list if there are none"},
		{"logins[].credentials[].profile", "the profile; absent if it is made of flags and variables"},
		{"logins[].credentials[].role_arn", "the profile's role"},
		{"logins[].credentials[].role_name", "the role that AWS names, if it names one"},
		{"logins[].credentials[].account_id", "that role's account"},
		{"logins[].credentials[].identity_pool_id", "the profile's identity pool"},
		{"logins[].credentials[].identity_id", "the identity in that pool"},
		{"logins[].credentials[].expiration", "when it expires"},
		{"logins[].credentials[].expiring_soon", "whether the next use refreshes it first"},
		{"logins[].credentials[].stored_in", "memory"},
	}
	for _, f := range agentFields() {
		fields = append(fields, pair{"agent." + f.label, f.text})
	}
	return append(fields,
		pair{"keyring.state", "available, locked, denied, no-answer (within the time limit), or absent"},
		pair{"keyring.reason", "the error of the keyring, if it is not available"},
	)
}

// newStatusDocument leaves out logins that are signed out and have no credentials, unless all is set.
func newStatusDocument(s daypass.Status, all bool, now time.Time) statusDocument {
	d := statusDocument{Logins: []statusLogin{}, Agent: newAgentDocument(agent.Status(s.Agent), s.AgentErr == nil), Keyring: newStatusKeyring(s.KeyringErr)}
	for _, l := range s.Logins {
		if login := newStatusLogin(l, d.Keyring.State, now); all || login.State != signedOut || len(login.Credentials) > 0 {
			d.Logins = append(d.Logins, login)
		}
	}
	return d
}

func newStatusKeyring(err error) statusKeyring {
	switch {
	case err == nil:
		return statusKeyring{State: "available"}
	case errors.Is(err, keyring.ErrLocked):
		return statusKeyring{"locked", sanitize.Text(err.Error())}
	case errors.Is(err, keyring.ErrSlow):
		return statusKeyring{"no-answer", sanitize.Text(err.Error())}
	case errors.Is(err, keyring.ErrDenied):
		return statusKeyring{"denied", sanitize.Text(err.Error())}
	}
	return statusKeyring{"absent", sanitize.Text(err.Error())}
}

func newStatusLogin(l daypass.LoginStatus, keyring string, now time.Time) statusLogin {
	claims := l.Claims
	login := statusLogin{
		State: signedOut, Issuer: l.Issuer, ClientID: l.ClientID, LoginHint: l.LoginHint,
		IdentityPoolID: l.IdentityPoolID, Guest: l.IdentityPoolID != "",
		Subject: claims.Subject, Email: claims.Email, Renews: l.Renews,
		SignedOut: l.SignedOut, Credentials: []statusCredential{},
	}
	if login.Renews {
		login.RenewsUntil = l.RenewsUntil
	}
	switch {
	case l.SignedIn:
		login.State, login.StoredIn, login.SignedOut = signedIn, "memory", time.Time{}
		switch {
		case l.Sealed:
			login.StoredIn = "sealed file"
		case l.InKeyring:
			login.StoredIn = "keyring"
		}
	case keyring != "available" && keyring != "absent" && l.SignedOut.IsZero():
		login.State = unknown
	}
	for _, c := range l.Credentials {
		got := c.Credential
		login.Credentials = append(login.Credentials, statusCredential{
			Profile: c.Profile, RoleARN: c.RoleARN, RoleName: got.Principal.RoleName(), AccountID: got.Principal.AccountID(),
			IdentityPoolID: c.IdentityPoolID, IdentityID: got.IdentityID, Expiration: got.Expiration,
			ExpiringSoon: !got.Fresh(now), StoredIn: "memory",
		})
	}
	return login
}

// newAgentDocument returns the agent's part of status and agent status.
func newAgentDocument(s agent.Status, running bool) agentDocument {
	return agentDocument{
		Running: running, PID: s.PID, Since: s.Since.UTC().Truncate(time.Second), SignIns: s.SignIns, Credentials: s.Credentials,
		Until: s.Until.UTC().Truncate(time.Second), Locked: s.Locked,
	}
}

package cli

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/internal/keyring"
	"github.com/daypass/daypass/pkg/secret"
)

var statusNow = time.Date(2026, 11, 23, 13, 34, 0, 0, time.Local)

// cachedCredential returns a credential of one hour with that much time left.
func cachedCredential(profile, role string, left time.Duration) daypass.CredentialStatus {
	return daypass.CredentialStatus{
		Profile: profile, RoleARN: "arn:aws:iam::111122223333:role/" + role,
		Credential: credential.Credential{AccessKeyID: "ASIA", SecretAccessKey: secret.New("s3cr3t"),
			Issued: statusNow.Add(left - time.Hour), Expiration: statusNow.Add(left),
			Principal: credential.Principal{ARN: "arn:aws:sts::111122223333:assumed-role/" + role + "/alice"}},
	}
}

func someStatus() daypass.Status {
	login := func(issuer, pool string) daypass.Login {
		return daypass.Login{Issuer: issuer, IdentityPoolID: pool}
	}
	alice := daypass.LoginStatus{Login: login("https://accounts.google.com", "")}
	alice.InKeyring, alice.SignedIn, alice.Renews, alice.RenewsUntil = true, true, true, statusNow.Add(9*24*time.Hour)
	alice.Claims = identity.Claims{Subject: "1102", Email: "alice@example.com"}
	alice.Credentials = []daypass.CredentialStatus{cachedCredential("photos", "PhotoUploader", 58*time.Minute),
		cachedCredential("archive", "Archive", 12*time.Minute)}
	nobody := daypass.LoginStatus{Login: login("https://idp.example.com/realms/a-realm-of-a-long-name", "")}
	guest := daypass.LoginStatus{Login: login("", "us-east-1:11111111-2222-3333-4444-555555555555"), SignedIn: true, Renews: true}
	return daypass.Status{Logins: []daypass.LoginStatus{alice, nobody, guest},
		Agent: daypass.AgentStatus{PID: 4711, SignIns: 1, Credentials: 2, Until: statusNow.Add(58 * time.Minute)}, KeyringErr: nil}
}

func printed(t *testing.T, s daypass.Status, width int) string {
	t.Helper()
	var b strings.Builder
	if err := newStatusDocument(s, true, statusNow).print(&b, newStyle(&b), width, statusNow); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "s3cr3t") {
		t.Error("a secret is shown")
	}
	return b.String()
}

func TestStatusTable(t *testing.T) {
	t.Parallel()
	want := `login                                                 renews until   stored in
accounts.google.com               alice@example.com   2 Dec          keyring
  photos                          PhotoUploader       58 min         memory
  archive                         Archive             12 min !       memory
idp.example.com…-of-a-long-name   –                   signed out
us-east-1:11111…44-555555555555   a guest             you log out    memory

agent    holds 1 sign-in, 2 credentials; the last expires in 58 min (14:32)
keyring  available
`
	if got := printed(t, someStatus(), 78); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestStatusNarrow(t *testing.T) {
	t.Parallel()
	want := `accounts.google.com
  alice@example.com
  renews until 2 Dec
  stored in keyring
  photos: PhotoUploader
    58 min, memory
  archive: Archive
    12 min !, memory

idp.example.com/realm…realm-of-a-long-name
  –
  signed out

`
	got := printed(t, someStatus(), 42)
	if !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant first\n%s", got, want)
	}
	for _, width := range []int{40, 42, 64, 80} {
		for line := range strings.Lines(printed(t, someStatus(), width)) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("at %d columns a line has %d: %s", width, n, line)
			}
		}
	}
}

// Signed-out logins are shown only with --all. A login that a locked keyring may store is always shown.
func TestStatusShowsLiveLogins(t *testing.T) {
	t.Parallel()
	states := func(s daypass.Status, all bool) (states []string) {
		for _, l := range newStatusDocument(s, all, statusNow).Logins {
			states = append(states, l.State)
		}
		return states
	}
	s := someStatus()
	if got, want := states(s, false), []string{signedIn, signedIn}; !slices.Equal(got, want) {
		t.Errorf("without --all: %q, want %q", got, want)
	}
	if got, want := states(s, true), []string{signedIn, signedOut, signedIn}; !slices.Equal(got, want) {
		t.Errorf("with --all: %q, want %q", got, want)
	}
	s.KeyringErr = keyring.ErrLocked
	if got, want := states(s, false), []string{signedIn, unknown, signedIn}; !slices.Equal(got, want) {
		t.Errorf("with a locked keyring: %q, want %q", got, want)
	}
	s.KeyringErr = nil
	s.Logins[1].Credentials = s.Logins[0].Credentials
	if got, want := states(s, false), []string{signedIn, signedOut, signedIn}; !slices.Equal(got, want) {
		t.Errorf("with credentials that outlive their sign-in: %q, want %q", got, want)
	}
}

func TestStatusKeyring(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		err         error
		state, text string
		login       string
	}{
		{nil, "available", "available", "signed out"},
		{fmt.Errorf("reading: %w", keyring.ErrLocked), "locked", "locked: unlock", "see keyring"},
		{fmt.Errorf("reading: %w", keyring.ErrDenied), "denied", "access denied", "see keyring"},
		{fmt.Errorf("reading: %w: %w", keyring.ErrUnavailable, keyring.ErrSlow), "no-answer", "not responding", "see keyring"},
		{errors.New("no bus"), "absent", "not available", "signed out"},
	} {
		s := daypass.Status{KeyringErr: row.err, AgentErr: agent.ErrNotRunning,
			Logins: []daypass.LoginStatus{{Login: daypass.Login{Issuer: "https://idp.example.com"}}}}
		got, document := printed(t, s, 0), newStatusDocument(s, true, statusNow)
		if document.Keyring.State != row.state || !strings.Contains(got, row.text) || !strings.Contains(got, row.login) ||
			!strings.Contains(got, "not running") {
			t.Errorf("with %v: %+v\n%s", row.err, document.Keyring, got)
		}
	}
}

// Control characters in claims, URLs and profile names do not reach the terminal.
func TestStatusControlCharacters(t *testing.T) {
	t.Parallel()
	s := someStatus()
	s.Logins[0].Issuer = "https://idp\x1b[31m.example.com"
	s.Logins[0].Claims.Email = "a\x1b[2J\nb"
	s.Logins[0].Credentials[0].Profile = "p\x07"
	for _, width := range []int{0, 40} {
		if got := printed(t, s, width); strings.ContainsAny(got, "\x1b\x07") || strings.Contains(got, "\nb") {
			t.Errorf("at %d columns: %q", width, got)
		}
	}
}

// The man pages describe exactly the fields of the stable JSON documents.
func TestJSONFields(t *testing.T) {
	t.Parallel()
	for name, document := range map[string]reflect.Type{
		"status": reflect.TypeFor[statusDocument](), "whoami": reflect.TypeFor[whoamiDocument](),
		"agent status": reflect.TypeFor[agentDocument](),
	} {
		root := newRootCommand(testApp())
		cmd, _, err := root.Find(strings.Fields(name))
		if err != nil {
			t.Fatal(err)
		}
		var described []string
		for _, f := range jsonFields(cmd) {
			described = append(described, f.label)
			if f.text == "" {
				t.Errorf("%s: %s is not described", name, f.label)
			}
		}
		if want := fieldPaths(document, ""); !slices.Equal(described, want) {
			t.Errorf("%s describes\n%q, want\n%q", name, described, want)
		}
	}
}

// fieldPaths returns the paths of a document's fields: those with simple values, and the lists inside lists.
func fieldPaths(of reflect.Type, above string) []string {
	var all []string
	for i := range of.NumField() {
		field := of.Field(i)
		if field.Anonymous {
			all = append(all, fieldPaths(field.Type, above)...)
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			continue
		}
		name = above + name
		switch {
		case field.Type.Kind() == reflect.Slice && field.Type.Elem().Kind() == reflect.Struct:
			if above != "" {
				all = append(all, name)
			}
			all = append(all, fieldPaths(field.Type.Elem(), name+"[].")...)
		case field.Type.Kind() == reflect.Struct && field.Type != reflect.TypeFor[time.Time]():
			all = append(all, fieldPaths(field.Type, name+".")...)
		default:
			all = append(all, name)
		}
	}
	return all
}

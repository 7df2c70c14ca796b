package daypass

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/daypass/daypass/pkg/internal/storekey"
	"github.com/daypass/daypass/pkg/profile"
	"github.com/daypass/daypass/pkg/secret"
)

// The index has what is needed to end a sign-in, and nothing secret or personal.
func TestSignInIsIndexed(t *testing.T) {
	t.Parallel()
	cloud := startSandbox(t)
	p := profileOf(t, cloud)
	p.Agent = false
	o := options(t)
	o.StateDir = filepath.Join(t.TempDir(), "state")
	b, err := Open(p, o)
	if err != nil {
		t.Fatal(err)
	}
	c, err := b.SignIn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	logins, err := Logins(o, nil)
	if err != nil || len(logins) != 1 {
		t.Fatalf("%d logins, %v; want one", len(logins), err)
	}
	if l := logins[0]; !l.indexed || l.Profile.Login.Issuer != cloud.IdP.URL() || l.Profile.Login.ClientID != "daypass" ||
		len(l.credentials) != 1 || l.credentials[0].Profile != "p" || l.credentials[0].RoleARN != p.Role.ARN {
		t.Errorf("the index has %+v", l)
	}
	text, err := os.ReadFile(filepath.Join(o.StateDir, "logins.json"))
	if err != nil {
		t.Fatal(err)
	}
	alice := cloud.IdP.Users["alice"]
	for _, never := range []string{alice.Email, alice.Subject, c.AccessKeyID, c.SecretAccessKey.Reveal(), "eyJ"} {
		if strings.Contains(string(text), never) {
			t.Errorf("the index holds %q", never)
		}
	}
	gone, err := b.SignOut(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if logins, err = Logins(o, nil); err != nil || logins[0].SignedOut.IsZero() == gone.Complete() {
		t.Errorf("signed out with %v, and the index has %+v, %v", gone.KeyringErr, logins, err)
	}
}

// If the state directory cannot be written, a sign-in succeeds with one warning.
func TestSignInWithoutIndex(t *testing.T) {
	t.Parallel()
	cloud := startSandbox(t)
	p := profileOf(t, cloud)
	p.Agent = false
	o := options(t)
	o.StateDir = filepath.Join(writeFile(t, "file", ""), "state")
	var told []string
	o.Notify = func(e Event) {
		if warning, ok := e.(Warning); ok {
			told = append(told, warning.Err.Error())
		}
	}
	b, err := Open(p, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	count := strings.Count(strings.Join(told, "\n"), "index of logins")
	if count != 1 {
		t.Errorf("warnings %q, want one about the index", told)
	}
}

// Logins returns profiles' logins with their profiles, and other logins with the values in the index.
func TestLogins(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.StateDir = t.TempDir()
	work := profile.Profile{Name: "work", Login: profile.Login{Issuer: "https://work", ClientID: "1", Scopes: []string{"openid"}}}
	gone := profile.Profile{Name: "gone", Login: profile.Login{Issuer: "https://gone", ClientID: "2", LoginHint: "bob"}}
	guest := profile.Profile{Name: "guest", IdentityPool: profile.IdentityPool{ID: "us-east-1:1", Guest: true}}
	guest.Endpoints.CognitoIdentity = "http://127.0.0.1:1"
	for _, p := range []profile.Profile{work, gone, guest} {
		if err := indexOf(o).Note(t.Context(), entryOf(p, storekey.NamesOf(p))); err != nil {
			t.Fatal(err)
		}
	}
	work.Login.ClientSecret = secret.New("s")
	fresh := profile.Profile{Name: "fresh", Login: profile.Login{Issuer: "https://fresh", ClientID: "3"}}
	logins, err := Logins(o, []profile.Profile{work, fresh})
	if err != nil || len(logins) != 4 {
		t.Fatalf("%d logins, %v; want 4", len(logins), err)
	}
	for i, want := range []profile.Profile{work, gone, guest, fresh} {
		got := logins[i]
		if got.key != storekey.NamesOf(want).Login || storekey.NamesOf(got.Profile).Login != got.key {
			t.Errorf("login %d has the key %s and a profile of %s, want %s's", i, got.key, storekey.NamesOf(got.Profile).Login, want.Name)
		}
		if got.indexed != (i < 3) || !got.Profile.Agent || got.Profile.Login.ClientSecret.IsZero() == (i == 0) {
			t.Errorf("login %d is %+v", i, got)
		}
	}
	if err := ForgetLogins(t.Context(), o, logins[0], logins[1], logins[2]); err != nil {
		t.Fatal(err)
	}
	if left, err := Logins(o, nil); err != nil || len(left) != 0 {
		t.Errorf("%d logins are left, %v", len(left), err)
	}
}

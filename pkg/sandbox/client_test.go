package sandbox

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// Each default client behaves like the real ones that it stands for.
func TestDefaultClients(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	a := newApp(t, p)
	a.config.ClientID = exactClientID
	if _, status, err := Browse(t.Context(), nil, a.authURL()); err != nil || status != http.StatusBadRequest {
		t.Errorf("another port: %d, %v, want 400", status, err)
	}
	stop := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	a.config.RedirectURL = exactRedirectURI
	if _, status, err := Browse(t.Context(), stop, a.authURL()); err != nil || status != http.StatusSeeOther {
		t.Errorf("the exact address: %d, %v, want 303", status, err)
	}

	b := newApp(t, p)
	b.config.ClientID = secretClientID
	for secret, want := range map[string]string{"": "invalid_request", "wrong": "invalid_client", demandedSecret: ""} {
		b.config.ClientSecret = secret
		_, err := b.config.Exchange(t.Context(), b.code(), oauth2.VerifierOption(verifier))
		var refused *oauth2.RetrieveError
		switch {
		case want == "" && err != nil:
			t.Errorf("the right secret: %v", err)
		case want != "" && (!errors.As(err, &refused) || refused.ErrorCode != want):
			t.Errorf("secret %q: %v, want %s", secret, err, want)
		case secret == "" && refused.ErrorDescription != "client_secret is missing.":
			t.Errorf("no secret: %q", refused.ErrorDescription)
		}
	}
}

// A user's own claims are in the first token and in refreshed ones; the protocol's claims override them.
func TestUserClaims(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	alice := p.Users["alice"]
	alice.Claims = map[string]any{
		"groups": []any{"ops"}, "amr": []any{"mfa"}, "azp": "daypass", "email_verified": false,
		"https://aws.amazon.com/tags": map[string]any{"principal_tags": map[string]any{"team": []any{"photo"}}},
		"iss":                         "https://mallory.example.com", "sub": "mallory", "nonce": "x", "sid": "x",
	}
	p.Users["alice"] = alice
	a := newApp(t, p)
	token := a.redeem()
	renewed, err := a.renew(token.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	var sid [2]any
	for i, token := range []*oauth2.Token{token, renewed} {
		id, err := a.verify(token)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := id.Claims(&got); err != nil {
			t.Fatal(err)
		}
		for name, want := range alice.Claims {
			protocol := name == "iss" || name == "sub" || name == "nonce" || name == "sid"
			if reflect.DeepEqual(got[name], want) == protocol {
				t.Errorf("token %d: %s = %v", i, name, got[name])
			}
		}
		if sid[i] = got["sid"]; got["auth_time"] == nil || sid[i] == "" || sid[i] != sid[0] {
			t.Errorf("token %d: auth_time, sid = %v, %v", i, got["auth_time"], sid)
		}
	}
}

func TestAddUser(t *testing.T) {
	t.Parallel()
	p, o := newIdP(t), newOAuth(t)
	carol := p.addUser("carol")
	if !strings.HasPrefix(carol.Subject, "auth0|") || carol.Email != "carol@example.com" || carol.Name != "Carol Example" || p.Users["carol"].Subject != carol.Subject {
		t.Errorf("AddUser(carol) = %+v", carol)
	}
	if again := newIdP(t).addUser("carol"); again.Subject != carol.Subject {
		t.Errorf("another IdP has subject %q, want %q", again.Subject, carol.Subject)
	}
	if got := p.addUser("élodie@example.org"); got.Email != "élodie@example.org" || got.Name != "Élodie Example" || got.Subject == carol.Subject {
		t.Errorf("AddUser of an address = %+v", got)
	}
	if got := p.addUser("alice"); got.Subject != "alice-4f2a" {
		t.Errorf("AddUser(alice) changed her: %+v", got)
	}
	if got := o.addUser("carol"); len(got.Subject) != 17 {
		t.Errorf("OAuth.addUser: user ID %q, want 17 digits", got.Subject)
	}
	p.addUser("")
	p.Set(func(k *Knobs) { k.AutoSignIn = "carol" })
	a := newApp(t, p)
	if id, err := a.verify(a.redeem()); err != nil || id.Subject != carol.Subject {
		t.Errorf("carol signs in: %v, %v", id, err)
	}
}

// Failing discovery and keys, unannounced features, and a wrong clock.
func TestServerKnobs(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	status := func(path string) (int, http.Header) {
		resp, err := http.Get(p.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode, resp.Header
	}
	const discovery = "/.well-known/openid-configuration"
	p.Set(func(k *Knobs) { k.DiscoveryStatus, k.KeysStatus = 503, 502 })
	if got, _ := status(discovery); got != 503 {
		t.Errorf("DiscoveryStatus: %d, want 503", got)
	}
	if got, _ := status("/keys"); got != 502 {
		t.Errorf("KeysStatus: %d, want 502", got)
	}
	p.Set(func(k *Knobs) { k.DiscoveryStatus, k.KeysStatus = 0, 0 })
	for _, less := range []bool{false, true} {
		p.Set(func(k *Knobs) { k.NoDeviceFlow, k.NoEndSession = less, less })
		var d struct {
			Device     *string  `json:"device_authorization_endpoint"`
			EndSession *string  `json:"end_session_endpoint"`
			GrantTypes []string `json:"grant_types_supported"`
		}
		if err := newApp(t, p).provider.Claims(&d); err != nil || (d.Device == nil) != less || (d.EndSession == nil) != less || (len(d.GrantTypes) == 2) != less {
			t.Errorf("announced less: %t: %+v, %v", less, d, err)
		}
	}
	p.Set(func(k *Knobs) { k.ClockOff = 3 * time.Hour })
	_, header := status(discovery)
	if at, err := http.ParseTime(header.Get("Date")); err != nil || time.Until(at) < 2*time.Hour {
		t.Errorf("ClockOff: Date = %v, %v", at, err)
	}
	a := newApp(t, p)
	if id, err := a.verify(a.redeem()); err != nil || time.Until(id.IssuedAt) < 2*time.Hour {
		t.Errorf("ClockOff: iat = %v, %v", id, err)
	}
}

package sandbox

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// rules returns a role mapping for Google's claims: dept first, then level.
func rules(ambiguous string) func(*poolBench, *Pool) {
	return func(b *poolBench, p *Pool) {
		p.RoleMappings = map[string]RoleMapping{b.google.name(): {Type: "Rules", AmbiguousRoleResolution: ambiguous, Rules: []RoleRule{
			{"dept", "Equals", "it", adminRole},
			{"level", "NotEqual", "junior", "arn:aws:iam::111122223333:role/Senior"},
			{"team", "StartsWith", "photo-", "arn:aws:iam::111122223333:role/Photo"},
			{"cognito:groups", "Contains", "audit", "arn:aws:iam::111122223333:role/Audit"},
		}}}
	}
}

func tokenRoles(ambiguous string) func(*poolBench, *Pool) {
	return func(b *poolBench, p *Pool) {
		p.RoleMappings = map[string]RoleMapping{b.google.name() + ":app": {Type: "Token", AmbiguousRoleResolution: ambiguous}}
	}
}

// The role that the enhanced flow chooses (§5; AWS role-based-access-control).
func TestCognitoChoosesRoles(t *testing.T) {
	t.Parallel()
	const senior, photo, audit = "arn:aws:iam::111122223333:role/Senior", "arn:aws:iam::111122223333:role/Photo", "arn:aws:iam::111122223333:role/Audit"
	for name, c := range map[string]struct {
		pool   func(*poolBench, *Pool)
		claims map[string]any
		custom string
		want   string
	}{
		"the pool's role":                          {nil, nil, "", memberRole},
		"the pool's role by name":                  {nil, nil, memberRole, memberRole},
		"Equals":                                   {rules("Deny"), map[string]any{"dept": "it"}, "", adminRole},
		"the first rule that matches":              {rules("Deny"), map[string]any{"dept": "it", "team": "photo-eu"}, "", adminRole},
		"a later one asked for":                    {rules("Deny"), map[string]any{"dept": "it", "team": "photo-eu"}, photo, photo},
		"NotEqual":                                 {rules("Deny"), map[string]any{"level": "principal"}, "", senior},
		"NotEqual of an absent claim is skipped":   {rules("AuthenticatedRole"), nil, "", memberRole},
		"NotEqual of an equal claim":               {rules("AuthenticatedRole"), map[string]any{"level": "junior"}, "", memberRole},
		"StartsWith":                               {rules("Deny"), map[string]any{"team": "photo-eu"}, "", photo},
		"StartsWith is not Contains":               {rules("AuthenticatedRole"), map[string]any{"team": "my-photo-eu"}, "", memberRole},
		"Contains, of a list":                      {rules("Deny"), map[string]any{"cognito:groups": []string{"x", "auditors"}}, "", audit},
		"case counts":                              {rules("AuthenticatedRole"), map[string]any{"dept": "IT"}, "", memberRole},
		"preferred role":                           {tokenRoles("Deny"), map[string]any{"cognito:preferred_role": adminRole, "cognito:roles": []string{memberRole, adminRole}}, "", adminRole},
		"a custom role before the preferred":       {tokenRoles("Deny"), map[string]any{"cognito:preferred_role": adminRole, "cognito:roles": []string{photo, adminRole}}, photo, photo},
		"the only role":                            {tokenRoles("Deny"), map[string]any{"cognito:roles": []string{photo}}, "", photo},
		"roles as a text with commas":              {tokenRoles("Deny"), map[string]any{"cognito:roles": photo + "," + audit}, audit, audit},
		"several roles, resolved to the pool's":    {tokenRoles("AuthenticatedRole"), map[string]any{"cognito:roles": []string{photo, audit}}, "", memberRole},
		"a mapping of another client is not asked": {tokenRoles("Deny"), map[string]any{"aud": "cli"}, "", memberRole},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newPoolBench(t, c.pool)
			logins := map[string]string{b.google.name(): b.google.token("alice", c.claims)}
			session, err := b.credentials(b.id(logins), logins, c.custom)
			if err != nil || session.RoleARN != c.want {
				t.Errorf("role %q, %v, want %q", session.RoleARN, err, c.want)
			}
		})
	}
}

func TestCognitoGuests(t *testing.T) {
	t.Parallel()
	b := newPoolBench(t, nil)
	guest := b.id()
	if other := b.id(); other == guest {
		t.Error("two guests share an identity (§4: a new one every time)")
	}
	for range 2 {
		session, err := b.credentials(guest, nil, "")
		if err != nil || session.RoleARN != guestRole || session.IdentityID != guest {
			t.Fatalf("the guest's session is %+v, %v, want the role %s", session, err, guestRole)
		}
	}
	session, err := b.credentials(guest, b.google.login("alice"), "")
	if err != nil || session.IdentityID != guest || session.RoleARN != memberRole {
		t.Errorf("after signing in: %+v, %v, want the guest's identity (§4)", session, err)
	}
	if id := b.id(b.google.login("alice")); id != guest {
		t.Errorf("GetId now gives %s, want %s", id, guest)
	}
	if id := b.id(b.okta.login("alice")); id == guest {
		t.Error("a login that was never sent leads to the guest (§6)")
	}
}

// Linking and merging (§6).
func TestCognitoLinksAndMerges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		act  func(b *poolBench) (got, want string)
		same bool
	}{
		"two logins in one GetId": {func(b *poolBench) (string, string) {
			both := b.id(b.google.login("alice"), b.okta.login("alice"))
			return b.id(b.okta.login("alice")), both
		}, true},
		"two logins never shown together": {func(b *poolBench) (string, string) {
			return b.id(b.google.login("alice")), b.id(b.okta.login("alice"))
		}, false},
		"a new login shown with a linked one": {func(b *poolBench) (string, string) {
			id := b.id(b.google.login("alice"))
			b.mustGive(id, together(b.google.login("alice"), facebookLogin("app:7")))
			return b.id(facebookLogin("app:7")), id
		}, true},
		"the older owns the younger": {func(b *poolBench) (string, string) {
			older, younger := b.id(b.okta.login("alice")), b.id(b.google.login("alice"))
			return b.mustGive(younger, together(b.google.login("alice"), b.okta.login("alice"))), older
		}, true},
		"merged once, either login leads to the owner": {func(b *poolBench) (string, string) {
			older := b.id(b.okta.login("alice"))
			b.id(b.google.login("alice"))
			b.id(b.google.login("alice"), b.okta.login("alice"))
			return b.id(b.google.login("alice")), older
		}, true},
		"who is signed in owns an older guest": {func(b *poolBench) (string, string) {
			guest := b.id()
			member := b.id(b.google.login("alice"))
			return b.mustGive(guest, b.google.login("alice")), member
		}, true},
		"three at once": {func(b *poolBench) (string, string) {
			first := b.id(facebookLogin("app:7"))
			b.id(b.google.login("alice"))
			b.id(b.okta.login("alice"))
			return b.id(b.google.login("alice"), b.okta.login("alice"), facebookLogin("app:7")), first
		}, true},
		"an unlinked login is a new identity": {func(b *poolBench) (string, string) {
			id := b.id(b.google.login("alice"), b.okta.login("alice"))
			if err := b.unlink(id, b.okta.login("alice"), b.google.name()); err != nil {
				b.t.Fatal(err)
			}
			return b.id(b.google.login("alice")), id
		}, false},
		"what stays linked leads there still": {func(b *poolBench) (string, string) {
			id := b.id(b.google.login("alice"), b.okta.login("alice"))
			if err := b.unlink(id, b.okta.login("alice"), b.google.name()); err != nil {
				b.t.Fatal(err)
			}
			return b.id(b.okta.login("alice")), id
		}, true},
		"Facebook's user IDs are told apart": {func(b *poolBench) (string, string) {
			return b.id(facebookLogin("app:7")), b.id(facebookLogin("app:8"))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, want := c.act(newPoolBench(t, nil)); (got == want) != c.same {
				t.Errorf("%s and %s: the same is %t, want %t", got, want, got == want, c.same)
			}
		})
	}
}

// mustGive returns the identity that credentials were issued for.
func (b *poolBench) mustGive(id string, logins map[string]string) string {
	b.t.Helper()
	session, err := b.credentials(id, logins, "")
	if err != nil {
		b.t.Fatal(err)
	}
	return session.IdentityID
}

// The token of the basic flow. Its claims were seen in public examples.
func TestCognitoOpenIDToken(t *testing.T) {
	t.Parallel()
	b := newPoolBench(t, func(b *poolBench, p *Pool) {
		p.PrincipalTags = map[string]map[string]string{b.google.name(): defaultPrincipalTags(), b.okta.name(): {"team": "team", "absent": "nothing"}}
	})
	logins := together(b.google.login("alice"), facebookLogin("app:7"), map[string]string{b.okta.name(): b.okta.token("a|1", map[string]any{"team": "photo"})})
	id := b.id(logins)
	token, owner, err := b.openIDToken(id, logins)
	if err != nil || owner != id {
		t.Fatalf("identity %s, %v, want %s", owner, err, id)
	}
	got, err := b.c.verifyOpenIDToken(token)
	if err != nil {
		t.Fatal(err)
	}
	if got.PoolID != PoolID || got.IdentityID != id || got.Expiry.Sub(got.Issued) != 10*time.Minute {
		t.Errorf("the token is %+v", got)
	}
	const provider = "arn:aws:iam::111122223333:oidc-provider/"
	for _, want := range []string{b.google.name(), provider + b.google.name() + ":OIDC:alice", provider + b.okta.name() + ":OIDC:a|1", "graph.facebook.com", "graph.facebook.com:app:7"} {
		if !slices.Contains(got.AMR, want) {
			t.Errorf("amr = %q, want %q in it", got.AMR, want)
		}
	}
	if got.AMR[0] != "authenticated" {
		t.Errorf("amr = %q, want authenticated first", got.AMR)
	}
	if want := map[string]string{"username": "alice", "client": "app", "team": "photo"}; !maps.Equal(got.Tags, want) {
		t.Errorf("tags = %v, want %v", got.Tags, want)
	}

	guest, _, err := b.openIDToken(b.id(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.c.verifyOpenIDToken(guest); err != nil || !slices.Equal(got.AMR, []string{"unauthenticated"}) || got.Tags != nil {
		t.Errorf("a guest's token is %+v, %v", got, err)
	}
	if payload := strings.Split(guest, ".")[1]; payload == "" || strings.Contains(guest, "=") {
		t.Errorf("not a compact JWT")
	}
	b.wantPublished(token)
}

// wantPublished verifies a token with the keys that the server publishes.
func (b *poolBench) wantPublished(token string) {
	b.t.Helper()
	resp, err := http.Get(b.c.URL() + "/.well-known/jwks_uri")
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	var keys jose.JSONWebKeySet
	if err := json.NewDecoder(resp.Body).Decode(&keys); err != nil {
		b.t.Fatal(err)
	}
	parsed, err := jwt.ParseSigned(token, algorithms)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := verifySignature(parsed, keys); err != nil {
		b.t.Errorf("the published keys do not verify it: %v", err)
	}
}

// Tokens that STS must not accept as a pool's.
func TestCognitoVerifiesOpenIDTokens(t *testing.T) {
	t.Parallel()
	b := newPoolBench(t, nil)
	good := openIDToken{PoolID: PoolID, IdentityID: "us-east-1:1", AMR: []string{"unauthenticated"}, Issued: time.Now(), Expiry: time.Now().Add(time.Minute)}
	token, err := b.c.signOpenIDToken(good)
	if err != nil {
		t.Fatal(err)
	}
	late := good
	late.Expiry = time.Now().Add(-clockLeeway)
	expired, _ := b.c.signOpenIDToken(late)
	key, _ := b.c.keys.unpublished(cognitoAlg)
	forged, _ := sign(cognitoAlg, key, []byte(`{"iss":"`+cognitoIssuer+`"}`))
	key, _ = b.c.keys.key(cognitoAlg)
	foreign, _ := sign(cognitoAlg, key, []byte(`{"iss":"https://example.com","exp":9999999999}`))
	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"good": {token, nil}, "expired": {expired, errExpired}, "forged": {forged, errNoKey},
		"another issuer": {foreign, errNoProvider}, "no token": {"x", errNotJWT},
		"another's": {b.google.token("alice", nil), errNoKey},
	} {
		if _, err := b.c.verifyOpenIDToken(c.token); err != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// A hundred simultaneous sign-ins yield one identity.
func TestCognitoAtOnce(t *testing.T) {
	t.Parallel()
	b := newPoolBench(t, nil)
	logins, ids := together(b.google.login("alice"), b.okta.login("alice")), make(chan string, 100)
	for i := range cap(ids) {
		shown := []map[string]string{logins, b.google.login("alice")}[i%2]
		go func() {
			id, err := b.getID(shown)
			if err != nil {
				t.Error(err)
			}
			ids <- id
		}()
	}
	want := <-ids
	for range cap(ids) - 1 {
		if got := <-ids; got != want {
			t.Fatalf("two identities: %s and %s", got, want)
		}
	}
}

func TestClaimText(t *testing.T) {
	t.Parallel()
	for claim, want := range map[string]string{`"x"`: "x", `true`: "true", `1700000000`: "1700000000", `1.5`: "1.5", `null`: "", `["a",2]`: "a,2"} {
		var v any
		if err := json.Unmarshal([]byte(claim), &v); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(claimTexts(v), ","); got != want {
			t.Errorf("%s is %q, want %q", claim, got, want)
		}
	}
}

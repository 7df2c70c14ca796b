package exchange

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// pool answers GetId with id and returns credentials for it.
func pool(id string) *wire {
	return &wire{answer: func(_ int, a asked) (int, string) {
		if a.operation == "GetId" {
			return 200, `{"IdentityId":"` + id + `"}`
		}
		return 200, cognitoGives(a.json["IdentityId"].(string), time.Now().Add(time.Hour))
	}}
}

func operations(w *wire) string {
	var names []string
	for _, a := range w.seen {
		names = append(names, a.operation)
	}
	return strings.Join(names, " ")
}

func TestCognitoEnhancedFlow(t *testing.T) {
	t.Parallel()
	server := pool(aliceID)
	token := alice(t)
	got, err := (&Cognito{IdentityPoolID: poolID, AWS: via(server)}).Exchange(t.Context(), proof(token))
	if err != nil {
		t.Fatal(err)
	}
	if want := "GetId GetCredentialsForIdentity"; operations(server) != want {
		t.Errorf("asked %s, want %s", operations(server), want)
	}
	for _, a := range server.seen {
		if a.header.Get("Authorization") != "" {
			t.Errorf("%s was signed", a.operation)
		}
		logins, _ := a.json["Logins"].(map[string]any)
		if len(logins) != 1 || logins["idp.example.com"] != token.Raw.Reveal() {
			t.Errorf("%s: the logins are not idp.example.com with the token", a.operation)
		}
	}
	if server.seen[0].json["IdentityPoolId"] != poolID {
		t.Errorf("GetId asked for pool %v", server.seen[0].json["IdentityPoolId"])
	}
	if got.SecretAccessKey.Reveal() != "sk" || got.SessionToken.Reveal() != "st" || time.Until(got.Expiration) < 50*time.Minute {
		t.Errorf("the keys or their expiration are not those of the response: %+v", got)
	}
	want := credential.Credential{AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: got.SecretAccessKey,
		SessionToken: got.SessionToken, Issued: got.Issued, Expiration: got.Expiration, IdentityID: aliceID}
	if got != want {
		t.Errorf("Exchange() = %+v, want %+v", got, want)
	}
}

func TestCognitoCachesTheIdentityID(t *testing.T) {
	t.Parallel()
	server, ids := pool(aliceID), memory{}
	for range 2 {
		if _, err := (&Cognito{IdentityPoolID: poolID, AWS: via(server), IdentityIDs: ids}).Exchange(t.Context(), proof(alice(t))); err != nil {
			t.Fatal(err)
		}
	}
	if want := "GetId GetCredentialsForIdentity GetCredentialsForIdentity"; operations(server) != want {
		t.Errorf("asked %s, want %s", operations(server), want)
	}
	// Another person or another pool has another identity.
	bob := tokenOf(t, map[string]any{"iss": "https://idp.example.com", "aud": "daypass", "sub": "auth0|2"})
	for name, c := range map[string]*Cognito{
		"bob":        {IdentityPoolID: poolID, AWS: via(server), IdentityIDs: ids},
		"other pool": {IdentityPoolID: "eu-west-1:1", AWS: via(server), IdentityIDs: ids},
	} {
		token := alice(t)
		if name == "bob" {
			token = bob
		}
		before := len(server.seen)
		if _, err := c.Exchange(t.Context(), proof(token)); err != nil {
			t.Fatal(err)
		}
		if server.seen[before].operation != "GetId" {
			t.Errorf("%s got alice's identity", name)
		}
	}
}

// When two identities were merged, the response names the remaining one, which is cached.
func TestCognitoCachesTheReturnedIdentityID(t *testing.T) {
	t.Parallel()
	server, ids := pool(aliceID), memory{}
	server.answer = func(_ int, a asked) (int, string) {
		if a.operation == "GetId" {
			return 200, `{"IdentityId":"` + aliceID + `"}`
		}
		return 200, cognitoGives(otherID, time.Now().Add(time.Hour))
	}
	got, err := (&Cognito{IdentityPoolID: poolID, AWS: via(server), IdentityIDs: ids}).Exchange(t.Context(), proof(alice(t)))
	if err != nil || got.IdentityID != otherID {
		t.Fatalf("Exchange() = %q, %v, want %q", got.IdentityID, err, otherID)
	}
	for key, id := range ids {
		if string(id) != otherID || strings.Contains(key, "1102") {
			t.Errorf("cached %q under %q, want %q under a key without the subject", id, key, otherID)
		}
	}
}

func TestCognitoReplacesAnInvalidIdentityID(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		code, message string
		want          string
	}{
		{"NotAuthorizedException", "Logins don't match. Please include at least one valid login for this identity or identity pool.", "GetId GetCredentialsForIdentity"},
		{"NotAuthorizedException", "Access to Identity '" + otherID + "' is forbidden.", "GetId GetCredentialsForIdentity"},
		{"ResourceNotFoundException", "Identity '" + otherID + "' not found.", "GetId GetCredentialsForIdentity"},
		{"NotAuthorizedException", "Invalid login token. Token expired: 2 >= 1", ""},
		{"ResourceConflictException", "", ""},
	} {
		ids := memory{}
		server := pool(otherID)
		c := &Cognito{IdentityPoolID: poolID, AWS: via(server), IdentityIDs: ids}
		if _, err := c.Exchange(t.Context(), proof(alice(t))); err != nil {
			t.Fatal(err)
		}
		server = pool(aliceID)
		well := server.answer
		server.answer = func(n int, a asked) (int, string) {
			if a.json["IdentityId"] == otherID {
				return 400, cognitoRefuses(row.code, row.message)
			}
			return well(n, a)
		}
		c.AWS = via(server)
		got, err := c.Exchange(t.Context(), proof(alice(t)))
		want := strings.TrimSpace("GetCredentialsForIdentity " + row.want)
		if operations(server) != want || (err == nil) != (row.want != "") || err == nil && got.IdentityID != aliceID {
			t.Errorf("%s %.20s: asked %s, error %v, want %s", row.code, row.message, operations(server), err, want)
		}
	}
}

// «Logins don't match» for an identity ID that was just requested is an error and is not retried.
func TestCognitoRequestsTheIdentityIDOnce(t *testing.T) {
	t.Parallel()
	server, ids := pool(aliceID), memory{}
	c := &Cognito{IdentityPoolID: poolID, AWS: via(server), IdentityIDs: ids}
	if _, err := c.Exchange(t.Context(), proof(alice(t))); err != nil {
		t.Fatal(err)
	}
	well := server.answer
	server.answer = func(n int, a asked) (int, string) {
		if a.operation == "GetId" {
			return well(n, a)
		}
		return 400, cognitoRefuses("NotAuthorizedException", "Logins don't match.")
	}
	server.seen = nil
	_, err := c.Exchange(t.Context(), proof(alice(t)))
	if want := "GetCredentialsForIdentity GetId GetCredentialsForIdentity"; err == nil || operations(server) != want {
		t.Errorf("asked %s, error %v, want %s and an error", operations(server), err, want)
	}
}

func TestCognitoErrors(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		code, message string
		expired       bool
	}{
		{"NotAuthorizedException", "Invalid login token. Token expired: 1700000000 >= 1600000000", true},
		{"NotAuthorizedException", "Invalid login token. Missing a required claim: aud", false},
		{"NotAuthorizedException", "Token is not from a supported provider of this identity pool.", false},
		{"InvalidIdentityPoolConfigurationException", "Invalid identity pool configuration. Check assigned IAM roles for this pool.", false},
		{"ResourceNotFoundException", "IdentityPool 'x' not found.", false},
	} {
		server := &wire{answer: func(int, asked) (int, string) { return 400, cognitoRefuses(row.code, row.message) }}
		_, err := (&Cognito{IdentityPoolID: poolID, AWS: via(server)}).Exchange(t.Context(), proof(alice(t)))
		var refused *Error
		if !errors.As(err, &refused) || refused.Code != row.code || refused.Message != row.message || refused.IdentityPoolID != poolID {
			t.Errorf("%s: error %v, want its code and message", row.code, err)
			continue
		}
		want := "requesting an identity ID in identity pool " + poolID + ": " + row.code + ": " + row.message
		if err.Error() != want {
			t.Errorf("error %q, want %q", err, want)
		}
		if got := errors.Is(err, identity.ErrTokenRejected); got != row.expired {
			t.Errorf("%s: is ErrTokenRejected = %v, want %v", row.message, got, row.expired)
		}
	}
}

func TestCognitoRefusesUnusableResponses(t *testing.T) {
	t.Parallel()
	future := time.Now().Add(time.Hour)
	for name, answers := range map[string][2]string{
		"no identity ID":  {`{}`, ""},
		"not an ID":       {`{"IdentityId":"../../x"}`, ""},
		"no credentials":  {`{"IdentityId":"` + aliceID + `"}`, `{"IdentityId":"` + aliceID + `"}`},
		"expired":         {`{"IdentityId":"` + aliceID + `"}`, cognitoGives(aliceID, time.Now().Add(-time.Minute))},
		"no identity now": {`{"IdentityId":"` + aliceID + `"}`, cognitoGives("", future)},
	} {
		server := &wire{answer: func(_ int, a asked) (int, string) {
			if a.operation == "GetId" {
				return 200, answers[0]
			}
			return 200, answers[1]
		}}
		got, err := (&Cognito{IdentityPoolID: poolID, AWS: via(server)}).Exchange(t.Context(), proof(alice(t)))
		if err == nil || !got.IsZero() {
			t.Errorf("%s: Exchange() = %v, %v, want an error and no credential", name, got, err)
		}
	}
}

// Without a login, each GetId would create a new guest.
func TestCognitoNeedsALogin(t *testing.T) {
	t.Parallel()
	server := pool(aliceID)
	c := &Cognito{IdentityPoolID: poolID, AWS: via(server)}
	for _, token := range []identity.Token{{}, tokenOf(t, map[string]any{"sub": "x"})} {
		if _, err := c.Exchange(t.Context(), proof(token)); err == nil || len(server.seen) != 0 {
			t.Errorf("error %v after %d requests, want an error and none", err, len(server.seen))
		}
	}
	facebook := identity.Proof{Kind: identity.ProofAccessToken, ProviderName: "graph.facebook.com", Value: secret.New("EAAB.short")}
	if _, err := c.Exchange(t.Context(), facebook); err != nil {
		t.Errorf("an access token with its provider's name: %v", err)
	}
}

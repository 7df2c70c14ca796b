package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// poolRefusal is a request that a pool must refuse. Sources are sections of the reference page on Cognito, and, as
// «AWS …», pages of its developer guide.
type poolRefusal struct {
	name, source  string
	pool          func(*poolBench, *Pool)
	act           func(*poolBench) error
	code, message string
}

func (r poolRefusal) run(t *testing.T) {
	t.Run(r.name, func(t *testing.T) {
		t.Parallel()
		err := r.act(newPoolBench(t, r.pool))
		wantAWSError(t, r.source, err, r.code, r.message)
		var answer *smithyhttp.ResponseError
		if errors.As(err, &answer) && answer.HTTPStatusCode() != 400 {
			t.Errorf("status %d, want 400 (§7)", answer.HTTPStatusCode())
		}
		if err != nil && strings.Contains(err.Error(), "eyJ") {
			t.Errorf("the error quotes a token: %v", err)
		}
	})
}

const (
	notAuthorizedCode = "NotAuthorizedException"
	unsupportedText   = "Token is not from a supported provider of this identity pool."
	mismatchText      = "Logins don't match. Please include at least one valid login for this identity or identity pool."
	forbiddenText     = "is forbidden."
	noGuestsText      = "Unauthenticated access is not supported for this identity pool."
	badConfiguration  = "Invalid identity pool configuration. Check assigned IAM roles for this pool."
)

func noGuestsPool(_ *poolBench, p *Pool) { p.Guests = false }

func TestCognitoRefusesGuests(t *testing.T) {
	t.Parallel()
	for _, r := range []poolRefusal{
		{"GetId", "§7", noGuestsPool, func(b *poolBench) error {
			_, err := b.getID(nil)
			return err
		}, notAuthorizedCode, noGuestsText},
		{"credentials after guests were shut out", "§7", nil, func(b *poolBench) error {
			id := b.id()
			pool := b.c.Pools[PoolID]
			pool.Guests = false
			b.c.Pools[PoolID] = pool
			_, err := b.credentials(id, nil, "")
			return err
		}, notAuthorizedCode, noGuestsText},
		{"credentials of who signed in", "§4", nil, func(b *poolBench) error {
			_, err := b.credentials(b.id(b.google.login("alice")), nil, "")
			return err
		}, notAuthorizedCode, forbiddenText},
		{"token of who signed in", "AWS authentication-flow", nil, func(b *poolBench) error {
			_, _, err := b.openIDToken(b.id(b.google.login("alice")), nil)
			return err
		}, notAuthorizedCode, forbiddenText},
		{"a guest's identity that was signed in to", "§4, §7", nil, func(b *poolBench) error {
			id := b.id()
			if _, err := b.credentials(id, b.google.login("alice"), ""); err != nil {
				return err
			}
			_, err := b.credentials(id, nil, "")
			return err
		}, notAuthorizedCode, "Access to Identity 'us-east-1:"},
		{"a guest's identity that was merged away", "§7", nil, func(b *poolBench) error {
			guest := b.id()
			b.id(b.google.login("alice"))
			if _, err := b.credentials(guest, b.google.login("alice"), ""); err != nil {
				return err
			}
			_, err := b.credentials(guest, nil, "")
			return err
		}, notAuthorizedCode, forbiddenText},
		{"an identity whose last login was unlinked", "§1, §4", nil, func(b *poolBench) error {
			id := b.id(b.google.login("alice"))
			if err := b.unlink(id, b.google.login("alice"), b.google.name()); err != nil {
				return err
			}
			_, err := b.credentials(id, nil, "")
			return err
		}, notAuthorizedCode, forbiddenText},
		{"no role for guests", "§7", func(_ *poolBench, p *Pool) { p.UnauthenticatedRole = "" }, func(b *poolBench) error {
			_, err := b.credentials(b.id(), nil, "")
			return err
		}, "InvalidIdentityPoolConfigurationException", badConfiguration},
		{"the role of who is signed in", "§5", nil, func(b *poolBench) error {
			_, err := b.credentials(b.id(), nil, memberRole)
			return err
		}, notAuthorizedCode, ""},
	} {
		r.run(t)
	}
}

func TestCognitoRefusesLogins(t *testing.T) {
	t.Parallel()
	with := func(claims map[string]any) func(*poolBench) error {
		return func(b *poolBench) error {
			_, err := b.getID(map[string]string{b.google.name(): b.google.token("alice", claims)})
			return err
		}
	}
	get := func(logins func(*poolBench) map[string]string) func(*poolBench) error {
		return func(b *poolBench) error {
			_, err := b.getID(logins(b))
			return err
		}
	}
	for _, r := range []poolRefusal{
		{"an access token", "§2", nil, with(map[string]any{"aud": nil}), notAuthorizedCode, "Invalid login token. Missing a required claim: aud"},
		{"expired", "§7", nil, with(map[string]any{"exp": time.Now().Unix()}), notAuthorizedCode, "Invalid login token. Token expired: "},
		{"another client", "§7", nil, with(map[string]any{"aud": "other"}), notAuthorizedCode, unsupportedText},
		{"azp counts before aud", "§2", nil, with(map[string]any{"azp": "other"}), notAuthorizedCode, unsupportedText},
		{"under another provider's name", "§2", nil, get(func(b *poolBench) map[string]string {
			return map[string]string{b.okta.name(): b.google.token("alice", nil)}
		}), notAuthorizedCode, "Issuer doesn't match providerName"},
		{"an unknown provider", "§7", nil, get(func(*poolBench) map[string]string {
			return map[string]string{"accounts.google.com": "x.y.z"}
		}), notAuthorizedCode, unsupportedText},
		{"one of two is bad", "§6", nil, get(func(b *poolBench) map[string]string {
			return together(b.google.login("alice"), map[string]string{b.okta.name(): b.okta.token("alice", map[string]any{"exp": 1})})
		}), notAuthorizedCode, "Token expired"},
		{"no token at all", "§2", nil, get(func(b *poolBench) map[string]string {
			return map[string]string{b.google.name(): "opaque"}
		}), notAuthorizedCode, "Invalid login token."},
		{"the issuer is down", "§7", nil, get(func(b *poolBench) map[string]string {
			logins := b.google.login("alice")
			b.google.server.Close()
			return logins
		}), "ExternalServiceException", ""},
		{"another Facebook app", "AWS authentication-flow", nil, get(func(*poolBench) map[string]string { return facebookLogin("bad:7") }), notAuthorizedCode, unsupportedText},
		{"an ended Facebook token", "AWS authentication-flow", nil, get(func(*poolBench) map[string]string { return facebookLogin("?") }), notAuthorizedCode, "Invalid login token."},
		{"Amazon does not answer", "§7", nil, get(func(*poolBench) map[string]string {
			return map[string]string{"www.amazon.com": "app:7"}
		}), "ExternalServiceException", ""},
	} {
		r.run(t)
	}
}

func TestCognitoRefusesIdentities(t *testing.T) {
	t.Parallel()
	for _, r := range []poolRefusal{
		{"an unknown pool", "§7", nil, func(b *poolBench) error {
			_, err := b.client.GetId(t.Context(), &cognitoidentity.GetIdInput{IdentityPoolId: aws.String("us-east-1:0")})
			return err
		}, "ResourceNotFoundException", "IdentityPool 'us-east-1:0' not found."},
		{"an unknown identity", "§7", nil, func(b *poolBench) error {
			_, err := b.credentials("us-east-1:0", b.google.login("alice"), "")
			return err
		}, "ResourceNotFoundException", ""},
		{"another person's login", "§7", nil, func(b *poolBench) error {
			b.id(b.google.login("bob"))
			_, err := b.credentials(b.id(b.google.login("alice")), b.google.login("bob"), "")
			return err
		}, notAuthorizedCode, mismatchText},
		{"a new login alone", "§6", nil, func(b *poolBench) error {
			_, err := b.credentials(b.id(b.google.login("alice")), b.okta.login("alice"), "")
			return err
		}, notAuthorizedCode, mismatchText},
		{"a second login of a provider", "§6", nil, func(b *poolBench) error {
			b.id(b.google.login("alice"), b.okta.login("alice"))
			_, err := b.getID(together(b.google.login("alice2"), b.okta.login("alice")))
			return err
		}, "ResourceConflictException", ""},
		{"merging two with the same provider", "§6", nil, func(b *poolBench) error {
			b.id(b.google.login("alice"), facebookLogin("app:1"))
			bob := b.id(b.google.login("bob"), b.okta.login("bob"))
			_, err := b.credentials(bob, together(b.okta.login("bob"), facebookLogin("app:1")), "")
			return err
		}, "ResourceConflictException", ""},
		{"a disabled identity", "§6 (assumed)", nil, func(b *poolBench) error {
			b.id(b.google.login("alice"))
			younger := b.id(b.okta.login("alice"))
			b.id(b.google.login("alice"), b.okta.login("alice"))
			_, err := b.credentials(younger, b.okta.login("alice"), "")
			return err
		}, notAuthorizedCode, forbiddenText},
		{"an unlinked login", "§1", nil, func(b *poolBench) error {
			id := b.id(b.google.login("alice"), b.okta.login("alice"))
			if err := b.unlink(id, b.google.login("alice"), b.okta.name()); err != nil {
				return err
			}
			_, err := b.credentials(id, b.okta.login("alice"), "")
			return err
		}, notAuthorizedCode, mismatchText},
		{"unlinking what is another's", "§1", nil, func(b *poolBench) error {
			return b.unlink(b.id(b.google.login("alice")), b.google.login("bob"), b.google.name())
		}, notAuthorizedCode, mismatchText},
		{"unlinking a guest", "§1", nil, func(b *poolBench) error {
			return b.unlink(b.id(), b.google.login("bob"), b.google.name())
		}, notAuthorizedCode, mismatchText},
		{"the basic flow is off", "§3", func(_ *poolBench, p *Pool) { p.Classic = false }, func(b *poolBench) error {
			_, _, err := b.openIDToken(b.id(b.google.login("alice")), b.google.login("alice"))
			return err
		}, "InvalidParameterException", "Basic (classic) flow is not enabled, please use enhanced flow."},
		{"the basic flow with role mappings", "AWS authentication-flow", rules("Deny"), func(b *poolBench) error {
			_, _, err := b.openIDToken(b.id(), nil)
			return err
		}, "InvalidParameterException", "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow."},
	} {
		r.run(t)
	}
}

func TestCognitoRefusesRoles(t *testing.T) {
	t.Parallel()
	const configuration = "InvalidIdentityPoolConfigurationException"
	credentials := func(custom string, claims map[string]any) func(*poolBench) error {
		return func(b *poolBench) error {
			logins := map[string]string{b.google.name(): b.google.token("alice", claims)}
			_, err := b.credentials(b.id(logins), logins, custom)
			return err
		}
	}
	for _, r := range []poolRefusal{
		{"no role", "§7", func(_ *poolBench, p *Pool) { p.AuthenticatedRole = "" }, credentials("", nil), configuration, badConfiguration},
		{"STS refuses", "§7", nil, func(b *poolBench) error {
			b.c.assume = func(assumption) (Session, error) { return Session{}, errors.New("AccessDenied") }
			return credentials("", nil)(b)
		}, configuration, badConfiguration},
		{"a custom role without a mapping", "§5 (assumed)", nil, credentials(adminRole, nil), notAuthorizedCode, ""},
		{"a custom role that no rule gives", "§5", rules("AuthenticatedRole"), credentials(memberRole, map[string]any{"dept": "it"}), notAuthorizedCode, ""},
		{"a custom role that is not in the token", "AWS role-based-access-control", tokenRoles("AuthenticatedRole"), credentials(adminRole, map[string]any{"cognito:roles": []string{memberRole}}), notAuthorizedCode, ""},
		{"no rule matches", "AWS role-based-access-control", rules("Deny"), credentials("", nil), notAuthorizedCode, "denied this request."},
		{"several roles and none preferred", "§5", tokenRoles("Deny"), credentials("", map[string]any{"cognito:roles": []string{memberRole, adminRole}}), notAuthorizedCode, "The ambiguous role mapping rules for: "},
		{"no roles in the token", "§5", tokenRoles("Deny"), credentials("", nil), notAuthorizedCode, "The ambiguous role mapping rules for: "},
	} {
		r.run(t)
	}
}

// The API model's limits (§1). The code and the form of the text are known from public reports.
func TestCognitoLimits(t *testing.T) {
	t.Parallel()
	many := map[string]string{}
	for i := range 11 {
		many[fmt.Sprintf("idp%d.example.com", i)] = "x"
	}
	getID := func(pool string, logins map[string]string) func(*poolBench) error {
		return func(b *poolBench) error {
			_, err := b.client.GetId(t.Context(), &cognitoidentity.GetIdInput{IdentityPoolId: &pool, Logins: logins})
			return err
		}
	}
	for _, r := range []poolRefusal{
		{"pool ID", "§1", nil, getID("nonsense", nil), "ValidationException",
			`1 validation error detected: Value 'nonsense' at 'identityPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w-]+:[0-9a-f-]+`},
		{"upper-case UUID", "§1", nil, getID("us-east-1:ABC", nil), "ValidationException", "pattern"},
		{"56 characters", "§1", nil, getID("us-east-1:"+strings.Repeat("0", 46), nil), "ValidationException", "length less than or equal to 55"},
		{"eleven logins", "§1", nil, getID(PoolID, many), "ValidationException", "length less than or equal to 10"},
		{"a token of 50,001", "§1", nil, getID(PoolID, map[string]string{"x": strings.Repeat("a", 50_001)}), "ValidationException", "50000"},
		{"identity ID", "§1", nil, func(b *poolBench) error {
			_, err := b.credentials("alice", nil, "")
			return err
		}, "ValidationException", "'identityId'"},
		{"two at once", "§1", nil, func(b *poolBench) error {
			_, err := b.credentials("alice", nil, "role")
			return err
		}, "ValidationException", "2 validation errors detected: "},
		{"account ID", "§1", nil, func(b *poolBench) error {
			_, err := b.client.GetId(t.Context(), &cognitoidentity.GetIdInput{IdentityPoolId: aws.String(PoolID), AccountId: aws.String("me")})
			return err
		}, "ValidationException", "'accountId'"},
	} {
		r.run(t)
	}
}

// Errors that the SDK retries (§1, §7): it tells them apart by their code.
func TestCognitoFaults(t *testing.T) {
	t.Parallel()
	b := newPoolBench(t, nil)
	id := b.id()
	for code, status := range map[string]int{"TooManyRequestsException": 400, "LimitExceededException": 400, "InternalErrorException": 500} {
		b.c.Break(Fault{Code: code, Status: status, Times: 1})
		_, err := b.credentials(id, nil, "")
		var refused smithy.APIError
		if !errors.As(err, &refused) || refused.ErrorCode() != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	if _, err := b.credentials(id, nil, ""); err != nil {
		t.Errorf("after Break(Fault{}): %v", err)
	}
}

// Requests that the SDK would never send.
func TestCognitoMalformed(t *testing.T) {
	t.Parallel()
	b := newPoolBench(t, nil)
	id := `"IdentityId":"` + b.id() + `"`
	for _, c := range []struct{ operation, body, code, message string }{
		{"GetId", `{}`, "ValidationException", "Value null at 'identityPoolId' failed to satisfy constraint: Member must not be null"},
		{"GetCredentialsForIdentity", `{}`, "ValidationException", "'identityId'"},
		{"UnlinkIdentity", `{` + id + `}`, "ValidationException", "'loginsToRemove'"},
		{"GetOpenIdToken", `{` + id + `,"Logins":{"":"x"}}`, "ValidationException", "'logins'"},
		{"GetId", `[]`, "SerializationException", ""},
		{"ListIdentities", `{}`, "UnknownOperationException", ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.c.URL(), strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Amz-Target", "AWSCognitoIdentityService."+c.operation)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var got awsErrorJSON
		err = json.NewDecoder(resp.Body).Decode(&got)
		resp.Body.Close()
		if err != nil || resp.StatusCode != 400 || got.Type != c.code || !strings.Contains(got.Message, c.message) {
			t.Errorf("%s %s: %d %+v, %v, want 400 %s: …%s…", c.operation, c.body, resp.StatusCode, got, err, c.code, c.message)
		}
	}
}

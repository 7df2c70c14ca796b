package sandbox

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

type (
	webIdentityInput = sts.AssumeRoleWithWebIdentityInput
	claims           = map[string]any
)

// Sources: «sts» and «iam» are sections of the reference pages on STS and on policies; the others are pages of AWS's
// IAM user guide.

const deniedText = "Not authorized to perform sts:AssumeRoleWithWebIdentity"

// trustStatement has the issuer as principal, these actions and these conditions.
func trustStatement(actions, conditions string) string {
	return `{"Effect":"Allow","Principal":{"Federated":"PROVIDER"},"Action":[` + actions + `],"Condition":{` + conditions + `}}`
}

const (
	webIdentityOnly = `"sts:AssumeRoleWithWebIdentity"`
	withTags        = webIdentityOnly + `,"sts:TagSession"`
	withSource      = webIdentityOnly + `,"sts:SetSourceIdentity"`
	audApp          = `"StringEquals":{"HOST:aud":"app"}`
)

func tagged(tags claims, transitive ...string) claims {
	all := claims{}
	for key, value := range tags {
		all[key] = []any{value}
	}
	return claims{"https://aws.amazon.com/tags": claims{"principal_tags": all, "transitive_tag_keys": transitive}}
}

func sourced(identity string) claims {
	return claims{"https://aws.amazon.com/source_identity": identity}
}

// Claims that a trust policy does not allow. Claims in allowed are accepted, so that no row is refused for another reason
// than its own.
func TestSTSRefusesByTrust(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, source, trust string
		refused, allowed    claims
		message             string
	}{
		{"another aud", "iam §1 aud", plainTrust, claims{"aud": "cli"}, claims{"aud": "app"}, ""},
		{"azp in place of aud", "sts §4 azp", plainTrust, claims{"azp": "cli"}, claims{"aud": "cli", "azp": "app"}, ""},
		{"another oaud", "sts §4 oaud", trustStatement(webIdentityOnly, `"StringEquals":{"HOST:oaud":"service"}`), claims{"azp": "app", "aud": "other"}, claims{"azp": "app", "aud": "service"}, ""},
		{"another sub", "iam §1 sub", trustStatement(webIdentityOnly, `"StringEquals":{"HOST:aud":"app","HOST:sub":"alice"}`), claims{"sub": "bob"}, nil, ""},
		{"a sub unlike the pattern", "iam §3.4", trustStatement(webIdentityOnly, `"StringLike":{"HOST:sub":"repo:org/*"}`), claims{"sub": "repo:org-evil/x"}, claims{"sub": "repo:org/x"}, ""},
		{"another email", "iam §1 email", trustStatement(webIdentityOnly, `"StringEquals":{"HOST:email":"a@example.com"}`), claims{"email": "b@example.com"}, claims{"email": "a@example.com"}, ""},
		{"no email", "iam §1 email", trustStatement(webIdentityOnly, `"StringLike":{"HOST:email":"*"}`), nil, claims{"email": "a@example.com"}, ""},
		{"no such amr", "iam §1 amr", trustStatement(webIdentityOnly, `"ForAnyValue:StringEquals":{"HOST:amr":"mfa"}`), claims{"amr": []any{"pwd"}}, claims{"amr": []any{"pwd", "mfa"}}, ""},
		{"an explicit deny", "reference_policies_evaluation-logic", plainTrust + `,{"Effect":"Deny","Principal":"*","Action":"sts:*","Condition":{"StringEquals":{"HOST:sub":"bob"}}}`, claims{"sub": "bob"}, nil, ""},
		{"a session name that is not the sub", "iam §3.5", trustStatement(webIdentityOnly, `"StringEquals":{"sts:RoleSessionName":"${HOST:sub}"}`), nil, claims{"sub": "alice@example.com"}, ""},
		{"tags without sts:TagSession", "sts §5, id_session-tags", plainTrust, tagged(claims{"team": "photo"}), nil, "Not authorized to perform sts:TagSession"},
		{"another tag value", "iam §1 aws:RequestTag", trustStatement(withTags, `"StringEquals":{"aws:RequestTag/team":"photo"}`), tagged(claims{"team": "video"}), tagged(claims{"team": "photo"}), ""},
		{"a tag key that may not be", "iam §1 aws:TagKeys", trustStatement(withTags, `"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}`), tagged(claims{"team": "a", "admin": "b"}), tagged(claims{"team": "a"}), ""},
		{"a transitive key that may not be", "iam §1 sts:TransitiveTagKeys", trustStatement(withTags, `"ForAllValues:StringEquals":{"sts:TransitiveTagKeys":["team"]}`), tagged(claims{"team": "a", "cost": "b"}, "cost"), tagged(claims{"team": "a"}, "team"), ""},
		{"a source identity without sts:SetSourceIdentity", "sts §5", plainTrust, sourced("alice"), nil, "Not authorized to perform sts:SetSourceIdentity"},
		{"another source identity", "iam §1 sts:SourceIdentity", trustStatement(withSource, `"StringEquals":{"sts:SourceIdentity":"alice"}`), sourced("bob"), sourced("alice"), ""},
		{"not authorized by the IdP", "iam §1 sts:RoleAuthorizedByIdp", trustStatement(webIdentityOnly, `"Bool":{"sts:RoleAuthorizedByIdp":"true"}`), nil, claims{"https://aws.amazon.com/roles": roleARN}, ""},
		{"a claim that is no condition key", "iam §1, §3.7", `{"Effect":"Allow","Principal":{"Federated":"PROVIDER"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEqualsIfExists":{"HOST:sub":"alice"},"Null":{"HOST:groups":"false"}}},` + trustStatement(webIdentityOnly, `"StringEquals":{"HOST:sub":"carol"}`), claims{"groups": []any{"admins"}}, claims{"sub": "carol"}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			b := newRoleBench(t, row.trust, "")
			_, err := b.assume(row.refused, nil)
			if row.message == "" {
				row.message = deniedText
			}
			wantRefusal(t, row.source, err, "AccessDenied", 403, row.message)
			if _, err := b.assume(row.allowed, nil); err != nil {
				t.Errorf("what the policy allows is refused: %v", err)
			}
		})
	}
}

// Trust policies that admit no token of this issuer.
func TestSTSRefusesByPrincipal(t *testing.T) {
	t.Parallel()
	statement := func(principal, action string) string {
		return `{"Effect":"Allow","Principal":` + principal + `,"Action":"` + action + `"}`
	}
	for name, row := range map[string]struct{ source, trust string }{
		"another provider":           {"iam §2", statement(`{"Federated":"arn:aws:iam::111122223333:oidc-provider/idp.example.com"}`, "sts:AssumeRoleWithWebIdentity")},
		"another account's provider": {"iam §2", statement(`{"Federated":"arn:aws:iam::999999999999:oidc-provider/HOST"}`, "sts:AssumeRoleWithWebIdentity")},
		"a built-in provider":        {"sts §4", statement(`{"Federated":"accounts.google.com"}`, "sts:AssumeRoleWithWebIdentity")},
		"AWS principals alone":       {"reference_policies_elements_principal", statement(`{"AWS":"111122223333"}`, "sts:AssumeRoleWithWebIdentity")},
		"another action":             {"iam §2", statement(`{"Federated":"PROVIDER"}`, "sts:AssumeRoleWithSAML")},
		"keys of another issuer":     {"iam §1", trustStatement(webIdentityOnly, `"StringEquals":{"idp.example.com:aud":"app"}`)},
		"only over TLS":              {"iam §4 aws:SecureTransport", trustStatement(webIdentityOnly, `"Bool":{"aws:SecureTransport":"true"}`)},
		"another federated provider": {"iam §1 aws:FederatedProvider", trustStatement(webIdentityOnly, `"StringEquals":{"aws:FederatedProvider":"accounts.google.com"}`)},
		"variables in an old policy": {"iam §3.8", `{"Version":"2008-10-17","Statement":[` + trustStatement(webIdentityOnly, `"StringEquals":{"HOST:sub":"${HOST:sub}"}`) + `]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newRoleBench(t, row.trust, "").assume(nil, nil)
			wantRefusal(t, row.source, err, "AccessDenied", 403, deniedText)
		})
	}
}

func TestSTSRefusesClaims(t *testing.T) {
	t.Parallel()
	b := newRoleBench(t, trustStatement(withTags+`,"sts:SetSourceIdentity"`, audApp), "")
	past := time.Now().Add(-time.Hour).Unix()
	for name, row := range map[string]struct {
		source        string
		claims        claims
		code, message string
	}{
		"no sub":                       {"sts §4", claims{"sub": nil}, "InvalidIdentityToken", "Missing a required claim: sub"},
		"no aud":                       {"sts §4", claims{"aud": nil}, "InvalidIdentityToken", "Missing a required claim: aud"},
		"no iat":                       {"sts §4", claims{"iat": nil}, "InvalidIdentityToken", "Missing a required claim: iat"},
		"no exp":                       {"sts §4", claims{"exp": nil}, "InvalidIdentityToken", "Missing a required claim: exp"},
		"two audiences":                {"sts §4", claims{"aud": []any{"app", "cli"}}, "InvalidIdentityToken", "more than one audience while authorized party is not present"},
		"an audience of no provider":   {"sts §3", claims{"aud": "third"}, "InvalidIdentityToken", "Incorrect token audience"},
		"another issuer":               {"sts §3", claims{"iss": "https://mallory.example.com"}, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://mallory.example.com"},
		"expired":                      {"sts §3", claims{"exp": past}, "ExpiredTokenException", "Token expired"},
		"not yet valid":                {"sts §4 (assumed)", claims{"nbf": time.Now().Add(time.Hour).Unix()}, "InvalidIdentityToken", ""},
		"another role in the claim":    {"sts §5 roles", claims{"https://aws.amazon.com/roles": []any{roleARN + "Other"}}, "InvalidIdentityToken", ""},
		"null in that claim":           {"sts §5 roles (assumed)", claims{"https://aws.amazon.com/roles": json.RawMessage("null")}, "InvalidIdentityToken", ""},
		"tags alike but for case":      {"id_session-tags", tagged(claims{"team": "a", "Team": "b"}), "InvalidIdentityToken", "case alone"},
		"a wildcard in that claim":     {"sts §5 roles", claims{"https://aws.amazon.com/roles": "arn:aws:iam::111122223333:role/*"}, "InvalidIdentityToken", ""},
		"a tag with two values":        {"sts §5 tags", claims{"https://aws.amazon.com/tags": claims{"principal_tags": claims{"k": []any{"a", "b"}}}}, "InvalidIdentityToken", "exactly one value"},
		"a tag value of 257":           {"sts §2", tagged(claims{"k": strings.Repeat("x", 257)}), "InvalidIdentityToken", "too long"},
		"a transitive key without tag": {"sts §5 (assumed)", tagged(claims{"k": "v"}, "other"), "InvalidIdentityToken", ""},
		"a source identity of AWS's":   {"sts §5", sourced("aws:me"), "InvalidIdentityToken", ""},
		"a short source identity":      {"sts §5", sourced("a"), "InvalidIdentityToken", ""},
	} {
		_, err := b.assume(row.claims, nil)
		wantRefusal(t, name+" ("+row.source+")", err, row.code, 400, row.message)
	}
	many := claims{}
	for i := range 51 {
		many[strings.Repeat("k", i+1)] = "v"
	}
	_, err := b.assume(tagged(many), nil)
	wantRefusal(t, "51 tags (sts §2)", err, "InvalidIdentityToken", 400, "50")
}

func TestSTSRefusesLimits(t *testing.T) {
	t.Parallel()
	b := newRoleBench(t, plainTrust, "")
	arns := func(n int, arn string) []types.PolicyDescriptorType {
		var all []types.PolicyDescriptorType
		for range n {
			all = append(all, types.PolicyDescriptorType{Arn: aws.String(arn)})
		}
		return all
	}
	const readOnly = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
	policyOf := func(size int) *string {
		const start, end = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"`, `"}}`
		return aws.String(start + "arn:aws:s3:::" + strings.Repeat("x", size-len(start)-len(end)-13) + end)
	}
	for name, row := range map[string]struct {
		source        string
		change        func(*webIdentityInput)
		code, message string
	}{
		"a long session name":       {"sts §1", func(in *webIdentityInput) { in.RoleSessionName = aws.String(strings.Repeat("a", 65)) }, "ValidationError", "less than or equal to 64"},
		"a pipe in the name":        {"sts §1", func(in *webIdentityInput) { in.RoleSessionName = aws.String("auth0|1") }, "ValidationError", `pattern: [\w+=,.@-]*`},
		"a short role ARN":          {"sts §1", func(in *webIdentityInput) { in.RoleArn = aws.String("role") }, "ValidationError", "greater than or equal to 20"},
		"a long token":              {"sts §1", func(in *webIdentityInput) { in.WebIdentityToken = aws.String(strings.Repeat("x", 20001)) }, "ValidationError", "webIdentityToken"},
		"899 seconds":               {"sts §1", func(in *webIdentityInput) { in.DurationSeconds = aws.Int32(899) }, "ValidationError", "greater than or equal to 900"},
		"43201 seconds":             {"sts §1", func(in *webIdentityInput) { in.DurationSeconds = aws.Int32(43201) }, "ValidationError", "less than or equal to 43200"},
		"beyond the role's maximum": {"sts §3", func(in *webIdentityInput) { in.DurationSeconds = aws.Int32(7201) }, "ValidationError", "exceeds the MaxSessionDuration"},
		"a token of 4097 bytes":     {"sts §1", func(in *webIdentityInput) { in.MinimumSessionTokenSize = aws.Int32(4097) }, "ValidationError", "less than or equal to 4096"},
		"a policy that is no JSON":  {"sts §3", func(in *webIdentityInput) { in.Policy = aws.String("{") }, "MalformedPolicyDocument", "JSON"},
		"a policy with a principal": {"sts §3", func(in *webIdentityInput) {
			in.Policy = aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}`)
		}, "MalformedPolicyDocument", "Syntax errors in policy"},
		"a policy without resource": {"sts §3", func(in *webIdentityInput) {
			in.Policy = aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*"}}`)
		}, "MalformedPolicyDocument", "Resource"},
		"a policy of 2049":            {"sts §1", func(in *webIdentityInput) { in.Policy = policyOf(2049) }, "ValidationError", "less than or equal to 2048"},
		"policies of more together":   {"sts §1, §3", func(in *webIdentityInput) { in.Policy, in.PolicyArns = policyOf(2040), arns(1, readOnly) }, "PackedPolicyTooLarge", ""},
		"eleven managed policies":     {"sts §1", func(in *webIdentityInput) { in.PolicyArns = arns(11, readOnly) }, "ValidationError", "less than or equal to 10"},
		"an unknown managed policy":   {"sts §1 (assumed)", func(in *webIdentityInput) { in.PolicyArns = arns(1, "arn:aws:iam::111122223333:policy/nobody") }, "ValidationError", "nobody"},
		"ProviderId with an ID token": {"sts §1", func(in *webIdentityInput) { in.ProviderId = aws.String("www.amazon.com") }, "InvalidIdentityToken", ""},
		"another ProviderId": {"sts §1", func(in *webIdentityInput) {
			in.ProviderId, in.WebIdentityToken = aws.String("idp.example.com"), aws.String("opaque")
		}, "InvalidIdentityToken", ""},
	} {
		_, err := b.assume(nil, row.change)
		wantRefusal(t, name+" ("+row.source+")", err, row.code, 400, row.message)
	}
	if _, err := b.assume(nil, func(in *webIdentityInput) { in.Policy, in.PolicyArns = policyOf(1000), arns(2, readOnly) }); err != nil {
		t.Errorf("policies within the limit: %v", err)
	}
}

// Providers without ID tokens.
func TestSTSAccessTokens(t *testing.T) {
	t.Parallel()
	b := newRoleBench(t, `{"Effect":"Allow","Principal":{"Federated":"graph.facebook.com"},"Action":"sts:AssumeRoleWithWebIdentity",
		"Condition":{"StringEquals":{"graph.facebook.com:app_id":"app"}}}`, "")
	b.sts.Inspectors[facebook] = func(token string) (app, user string, ok bool) {
		app, user, ok = strings.Cut(token, ":")
		return app, user, ok
	}
	with := func(provider, token string) func(*webIdentityInput) {
		return func(in *webIdentityInput) {
			in.ProviderId, in.WebIdentityToken = aws.String(provider), aws.String(token)
		}
	}
	_, err := b.assume(nil, with(facebook, "rejected"))
	wantRefusal(t, "sts §3", err, "IDPRejectedClaim", 403, "")
	_, err = b.assume(nil, with(facebook, "other:1234"))
	wantRefusal(t, "iam §1 app_id", err, "AccessDenied", 403, "")
	_, err = b.assume(nil, with(loginWithAmazon, "app:1234"))
	wantRefusal(t, "sts §3", err, "IDPCommunicationError", 400, "")
	session, err := b.assume(nil, with(facebook, "app:1234"))
	if err != nil {
		t.Fatal(err)
	}
	if session.claims.Lookup("graph.facebook.com:id") == nil || session.claims.Lookup("graph.facebook.com:app_id") != nil {
		t.Errorf("the session keeps %v, want id and not app_id (iam §1)", session.claims)
	}
}

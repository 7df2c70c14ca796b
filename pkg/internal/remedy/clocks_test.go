package remedy

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// AWS, the identity provider and this machine each have a clock. The advice names the one that is wrong.
func TestClocks(t *testing.T) {
	t.Parallel()
	const unfit, early, expired = "something new", "The token is not valid yet.", "Token expired: current date/time"
	const minute = time.Minute
	for _, tt := range []struct {
		name, code, message string
		aws, idp            time.Duration // ahead of the local clock
		pool                bool
		likely              string
	}{
		{"AWS behind", "InvalidIdentityToken", early, -10 * minute, 0, false, "AWS's clock is 10 min behind the identity provider's and the local clock"},
		{"AWS behind, another message", "InvalidIdentityToken", unfit, -10 * minute, 0, false, "AWS's clock is 10 min behind"},
		{"AWS a little behind", "InvalidIdentityToken", early, -2 * minute, 0, false, "AWS's clock is 2 min behind"},
		{"AWS a little behind, another message", "InvalidIdentityToken", unfit, -2 * minute, 0, false, "does not match"},
		{"AWS behind, another reason", "InvalidIdentityToken", "Incorrect token audience", -10 * minute, 0, false, "does not list this audience"},
		{"AWS behind, trust policy", "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", -10 * minute, 0, false, "trust policy"},
		{"IdP ahead", "InvalidIdentityToken", early, 0, 10 * minute, false, "the identity provider's clock is 10 min ahead of AWS's and the local clock"},
		{"all three", "InvalidIdentityToken", early, -10 * minute, 10 * minute, false, "three clocks differ"},
		{"no clock", "InvalidIdentityToken", unfit, 0, 0, false, "does not match"},
		{"AWS ahead", "ExpiredTokenException", expired, 2 * time.Hour, 0, false, "AWS's clock is 2 h ahead of the local clock"},
		{"expired", "ExpiredTokenException", expired, 0, -2 * time.Hour, false, "has expired"},
		{"MinIO behind", "InvalidParameterValue", "Token used before issued", -10 * time.Second, 0, false, "AWS's clock is 10 s behind"},
		{"MinIO's own reason", "InvalidParameterValue", "unable to verify signature", -10 * time.Second, 0, false, "does not accept this token"},
		{"Cognito behind", "NotAuthorizedException", "Invalid login token. x", -10 * minute, 0, true, "AWS's clock is 10 min behind"},
		{"Cognito ahead", "NotAuthorizedException", "Invalid login token. Token expired: 2 >= 1", 2 * time.Hour, 0, true, "AWS's clock is 2 h ahead"},
		{"Cognito's own reason", "NotAuthorizedException", "Token is not from a supported provider of this identity pool.", -10 * minute, 0, true, "does not list this issuer"},
	} {
		e := stsError(400, tt.code, tt.message)
		if tt.pool {
			e = cognitoError(400, tt.code, tt.message)
		}
		e.Here = time.Now()
		e.AWSTime = e.Here.Add(tt.aws)
		e.Claims.IssuedAt = e.Here.Add(tt.idp)
		e.Claims.Expiry = e.Claims.IssuedAt.Add(time.Hour)
		got := For(e, google, e.Here)
		if !strings.Contains(got.Likely, tt.likely) {
			t.Errorf("%s: likely %q, want %q", tt.name, got.Likely, tt.likely)
		}
		listed := strings.Contains(fmt.Sprint(got.Evidence), "{clocks local ")
		blamed := strings.Contains(got.Likely, "'s clock is ") || strings.Contains(got.Likely, "clocks differ")
		if listed != blamed {
			t.Errorf("%s: likely %q with evidence %v", tt.name, got.Likely, got.Evidence)
		}
		if all := fmt.Sprint(got); strings.Contains(all, "m=") || blamed && strings.Contains(all, "trust policy") {
			t.Errorf("%s: %s", tt.name, all)
		}
	}
}

// Without the time of AWS's response, only its message counts.
func TestClocksWithoutAWSTime(t *testing.T) {
	t.Parallel()
	for _, r := range []row{
		{stsError(400, "InvalidIdentityToken", "The token is not valid yet."), 5, "not valid yet by AWS's clock", "and AWS"},
		{stsError(400, "InvalidParameterValue", "Token used before issued"), 5, "not valid yet by AWS's clock", "and AWS"},
		{cognitoError(400, "NotAuthorizedException", "Invalid login token. Token is not valid yet."), 5, "not valid yet by AWS's clock", "and AWS"},
	} {
		check(t, r)
	}
}

package sandbox

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

// The claims of a token whose signature is valid.
func TestClaims(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	for claims, want := range map[string]struct {
		err      error
		audience string
	}{
		`{"sub":"s","aud":"a","iat":1800000000,"exp":1800000001}`:                  {nil, "a"},
		`{"sub":"s","aud":["a"],"iat":1800000000,"exp":1800000001}`:                {nil, "a"},
		`{"sub":"s","aud":["a","b"],"azp":"b","iat":1800000000,"exp":1800000001}`:  {nil, "b"},
		`{"sub":"s","aud":"a","azp":"b","iat":1800000000,"exp":1800000001}`:        {nil, "b"},
		`{"sub":"s","aud":["a","b"],"iat":1800000000,"exp":1800000001}`:            {errAudiences, ""},
		`{"aud":"a","iat":1800000000,"exp":1800000001}`:                            {missingClaimError("sub"), ""},
		`{"sub":"s","iat":1800000000,"exp":1800000001}`:                            {missingClaimError("aud"), ""},
		`{"sub":"s","aud":"a","exp":1800000001}`:                                   {missingClaimError("iat"), ""},
		`{"sub":"s","aud":"a","iat":1800000000}`:                                   {missingClaimError("exp"), ""},
		`{"sub":"s","aud":"a","iat":1800000299,"exp":1800000999}`:                  {nil, "a"},
		`{"sub":"s","aud":"a","iat":1800000301,"exp":1800000999}`:                  {errNotYet, ""},
		`{"sub":"s","aud":"a","iat":1800000000,"nbf":1800000301,"exp":1800000999}`: {errNotYet, ""},
		`{"sub":"s","aud":"a","iat":1700000000,"exp":1799999701}`:                  {nil, "a"},
		`{"sub":"s","aud":"a","iat":1700000000,"exp":1799999700}`:                  {errExpired, ""},
	} {
		var c claimsJSON
		if err := json.Unmarshal([]byte(claims), &c); err != nil {
			t.Fatal(err)
		}
		got, err := c.check(now, clockLeeway)
		if !errors.Is(err, want.err) || got.Audience != want.audience {
			t.Errorf("%s: audience %q, %v, want %q, %v", claims, got.Audience, err, want.audience, want.err)
		}
	}
}

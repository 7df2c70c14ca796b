package identity

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// jwt returns a compact JWT with the payload and an invalid signature.
func jwt(payload string) string {
	return "eyJhbGciOiJSUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2ln"
}

func TestParseToken(t *testing.T) {
	t.Parallel()
	raw := jwt(`{"iss":"https://idp","sub":"auth0|a","aud":["daypass","other"],"azp":"daypass",
		"exp":1795435200.75,"iat":1795431600,"nonce":"n","at_hash":"h","email":"a@b",
		"team":"photo","level":7,"ratio":1.5,"admin":true,"groups":["x"]}`)
	got, err := ParseToken(raw)
	if err != nil {
		t.Fatal(err)
	}
	c := got.Claims
	if got.Raw.Reveal() != raw || c.Issuer != "https://idp" || c.Subject != "auth0|a" ||
		!slices.Equal(c.Audience, []string{"daypass", "other"}) || c.AuthorizedParty != "daypass" ||
		c.Nonce != "n" || c.AccessTokenHash != "h" || c.Email != "a@b" {
		t.Errorf("claims %+v", c)
	}
	if want := time.Unix(1795435200, 0); !c.Expiry.Equal(want) {
		t.Errorf("expiry %v, want %v", c.Expiry, want)
	}
	for name, want := range map[string]string{"team": "photo", "level": "7", "ratio": "1.5", "admin": "true"} {
		if v, ok := c.Claim(name); !ok || v != want {
			t.Errorf("Claim(%q) = %q, %t; want %q", name, v, ok, want)
		}
	}
	for _, name := range []string{"groups", "absent"} {
		if v, ok := c.Claim(name); ok {
			t.Errorf("Claim(%q) = %q, want none", name, v)
		}
	}
}

func TestAudienceAsText(t *testing.T) {
	t.Parallel()
	got, err := ParseToken(jwt(`{"aud":"one"}`))
	if err != nil || !slices.Equal(got.Claims.Audience, []string{"one"}) {
		t.Errorf("audience %v, %v; want [one]", got.Claims.Audience, err)
	}
}

// An optional claim of the wrong type is ignored, and the other claims are read.
func TestOddOptionalClaims(t *testing.T) {
	t.Parallel()
	const required = `{"iss":"https://idp","sub":"s","aud":["a"],"exp":1795435200,"iat":1795431600`
	for _, odd := range []string{
		`"email":["a@b"]`, `"email":false`, `"email":null`, `"email":{"a":"b"}`, `"nonce":7`, `"azp":["a"]`, `"at_hash":{}`,
		`"nbf":"soon"`, `"nbf":[1]`, `"nbf":1e300`, `"big":1e400`, `"_claim_names":{"groups":""}`, `"_claim_sources":[]`,
		`"email_verified":"true"`, `"groups":{"a":[null]}`,
	} {
		got, err := ParseToken(jwt(required + "," + odd + "}"))
		if err != nil {
			t.Errorf("%s: %v", odd, err)
			continue
		}
		c := got.Claims
		if c.Email+c.Nonce+c.AuthorizedParty+c.AccessTokenHash != "" || !c.NotBefore.IsZero() {
			t.Errorf("%s: claims %+v, want the invalid one to be ignored", odd, c)
		}
		if c.Issuer != "https://idp" || c.Subject != "s" || c.Expiry.IsZero() || c.IssuedAt.IsZero() || c.CheckRequired() != nil {
			t.Errorf("%s: claims %+v, want the required ones", odd, c)
		}
	}
	if v, ok := tokenOf(t, `{"big":1e400}`).Claims.Claim("big"); ok {
		t.Errorf("Claim() = %q, want none", v)
	}
}

// The error names a required claim that is missing or has the wrong type.
func TestRequiredClaims(t *testing.T) {
	t.Parallel()
	good := map[string]string{"iss": `"https://idp"`, "sub": `"s"`, "aud": `"a"`, "exp": `2`, "iat": `1`}
	payload := func(change, value string) string {
		var members []string
		for name, v := range good {
			if name == change {
				v = value
			}
			if v != "" {
				members = append(members, `"`+name+`":`+v)
			}
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	for name := range good {
		for _, wrong := range []string{`{}`, `[1]`, `true`, `"1e3 s"`} {
			if wrong == `"1e3 s"` && (name == "iss" || name == "sub" || name == "aud") {
				continue // a string is valid here
			}
			_, err := ParseToken(jwt(payload(name, wrong)))
			if told, ok := errors.AsType[*ClaimError](err); !ok || told.Name != name || told.Want == "" || strings.Contains(err.Error(), "1e3") {
				t.Errorf("%s %s: %v, want a ClaimError that names it", name, wrong, err)
			}
		}
		for _, missing := range []string{"", "null"} {
			token, err := ParseToken(jwt(payload(name, missing)))
			if err != nil {
				t.Errorf("%s %q: %v", name, missing, err)
			}
			if told, ok := errors.AsType[*ClaimError](token.Claims.CheckRequired()); !ok || told.Name != name || told.Want != "" {
				t.Errorf("%s %q: CheckRequired() = %v, want it named", name, missing, token.Claims.CheckRequired())
			}
		}
	}
}

// ParseToken refuses what is not a token, and its error does not quote it.
func TestParseTokenRefuses(t *testing.T) {
	t.Parallel()
	const marker = "m4rker"
	for _, raw := range []string{
		"", marker, "a." + marker, "a." + marker + "!.c", "a.b.c." + marker, jwt(marker), jwt(`"` + marker + `"`),
		jwt("null"), jwt(`["` + marker + `"]`), jwt(`{"sub":{"x":"` + marker + `"}}`), jwt(`{"aud":[1]}`),
		jwt(`{"exp":"` + marker + `"}`), jwt(`{"exp":1e300}`), jwt(`{"iss":"` + strings.Repeat("x", maxTokenBytes) + `"}`),
	} {
		_, err := ParseToken(raw)
		if err == nil {
			t.Errorf("ParseToken(%.40q) passed", raw)
			continue
		}
		if strings.Contains(err.Error(), marker) {
			t.Errorf("the error quotes the token: %v", err)
		}
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add(jwt(`{"iss":"https://idp","sub":"s","aud":["a"],"exp":1,"iat":-5}`))
	f.Add("..")
	f.Add(jwt(`{"exp":1e20,"aud":{}}`))
	f.Fuzz(func(t *testing.T, raw string) {
		token, err := ParseToken(raw)
		if err != nil {
			if len(raw) > 12 && strings.Contains(err.Error(), raw) {
				t.Errorf("the error quotes the token: %v", err)
			}
			return
		}
		if token.Raw.Reveal() != raw {
			t.Error("the token was changed")
		}
		if _, err := json.Marshal(token.Claims.Expiry); err != nil {
			t.Errorf("an expiry that cannot be written: %v", err)
		}
	})
}

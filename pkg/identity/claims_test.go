package identity

import (
	"encoding/base64"
	"fmt"
	"slices"
	"testing"
)

func tokenOf(t *testing.T, payload string) Token {
	t.Helper()
	token, err := ParseToken("e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".sig")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestSessionTags(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string][]SessionTag{
		`{}`: nil,
		`{"https://aws.amazon.com/tags":{"principal_tags":{"team":["photo"],"cost":["1"]},"transitive_tag_keys":["team"]}}`:      {{"cost", "1", false}, {"team", "photo", true}},
		`{"https://aws.amazon.com/tags/principal_tags/team":"photo","https://aws.amazon.com/tags/transitive_tag_keys":["team"]}`: {{"team", "photo", true}},
		`{"https://aws.amazon.com/tags":{"principal_tags":{"a":["x"]}},"https://aws.amazon.com/tags/principal_tags/b":["y"]}`:    {{"a", "x", false}, {"b", "y", false}},
		`{"https://aws.amazon.com/tags":{"principal_tags":{"two":["x","y"],"none":[],"number":[1],"null":null}}}`:                nil,
		`{"https://aws.amazon.com/tags":"team"}`: nil, `{"https://aws.amazon.com/tags":{"principal_tags":[]}}`: nil,
	} {
		if got := tokenOf(t, payload).Claims.SessionTags(); !slices.Equal(got, want) {
			t.Errorf("%s: got %+v, want %+v", payload, got, want)
		}
	}
}

func TestAllClaims(t *testing.T) {
	t.Parallel()
	all := tokenOf(t, `{"sub":"a","id":12345678901234567890,"groups":["x"]}`).AllClaims()
	if got, want := fmt.Sprint(all), "map[groups:[x] id:12345678901234567890 sub:a]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if all := (Token{}).AllClaims(); all != nil {
		t.Errorf("no token has the claims %v", all)
	}
}

package cli

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/daypass/daypass/pkg/identity"
)

// Session tags and claims are sorted by name. Claims that are not strings are shown as JSON.
func TestWhoamiLines(t *testing.T) {
	t.Parallel()
	d := whoamiDocument{signedInAs: signedInAs{Email: "alice@example.com"}, Verified: true, Claims: map[string]any{
		"groups": []any{"a", "b"}, "exp": json.Number("1795432110"), "email": "alice@example.com"}}
	d.tag([]identity.SessionTag{{Key: "team", Value: "photo", Transitive: true}, {Key: "cost", Value: "12"}})
	want := []pair{{"tag", "cost=12"}, {"tag", "team=photo (transitive)"}, {"verified", "AWS has just named the same principal"},
		{"claim", "email = alice@example.com"}, {"claim", "exp = 1795432110"}, {"claim", `groups = ["a","b"]`}}
	lines := d.lines(testApp().Now())
	if got := lines[len(lines)-len(want):]; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if lines[0] != (pair{"person", "alice@example.com"}) {
		t.Errorf("the first line is %q", lines[0])
	}
}

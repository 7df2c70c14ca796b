package credential

import (
	"strings"
	"testing"

	"github.com/daypass/daypass/pkg/identity"
)

func parse(t testing.TB, text string) identity.Template {
	t.Helper()
	template, err := identity.ParseTemplate(text, func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	return template
}

func TestPrefix(t *testing.T) {
	t.Parallel()
	tests := []struct{ template, subject, want string }{
		{"uploads/{sub}/", "auth0|6fa4", "uploads/auth0|6fa4/"},
		{"{sub}/", "alice", "alice/"},
		{"u/{identity_id}/{userid}/", "", "u/us-east-1:11111111-2222-3333-4444-555555555555/AROAEXAMPLE:alice@example.com/"},
		{"a{sub}b/", ".x", "a.xb/"},
		{"u/{sub}/", "abc+d==", "u/abc+d==/"},
		{"u/{sub}/", "Ünïcode ~%", "u/Ünïcode ~%/"},
		{"shared/", "", "shared/"},
	}
	for _, tt := range tests {
		c := sample()
		c.Subject = tt.subject
		if got, err := c.Prefix(parse(t, tt.template)); got != tt.want || err != nil {
			t.Errorf("%q with subject %q = %q, %v, want %q", tt.template, tt.subject, got, err, tt.want)
		}
	}
}

func TestPrefixRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ template, subject, reason string }{
		{"u/{sub}/", "", "{sub}"},
		{"u/{tag:team}/", "alice", "{tag:team}"},
		{"u/{nonsense}/", "alice", "{nonsense}"},
		{"u/{sub}/", "a*", "{sub} has a *"},
		{"u/{sub}/", "a?b", "{sub} has a *"},
		{"u/{sub}/", "${aws:userid}", "{sub} has a $"},
		{"u/{sub}/", "a\x00", "{sub} has a control"},
		{"u/{sub}/", "a\n", "{sub} has a control"},
		{"u/{sub}/", "a\x7f", "{sub} has a control"},
		{"u/{sub}/", "a\u0085", "{sub} has a control"},
		{"u/{sub}/", "a\u2028", "{sub} has a control"},
		{"u/{sub}/", "a\u2029", "{sub} has a control"},
		{"u/{sub}/", "a\xff", "{sub} has a control"},
		{"u/{sub}/", ".", "{sub} is ."},
		{"u/x{sub}/", "..", "{sub} is ."},
		{"u/{sub}/", "bob/x", `{sub} has a / or \`},
		{"u/{sub}/", `bob\x`, `{sub} has a / or \`},
		{"u/{sub}/", "ab/c+d==", `{sub} has a / or \`},
		{"u/.{sub}/", "./x", `{sub} has a / or \`},
		{"u/{sub}/", "../bob", `{sub} has a / or \`},
		{"u/{sub}/", "/a", `{sub} has a / or \`},
		{"u/{sub}/", "a/", `{sub} has a / or \`},
		{"u/./{sub}/", "a", `segment "."`},
		{"u//{sub}/", "a", `segment ""`},
		{"u/{sub}", "alice", "it does not end in /"},
		{"", "alice", "it does not end in /"},
		{"/", "alice", `segment ""`},
		{"/{sub}/", "alice", `segment ""`},
		{"u\n/{sub}/", "alice", "control"},
	}
	for _, tt := range tests {
		c := sample()
		c.Subject = tt.subject
		got, err := c.Prefix(parse(t, tt.template))
		if err == nil || got != "" || !strings.Contains(err.Error(), tt.reason) {
			t.Errorf("%q with subject %q = %q, %v, want the reason %q", tt.template, tt.subject, got, err, tt.reason)
		}
	}
}

// FuzzPrefix checks that the subject is never altered, that no prefix leaves the template's directory, and that it is one
// level below it.
func FuzzPrefix(f *testing.F) {
	for _, subject := range []string{"alice", "../bob", "a/../../b", ".", "a//b", "*", "x/"} {
		f.Add(subject)
	}
	template := parse(f, "uploads/{sub}/")
	f.Fuzz(func(t *testing.T, subject string) {
		got, err := Credential{Subject: subject}.Prefix(template)
		if err != nil {
			return
		}
		if got != "uploads/"+subject+"/" || strings.Contains("/"+got, "/../") || strings.ContainsAny(got, `*?$\`) || strings.Count(got, "/") != 2 {
			t.Errorf("subject %q became the prefix %q", subject, got)
		}
	})
}

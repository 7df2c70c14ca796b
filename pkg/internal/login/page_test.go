package login

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		end  outcome
		want []string
	}{
		{"success", outcome{user: "alice@example.com", profile: "photos"},
			[]string{`<html lang="en">`, "<title>Signed in as alice@example.com – daypass</title>", "<h1>Signed in as alice@example.com</h1>",
				"<p>Profile photos</p>", "<p>The command in the terminal continues.</p>", "<p>You can close this tab.</p>", `role="status"`}},
		{"failure", outcome{host: "idp.example.com", err: errors.New("the identity provider says server_error")},
			[]string{"<h1>You are not signed in</h1>", "<p>the identity provider says server_error</p>", "<p>Go back to the terminal.</p>"}},
		{"denied without a description", outcome{host: "idp.example.com", err: &IdPError{Code: "access_denied"}},
			[]string{"<p>idp.example.com denied the sign-in</p>"}},
		{"denied", outcome{host: "idp.example.com", err: &IdPError{Code: "access_denied", Description: "The person pressed Cancel."}},
			[]string{"<h1>You are not signed in</h1>", "<p>idp.example.com denied the sign-in: The person pressed Cancel.</p>", "<p>Go back to the terminal.</p>"}},
		{"hostile", outcome{user: `<script>x</script>"{{lines}}`, profile: "<b>&amp;"},
			[]string{"Signed in as &lt;script&gt;x&lt;/script&gt;&#34;{{lines}}", "Profile &lt;b&gt;&amp;amp;"}},
	} {
		w := httptest.NewRecorder()
		write(w, 200, test.end.page())
		body := w.Body.String()
		wantText(t, test.name, body, test.want...)
		for _, not := range []string{"<script", "http://", "https://", "src="} {
			if strings.Contains(body, not) {
				t.Errorf("%s: the page has %q", test.name, not)
			}
		}
		_, rest, _ := strings.Cut(body, "<style>")
		style, _, _ := strings.Cut(rest, "</style>")
		sum := sha256.Sum256([]byte(style))
		wantText(t, "CSP", w.Header().Get("Content-Security-Policy"), "default-src 'none'",
			"style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'", "frame-ancestors 'none'")
	}
}

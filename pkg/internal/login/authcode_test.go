package login

import (
	"net/url"
	"testing"

	"github.com/daypass/daypass/pkg/sandbox"
)

// The parts of the flow work without a page server: the authorization URL, the check of the redirect's query, and the
// exchange of the code. A pasted URL is checked like a callback.
func TestAuthCodeWithoutPageServer(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		change func(url.Values)
		knob   func(*sandbox.Knobs)
		parses bool
		want   string // in the error of complete
	}{
		{"good", func(url.Values) {}, nil, true, ""},
		{"wrong state", func(v url.Values) { v.Set("state", "x") }, nil, false, ""},
		{"no state", func(v url.Values) { v.Del("state") }, nil, false, ""},
		{"two codes", func(v url.Values) { v.Add("code", "x") }, nil, false, ""},
		{"code and error", func(v url.Values) { v.Set("error", "x") }, nil, false, ""},
		{"wrong iss", func(v url.Values) { v.Set("iss", "https://mallory.example.com") }, nil, true, "mallory"},
		{"no iss", func(v url.Values) { v.Del("iss") }, nil, true, "RFC 9207"},
		{"wrong code", func(v url.Values) { v.Set("code", "x") }, nil, true, "invalid_grant"},
		{"wrong nonce", func(url.Values) {}, func(k *sandbox.Knobs) { k.WrongNonce = true }, true, "nonce"},
	} {
		fake := newIdP(t, row.knob)
		l, _ := newLogin(t, fake.URL())
		idp, m, done, err := l.discovered(limited(t))
		if err != nil {
			t.Fatal(err)
		}
		defer done()
		idp.prefetchKeys(t.Context())
		request := newAuthRequest("http://127.0.0.1:8400/callback")
		redirect, _ := visit(t, browser(t), "GET", l.authURL(m, request), nil)
		back, err := redirect.Location()
		if err != nil {
			t.Fatalf("%s: the IdP answers %d, %v", row.name, redirect.StatusCode, err)
		}
		query := back.Query()
		row.change(query)
		response, ok := request.parseResponse(query.Encode())
		if ok != row.parses {
			t.Errorf("%s: accepted %t, want %t", row.name, ok, row.parses)
		}
		if !ok {
			continue
		}
		grant, err := idp.complete(limited(t), request, response)
		switch {
		case row.want == "" && (err != nil || grant.ID.IsZero() || grant.Refresh.IsZero()):
			t.Errorf("%s: %v", row.name, err)
		case row.want != "" && (err == nil || !grant.ID.IsZero()):
			t.Errorf("%s: %v, want an error with %q", row.name, err, row.want)
		case row.want != "":
			wantText(t, row.name, err.Error(), row.want)
		}
	}
}

package weburl

import (
	"net/url"
	"testing"
)

func TestIsSecure(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]bool{
		"https://a.example": true, "http://localhost": true, "http://LOCALHOST:1/x": true, "http://127.0.0.1:80": true, "http://127.9.9.9": true,
		"http://[::1]:80/": true, "http://a.example": false, "http://127.0.0.1.example": false, "http://localhost.example": false,
		"http://10.0.0.1": false, "http://[::2]": false, "http://": false, "file:///etc/passwd": false, "a.example": false,
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := IsSecure(u); got != want {
			t.Errorf("IsSecure(%s) = %t, want %t", raw, got, want)
		}
	}
}

func TestHost(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://a.example/x?code=1": "a.example", "http://127.0.0.1:8400": "127.0.0.1:8400", "https://user@a.example": "a.example",
		"": "none", "a.example": "none", "https://": "none", "https://a b": "none", "%": "none",
	} {
		if got := Host(raw, "none"); got != want {
			t.Errorf("Host(%q) = %q, want %q", raw, got, want)
		}
	}
}

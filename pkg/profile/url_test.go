package profile

import "testing"

func TestSecureURL(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"https://a.example", "https://a.example:8443/path/", "http://localhost", "http://LOCALHOST:1/x",
		"http://127.0.0.1:0", "http://127.9.9.9", "http://[::1]:80/"} {
		if err := checkSecureURL(good); err != nil {
			t.Errorf("checkSecureURL(%q): %v", good, err)
		}
	}
	for _, bad := range []string{"", "a.example", "//a.example", "https://", "https:a.example", "http://a.example", "http://127.0.0.1.example",
		"http://localhost.example", "http://10.0.0.1", "http://[::2]", "https://a.example:", "https://a.example:x", "https://a.example:65536",
		"https://a.example?", "https://a.example/#x", "https://u@a.example", "file:///etc/passwd", "https://a b", "https://:443"} {
		if err := checkSecureURL(bad); err == nil {
			t.Errorf("checkSecureURL(%q) accepted it", bad)
		}
	}
}

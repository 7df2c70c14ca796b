package sandbox

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Over TLS everything works for a client that trusts the bundle, and for no other.
func TestTLS(t *testing.T) {
	t.Parallel()
	s := startWith(t, Options{TLS: true})
	if strings.Contains(string(s.CABundle()), "KEY") || !strings.Contains(string(s.CABundle()), "BEGIN CERTIFICATE") {
		t.Errorf("CABundle() = %s, want only a certificate", s.CABundle())
	}
	for name, server := range s.servers() {
		u, err := url.Parse(server.URL())
		if err != nil || u.Scheme != "https" {
			t.Errorf("%s: URL() = %s, want https", name, server.URL())
			continue
		}
		for _, host := range []string{"127.0.0.1", "localhost"} {
			resp, err := s.Client().Get("https://" + net.JoinHostPort(host, u.Port()) + "/")
			if err != nil {
				t.Errorf("%s as %s: %v", name, host, err)
				continue
			}
			resp.Body.Close()
		}
		if resp, err := http.Get(server.URL()); err == nil {
			resp.Body.Close()
			t.Errorf("%s: a client without the bundle accepted the certificate", name)
		}
	}
	if _, status, err := Browse(t.Context(), s.Client(), s.IdP.URL()+"/.well-known/openid-configuration"); err != nil || status != http.StatusOK {
		t.Errorf("discovery: status %d, %v", status, err)
	}
}

// The authority's certificate is valid for no other host, even with its key.
func TestAuthorityIsConstrained(t *testing.T) {
	t.Parallel()
	a, err := newAuthority(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	config, err := a.serverConfig(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if len(config.Certificates) != 1 || a.certificate.NotAfter.After(time.Now().Add(25*time.Hour)) {
		t.Errorf("the authority is valid until %s, want a day", a.certificate.NotAfter)
	}
	if !a.certificate.PermittedDNSDomainsCritical || len(a.certificate.PermittedIPRanges) != 2 {
		t.Errorf("the authority is not restricted to loopback: %+v", a.certificate.PermittedIPRanges)
	}
}

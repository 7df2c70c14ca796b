package httpclient

import (
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// readFile reads a file of at most limit bytes.
func readFile(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, errors.New("longer than the limit")
	}
	return os.ReadFile(name)
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A server is trusted only with the CA bundle that has its certificate.
func TestCABundle(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // hides the failed handshakes
	server.StartTLS()
	t.Cleanup(server.Close)
	bundle := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	endless := writeFile(t, "ca.pem", "")
	if err := os.Truncate(endless, maxBundleBytes+1); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, file, want string }{
		{"the right bundle", writeFile(t, "ca.pem", string(bundle)), ""},
		{"no bundle", "", "certificate"},
		{"no file", "/nonexistent/ca.pem", "reading the CA bundle"},
		{"too long", endless, "longer than the limit"},
		{"no certificate", writeFile(t, "ca.pem", "nothing"), "it contains no certificate"},
	} {
		client := New(Options{CABundle: row.file, ReadFile: readFile})
		response, err := client.Get(server.URL)
		switch {
		case err == nil:
			response.Body.Close()
			if row.want != "" {
				t.Errorf("%s: trusted, want an error with %q", row.name, row.want)
			}
		case row.want == "" || !strings.Contains(err.Error(), row.want):
			t.Errorf("%s: %v, want %q", row.name, err, row.want)
		}
	}
}

// Reading an endless response fails: the SDK would read an error response of any length into memory.
func TestEndlessResponse(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for chunk := make([]byte, 1<<16); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	response, err := New(Options{}).Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	if err == nil || !strings.Contains(err.Error(), "larger than") || n > maxResponseBytes {
		t.Errorf("%d bytes were read, and then %v", n, err)
	}
}

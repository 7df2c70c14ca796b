package daypass

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/daypass/daypass/pkg/profile"
)

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A private CA's bundle makes its servers trusted; without it, or with another, they are not.
func TestCABundle(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the refused handshakes
	server.StartTLS()
	t.Cleanup(server.Close)
	bundle := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	endless := writeFile(t, "ca.pem", "")
	if err := os.Truncate(endless, maxBundleBytes+1); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, file, want string }{
		{"its own", writeFile(t, "ca.pem", string(bundle)), ""},
		{"none", "", "certificate"},
		{"no file", "/nonexistent/ca.pem", "reading the CA bundle"},
		{"far too long", endless, "longer than the limit"},
		{"no certificate", writeFile(t, "ca.pem", "nothing"), "there is no certificate in it"},
	} {
		client := httpClient(profile.Profile{CABundle: row.file}, nil, nil)
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

// An answer without end is given up, for the SDK would read an error of any length into memory.
func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for chunk := make([]byte, 1<<16); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	response, err := httpClient(profile.Profile{}, nil, nil).Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	if err == nil || !strings.Contains(err.Error(), "longer than") || n > maxAnswerBytes {
		t.Errorf("%d bytes were read, and then %v", n, err)
	}
}

// A CA bundle that another user can change is used, with a warning.
func TestExposedCABundle(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("modes are POSIX's")
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	file := writeFile(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	for mode, want := range map[os.FileMode]int{0o644: 0, 0o666: 1} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		var warnings []error
		client := httpClient(profile.Profile{CABundle: file}, nil, func(err error) { warnings = append(warnings, err) })
		for range 2 {
			response, err := client.Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
		}
		if len(warnings) != want {
			t.Errorf("mode %04o: warnings %v, want %d", mode, warnings, want)
		}
	}
}

package daypass

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"testing"

	"github.com/daypass/daypass/pkg/profile"
)

// A CA bundle that another user can change is used, with a warning.
func TestExposedCABundle(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("file modes exist on Unix only")
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

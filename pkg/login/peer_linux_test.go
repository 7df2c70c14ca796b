package login

import (
	"net/http"
	"os"
	"testing"
)

// The kernel's table names this process as the owner of its own connection, in both families.
func TestOwnConnection(t *testing.T) {
	t.Parallel()
	for _, uri := range []string{"http://127.0.0.1/callback", "http://[::1]/callback"} {
		p, err := listen(t.Context(), []string{uri})
		if err != nil {
			t.Logf("no %s here: %v", uri, err)
			continue
		}
		a := newAttempt(p, func(Event) {})
		answers := make(chan [2]bool, 1)
		a.isOthers = func(r *http.Request) bool {
			self := os.Geteuid() + 1 // never root, whom nothing is refused
			answers <- [2]bool{fromOther(r, self, connections), isOthers(r)}
			return true
		}
		a.serve()
		t.Cleanup(a.close)
		visit(t, browser(t), "GET", p.startURL(), nil)
		want := [2]bool{os.Geteuid() != 0, false} // root's connection is let in everywhere
		if got := <-answers; got != want {
			t.Errorf("%s: from another than (somebody else, us): %v, want %v", uri, got, want)
		}
	}
}

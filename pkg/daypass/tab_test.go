package daypass

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/sandbox"
)

// The browser's tab shows the result of the exchange, or that AWS is slow.
func TestTabShowsExchangeResult(t *testing.T) {
	t.Parallel()
	noName := sandbox.Fault{Code: "Unasked"} // the session name has no value, so that STS is not asked
	for _, row := range []struct {
		fault  sandbox.Fault
		want   string
		failed bool
	}{
		{sandbox.Fault{}, "Signed in as alice@example.com", false},
		{sandbox.Fault{Code: "AccessDenied", Status: 403}, "Signed in, but AWS refused: see the terminal", true},
		{noName, "Signed in, but there are no AWS credentials: see the terminal", true},
		{sandbox.Fault{Delay: 3 * time.Second}, "Signed in at 127.0.0.1:", false},
	} {
		t.Run(row.want, func(t *testing.T) {
			t.Parallel()
			cloud := startSandbox(t)
			cloud.STS.Break(row.fault)
			p := profileOf(t, cloud)
			p.Agent = false
			if row.fault == noName {
				var err error
				if p.Role.SessionName, err = identity.ParseTemplate("{claim:none}", identity.IsSessionPlaceholder); err != nil {
					t.Fatal(err)
				}
			}
			o := options(t)
			pages := make(chan string, 1)
			o.OpenBrowser = func(url string) error {
				page, _, err := sandbox.Browse(context.Background(), nil, url)
				pages <- page
				return err
			}
			b, err := Open(p, o)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = b.SignIn(t.Context()); (err != nil) != row.failed {
				t.Errorf("signing in: %v", err)
			}
			b.Close()
			if page := <-pages; !strings.Contains(page, "<h1>"+row.want) {
				t.Errorf("the page is %q, want %q in it", page, row.want)
			}
		})
	}
}
